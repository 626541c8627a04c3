"""The guide's course: each frame's guidance from the one before, and when to release the shutter.

Pure.
"""

from dataclasses import replace

from kiosk.pipeline.assessment import Assessment, RuleResult
from kiosk.pipeline.judge.groups import group_rules, is_open
from kiosk.visit.events import Head
from kiosk.visit.guidance import HOLD_AND_COUNT, NEVER, SIT, Guidance, Terms
from kiosk.visit.instruction import Instruction, Saying
from kiosk.visit.lamp_work import NO_WORK, LampWork
from kiosk.visit.telling import count_time_told, find_noticed, may_change, notice_mended, tell
from kiosk.visit.tempo import (
    BLINK,
    CALM,
    HIDDEN,
    INSIST,
    MENDED_ENOUGH,
    MOST_SETTLED,
    OVERDUE,
    SETTLED,
    SLIP,
    STERNER,
    STERNER_LEAST,
    STERNER_STEP,
    STRIVE,
    UNSEEN,
    VANISHED,
)


def shows_nobody(assessment: Assessment) -> bool:
    """Whether a frame shows no face at all, not even one that is too hidden to be measured."""
    faces = next((rule.value for rule in assessment.rules if rule.id == "one_face"), None)
    return lacks_face(assessment) and not faces


def lacks_face(assessment: Assessment) -> bool:
    """Whether no face could be measured in a frame."""
    return all(rule.value is None for rule in assessment.rules if rule.id == "face_size")


def follow(
    guidance: Guidance,
    assessment: Assessment,
    at: float,
    head: Head | None,
    terms: Terms,
    lamps: LampWork = NO_WORK,
) -> tuple[Guidance, bool]:
    """The guidance after a frame judged at `at` s, and whether the shutter is to be released."""
    timed = count_time_told(guidance, at)
    seen = replace(timed, assessment=assessment, head=head, judged_at=at, lamps=lamps)
    if seen.saying_since is None:
        seen = replace(seen, saying_since=at)
    if lacks_face(assessment):
        return _await(seen, assessment, at), False
    seen = replace(
        seen, faceless_since=None, hidden=None, began=at if seen.began is None else seen.began
    )
    seen = _bound_sterner(seen, assessment)
    broken = _find_broken(seen, assessment, at, terms)
    since = {rule.id: guidance.broken_since.get(rule.id, at) for rule in broken}
    seen = notice_mended(replace(seen, broken_since=since), at)
    fine = not broken and not _has_open(assessment, terms)
    seen = _note_fine(seen, at) if fine else _note_lapse(seen, at)
    if seen.held_since is not None and not terms.waiting:
        return _hold(seen, seen.held_since, broken, at, terms)
    seen = _show_groups(seen, broken, at, terms)
    if _has_settled(seen, at) and not terms.waiting and may_change(seen, at, terms):
        holding = replace(seen, held_since=at, held_once=True)
        return holding.say(Saying("hold"), at), False
    return tell(seen.let_go() if seen.praising else seen, broken, at, terms), False


def _await(guidance: Guidance, assessment: Assessment, at: float) -> Guidance:
    """No face is found: in a while nothing that was found counts any more.

    Who is seen without a face to measure hides it; and so may who has yet to be seen.
    """
    since = at if guidance.faceless_since is None else guidance.faceless_since
    hidden = _note_hidden(guidance.hidden, assessment, at)
    faceless = _note_lapse(replace(guidance, faceless_since=since, hidden=hidden), at)
    if guidance.began is not None and at - since < VANISHED:
        return faceless
    waiting = replace(faceless.let_go(), broken_since=NEVER, stuck_on=None)
    if hidden is None:
        waiting = waiting.insist_anew()  # but a face that is never measured is offered help
    hides = at - since >= UNSEEN if hidden is None else at - hidden[0] >= HIDDEN
    gone = hidden is None and guidance.began is not None
    if not gone and (hides or guidance.saying.name == "show_face"):
        return waiting.say(Saying("show_face"), at)
    if guidance.began is not None:
        return waiting.say(Saying("come_back"), at)
    return waiting if guidance.saying.name == "again" else waiting.say(SIT, at)


def _note_hidden(
    hidden: tuple[float, float] | None, assessment: Assessment, at: float
) -> tuple[float, float] | None:
    """Note from when until when a face is seen that cannot be measured; a detector misses it in a
    frame or two."""
    if not shows_nobody(assessment):
        return (at if hidden is None else hidden[0]), at
    return None if hidden is None or at - hidden[1] > VANISHED else hidden


def _note_fine(guidance: Guidance, at: float) -> Guidance:
    fine_since = at if guidance.fine_since is None else guidance.fine_since
    good_since = at if guidance.good_since is None else guidance.good_since
    return replace(guidance, fine_since=fine_since, lapsed_since=None, good_since=good_since)


def _note_lapse(guidance: Guidance, at: float) -> Guidance:
    since = at if guidance.lapsed_since is None else guidance.lapsed_since
    good_since = guidance.good_since if at - since <= BLINK else None
    return replace(guidance, fine_since=None, lapsed_since=since, good_since=good_since)


def _find_broken(
    guidance: Guidance, assessment: Assessment, at: float, terms: Terms
) -> list[RuleResult]:
    """The rules that were judged and do not hold as well as is asked for now."""
    guided = 0.0 if guidance.began is None else at - guidance.began
    strove = guided >= STRIVE

    def fails(rule: RuleResult) -> bool:
        often = guidance.mended.get(rule.id, 0) >= MENDED_ENOUGH
        insisted = rule.id in terms.insisted and (rule.who == "student" or guided < INSIST)
        lenient = (strove or guidance.held_once or often) and not insisted
        if not lenient and _lies_outside(guidance, rule):
            return True
        return rule.ok is False if lenient else rule.good is False

    return [
        rule
        for rule in assessment.rules
        if rule.binds and rule.id not in terms.excused and fails(rule)
    ]


def _bound_sterner(guidance: Guidance, assessment: Assessment) -> Guidance:
    """Note, once, how far off its goal's middle a measure may lie after a shot that failed because
    of it: by less than it lies now.
    """
    sterner = guidance.sterner
    if sterner is None or guidance.sterner_bound is not None:
        return guidance
    off = next(
        (_find_off(sterner, rule) for rule in assessment.rules if rule.id == sterner.rule), None
    )
    if off is None:
        return guidance
    return replace(guidance, sterner_bound=max(min(STERNER, off - STERNER_STEP), STERNER_LEAST))


def _lies_outside(guidance: Guidance, rule: RuleResult) -> bool:
    """Whether a rule's value lies too far to the side by which the last shot failed."""
    sterner, bound = guidance.sterner, guidance.sterner_bound
    if sterner is None or bound is None or rule.id != sterner.rule:
        return False
    off = _find_off(sterner, rule)
    return off is not None and off > bound


def _find_off(sterner: Instruction, rule: RuleResult) -> float | None:
    """How far a value lies off its goal's middle, as a share of the goal's half, to the side by
    which the last shot failed; or to either, of a goal about 0: whoever goes too far the other way
    gains nothing.
    """
    if rule.value is None or rule.goal is None:
        return None
    middle, half = (rule.goal[0] + rule.goal[1]) / 2, (rule.goal[1] - rule.goal[0]) / 2
    if half == 0:
        return None  # there is nothing beyond it
    off = rule.value - middle if sterner.direction == "high" else middle - rule.value
    return (abs(off) if middle == 0 else off) / half


def _has_open(assessment: Assessment, terms: Terms) -> bool:
    """Whether something was not judged yet that a photo needs, or that this booth can judge."""
    needed = (rule for rule in assessment.rules if rule.binds and rule.id not in terms.excused)
    return not assessment.complete or any(is_open(rule, assessment) for rule in needed)


def _show_groups(guidance: Guidance, broken: list[RuleResult], at: float, terms: Terms) -> Guidance:
    noticed = find_noticed(guidance, broken, at, terms)
    groups = group_rules(
        assessment=guidance.assessment or Assessment(()),
        broken={rule.id for rule in broken},
        noticed={rule.id for rule in noticed},
        excused=terms.excused,
        before=guidance.groups,
    )
    return replace(guidance, groups=groups)


def _has_settled(guidance: Guidance, at: float) -> bool:
    """Whether all is good, and has been for long enough to be praised."""
    long_enough = min(SETTLED * 4**guidance.broken_praises, MOST_SETTLED)
    since = None if guidance.fine_since is None else guidance.good_since
    return since is not None and at - since >= long_enough


def _hold(
    guidance: Guidance, since: float, broken: list[RuleResult], at: float, terms: Terms
) -> tuple[Guidance, bool]:
    """Go on with the hold for as long as what fails comes right again."""
    lapsed, fine = guidance.lapsed_since, guidance.fine_since
    overdue = at - since > HOLD_AND_COUNT + OVERDUE
    again = guidance.broken_praises + 1
    if overdue or (lapsed is not None and at - lapsed > SLIP * again):
        lost = replace(guidance.let_go(), broken_praises=again, praise_lost_at=at)
        return tell(lost, broken, at, terms), False
    if at - since >= HOLD_AND_COUNT and fine is not None and at - fine >= CALM:
        return guidance, True
    counting = guidance.count(at) is not None
    return guidance.say(Saying("count" if counting else "hold"), at), False

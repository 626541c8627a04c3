"""What the student is told at a frame: one thing, once it is sure, and for as long as it takes to
read. Pure.
"""

import math
from collections.abc import Mapping
from dataclasses import replace

from kiosk.pipeline.assessment import RuleResult
from kiosk.pipeline.judge.rules import find_rule
from kiosk.visit.guidance import UNTOLD, Guidance, Terms
from kiosk.visit.instruction import Instruction, Saying, SayingName
from kiosk.visit.lamp_work import Work
from kiosk.visit.tempo import (
    EYES_NOTICED,
    LAMPS_SHOWN,
    LAMPS_TRY,
    MENDED,
    MOST_NOTICED,
    NOTICED,
    READING,
    RECOVER,
    SEEN,
    SLOWER,
    STILL_STUCK,
    SURE,
)

EYES, GAZE = "eyes_open", "gaze"

WORKS: Mapping[Work, SayingName] = {
    "light": "lamps",
    "glasses": "lamps_glasses",
    "skin": "lamps_skin",
}
"""How what the lamps do is said."""

SHOWN: Mapping[SayingName, float] = {
    "mend": READING,
    "again": READING,
    "mended": MENDED,
    **dict.fromkeys(WORKS.values(), LAMPS_SHOWN),
}
"""Seconds for which what is said stays, so that it can be read."""


def tell(guidance: Guidance, broken: list[RuleResult], at: float, terms: Terms) -> Guidance:
    """Change what is said only once it could be read; what is followed is ticked off.

    `broken` are the rules that do not hold in this frame, in the order in which they are told.
    """
    told = guidance.saying.instruction if guidance.saying.name == "mend" else None
    if told is not None and _is_mended(guidance, told, at, terms):
        return _count_mended(guidance, told).say(Saying("mended", told), at)
    excused = told is not None and bool(_rules_of(told) & terms.excused)
    # What the lamps have taken up anew is not asked of the student meanwhile.
    taken_up = told is not None and bool(_rules_of(told) & guidance.lamps.sees_to)
    if not excused:
        # What has just come right is ticked off in a moment, should it stay so.
        ticking = told is not None and _seems_mended(guidance, told)
        if ticking or not may_change(guidance, at, terms):
            return guidance
    chosen = _choose(guidance, broken, at, terms)
    done = told is not None and not excused and not taken_up
    if told is not None and chosen.name != "mend" and done and _is_judged(guidance, told):
        if at - guidance.last_broken < SURE:
            return guidance  # it wavers
        guidance = _count_mended(guidance, told)
    return _say(guidance, chosen, at)


def may_change(guidance: Guidance, at: float, terms: Terms) -> bool:
    """Whether what is said could be read by now."""
    seconds = SHOWN.get(guidance.saying.name, 0.0)
    since = at if guidance.saying_since is None else guidance.saying_since
    return at - since >= seconds * (SLOWER if terms.slower else 1.0)


def find_noticed(
    guidance: Guidance, broken: list[RuleResult], at: float, terms: Terms
) -> list[RuleResult]:
    """Those of the broken rules that have been for long enough to be spoken of."""
    lost = guidance.praise_lost_at
    if lost is not None and at - lost < RECOVER:
        return []
    blind = EYES in guidance.broken_since
    return [
        rule
        for rule in broken
        if at - guidance.broken_since.get(rule.id, at) >= _least(guidance, rule, terms)
        # Closed eyes look nowhere.
        and not (rule.id == GAZE and blind)
    ]


def _least(guidance: Guidance, rule: RuleResult, terms: Terms) -> float:
    """Seconds for which a rule must be broken before it is spoken of."""
    if rule.id in guidance.lamps.sees_to:
        return math.inf
    left = terms.lamps_lost or rule.id in guidance.lamps.leaves
    if rule.who != "student" and not left:
        return LAMPS_TRY
    once = EYES_NOTICED if rule.id == EYES else NOTICED
    return min(once * 2.0 ** guidance.mended.get(rule.id, 0), MOST_NOTICED)


def _choose(guidance: Guidance, broken: list[RuleResult], at: float, terms: Terms) -> Saying:
    noticed = find_noticed(guidance, broken, at, terms)
    left = guidance.lamps.leaves
    mine = [rule for rule in noticed if rule.who == "student" or rule.id in left] or noticed
    if mine:
        return Saying("mend", _instruction(guidance, mine))
    does = guidance.lamps.does
    if does == "light" and not any(
        rule.who == "lamps" and at - guidance.broken_since.get(rule.id, at) >= NOTICED
        for rule in broken
    ):
        does = None
    return Saying("checking" if does is None else WORKS[does])


def _instruction(guidance: Guidance, broken: list[RuleResult]) -> Instruction:
    first, sterner = broken[0], guidance.sterner
    if sterner is not None and first.id == sterner.rule and first.good:
        value, goal = first.value or 0.0, first.goal or (0.0, 0.0)
        return Instruction(first.id, "high" if value > sum(goal) / 2 else "low")
    together = find_rule(first.id).together
    both = together is not None and any(rule.id == together.rule for rule in broken)
    also = together.rule if together and both else None
    return Instruction(first.id, first.direction, also, guidance.lamps.ways.get(first.id))


def _rules_of(told: Instruction) -> frozenset[str]:
    return frozenset({told.rule} if told.also is None else {told.rule, told.also})


def _holds(guidance: Guidance, id: str) -> bool:
    """Whether a rule is judged, and as good as is asked for now."""
    found = () if guidance.assessment is None else guidance.assessment.rules
    judged = all(rule.ok is not None for rule in found if rule.id == id)
    return judged and id not in guidance.broken_since


def _seems_mended(guidance: Guidance, told: Instruction) -> bool:
    """Whether what was told is as it should be in this frame."""
    found = () if guidance.assessment is None else guidance.assessment.rules
    good = all(rule.good is True for rule in found if rule.id in _rules_of(told))
    return good and not _rules_of(told) & guidance.broken_since.keys()


def _is_mended(guidance: Guidance, told: Instruction, at: float, terms: Terms) -> bool:
    since = at if guidance.saying_since is None else guidance.saying_since
    shown = at - since >= SEEN * (SLOWER if terms.slower else 1.0)
    return shown and _seems_mended(guidance, told) and at - guidance.last_broken >= SURE


def _is_judged(guidance: Guidance, told: Instruction) -> bool:
    found = () if guidance.assessment is None else guidance.assessment.rules
    return all(rule.ok is not None for rule in found if rule.id in _rules_of(told))


def _count_mended(guidance: Guidance, told: Instruction) -> Guidance:
    mended = dict(guidance.mended)
    for rule in _rules_of(told):
        mended[rule] = mended.get(rule, 0) + 1
    return replace(guidance, mended=mended)


def _say(guidance: Guidance, saying: Saying, at: float) -> Guidance:
    if saying.instruction is not None:
        guidance = replace(guidance, stuck_on=saying.instruction.rule, last_broken=at)
    return guidance.say(saying, at)


def count_time_told(guidance: Guidance, at: float) -> Guidance:
    """Add the time since the last frame to what was told in it."""
    if guidance.praising:
        # All is well: whoever waited for that has not waited in vain.
        told_for = {rule: told for rule, told in guidance.told_for.items() if rule != UNTOLD}
        return replace(guidance, told_for=told_for)
    key = guidance.stuck_on or UNTOLD
    total = guidance.told_for.get(key, 0.0) + guidance.time_since_frame(at)
    return replace(guidance, told_for={**guidance.told_for, key: total})


def notice_mended(guidance: Guidance, at: float) -> Guidance:
    """Let go of a rule that has held for a while: its time starts anew, should it break again."""
    rule = guidance.stuck_on
    if rule is None:
        return guidance
    told = guidance.saying.instruction
    rules = {rule} if told is None else {rule} | _rules_of(told)
    if not all(_holds(guidance, rule) for rule in rules):
        return replace(guidance, last_broken=at)
    if at - guidance.last_broken < STILL_STUCK:
        return guidance
    told_for = {told: seconds for told, seconds in guidance.told_for.items() if told != rule}
    return replace(guidance, stuck_on=None, told_for=told_for)

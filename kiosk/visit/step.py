"""One visit as a pure state machine: (visit, event) → (visit, effects).

No clock, no I/O: times arrive with the events, and effects say what the booth shall do.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from kiosk.pipeline.assessment import Assessment
from kiosk.visit.events import (
    Admitted,
    Assessed,
    BurstSpoiled,
    Capture,
    Captured,
    Chime,
    CodeRead,
    CodeUnreadable,
    DropPhoto,
    Effect,
    Event,
    FaultCleared,
    FaultRaised,
    Forget,
    Granted,
    Interrupted,
    PhotoFailed,
    Refused,
    Resolve,
    Seal,
    Sealed,
    Seen,
    Standardise,
    Standardised,
    Tapped,
    TimedOut,
    Touched,
    Wait,
    Watch,
)
from kiosk.visit.guidance import Guidance, follow, shows_nobody
from kiosk.visit.instruction import Instruction
from kiosk.visit.stages import ATTENDED, Reason, Stage
from kiosk.visit.state import AWAY_END, GONE, MOST_FAILURES, MOST_PHOTOS, Presence, Visit

Step = tuple[Visit, tuple[Effect, ...]]

TOUCHABLE = ATTENDED | {Stage.CONSENT, Stage.SCAN, Stage.DONE}
"""The stages whose time starts anew when the screen is touched."""

ASKS_TO_LEAVE = frozenset({Stage.CHECKLIST, Stage.GUIDE, Stage.REVIEW})
"""The stages in which cancelling asks once: there is something to lose."""


def step(visit: Visit, event: Event) -> Step:
    """The visit after an event, and what the booth shall do.

    An event that means nothing in this stage (a late tap, a second scan) changes nothing.
    """
    match event:
        case FaultRaised(name):
            guidance = replace(visit.guidance, held_since=None, good_since=None)
            return replace(visit, faults=visit.faults | {name}, guidance=guidance), ()
        case FaultCleared(name):
            return replace(visit, faults=visit.faults - {name}), ()
        case Tapped("language" | "contrast" | "larger"):
            return _look_otherwise(visit, event)
        case Interrupted():
            # Nobody is seen meanwhile, and no hold goes on afterwards.
            guidance = replace(visit.guidance, held_since=None, good_since=None)
            return replace(visit, guidance=guidance, presence=Presence()), ()
        case Granted(rule) if visit.student is not None:
            return replace(visit, granted=visit.granted | {rule}), ()
        case CodeRead() | CodeUnreadable() | Assessed() | Seen() if visit.fault is not None:
            # Nothing new begins; answers to what was begun before count, or the visit would wait
            # for them for ever.
            return visit, ()
        case Touched() if visit.stage in TOUCHABLE:
            return visit, _wait(visit)
        case Seen(faces, at) if visit.stage in ATTENDED:
            return _attend(visit, faces, at)
        case _ if visit.stage in ASKS_TO_LEAVE:
            return _ask_to_leave(visit, event) or _STAGES[visit.stage](visit, event)
        case _:
            return _STAGES[visit.stage](visit, event)


# ---- what every stage shares ----


def _enter(visit: Visit, stage: Stage, *effects: Effect) -> Step:
    fresh = replace(visit, stage=stage, guidance=Guidance(), asking_leave=False, unread=None)
    return fresh, (*effects, *_wait(fresh))


def _wait(visit: Visit) -> tuple[Effect, ...]:
    return () if visit.patience is None else (Wait(visit.patience),)


def _leave(visit: Visit) -> Step:
    """Back to idle, with nothing kept but the booth's own faults."""
    return Visit(faults=visit.faults), (Forget(),)


def _turn_away(visit: Visit, reason: Reason) -> Step:
    gone = Visit(reason=reason, view=visit.view, faults=visit.faults)
    return _enter(gone, Stage.TURNED_AWAY, Forget(), Chime("sorry"))


def _look_otherwise(visit: Visit, tapped: Tapped) -> Step:
    """Change how the screens look; who changes it is there, and needs the time anew."""
    view = visit.view
    match tapped.button:
        case "language":
            view = replace(view, language=1 - view.language)
        case "contrast":
            view = replace(view, high_contrast=not view.high_contrast)
        case _:
            view = replace(view, larger=not view.larger)
    changed = replace(visit, view=view)
    return changed, _wait(changed) if changed.stage in TOUCHABLE else ()


def _attend(visit: Visit, faces: int, at: float) -> Step:
    """Notice who goes, and that whoever comes then may be another."""
    missing = visit.presence.missing_for(at)
    present = replace(visit, presence=visit.presence.after(faces, at))
    if faces == 0:
        return _leave(visit) if missing >= AWAY_END else (present, ())
    if missing >= GONE and visit.stage is not Stage.CONFIRM:
        return _confirm_again(present)
    return present, ()


def _confirm_again(visit: Visit) -> Step:
    back_to = visit.back_to or visit.stage
    return _enter(replace(visit, back_to=back_to), Stage.CONFIRM)


def _ask_to_leave(visit: Visit, event: Event) -> Step | None:
    """Ask once before everything is dropped; None where the event is about something else."""
    match event:
        case Tapped("cancel") if visit.stage is Stage.GUIDE and visit.photos:
            return _enter(visit, Stage.REVIEW)  # there is a photo: nothing is lost
        case Tapped("cancel"):
            return replace(visit, asking_leave=True), ()
        case Tapped("stay"):
            return replace(visit, asking_leave=False), ()
        case Tapped("leave") if visit.asking_leave:
            return _leave(visit)
        case Tapped() if visit.asking_leave:
            return visit, ()
        case _:
            return None


# ---- the stages ----


def _idle(visit: Visit, event: Event) -> Step:
    match event:
        case Tapped("start"):
            return _enter(visit, Stage.CONSENT)
        case CodeRead(code):
            return _enter(replace(visit, code=code), Stage.CONSENT, Chime("scanned"))
        case CodeUnreadable(kind):
            return _turn_away(visit, kind)
        case _:
            return visit, ()


def _consent(visit: Visit, event: Event) -> Step:
    match event:
        case Tapped("agree") if visit.code is not None:
            known = replace(visit, code=None)
            return _enter(known, Stage.RESOLVING, Resolve(visit.code))
        case Tapped("agree"):
            return _enter(visit, Stage.SCAN)
        case Tapped("decline"):
            return _turn_away(visit, "no_consent")
        case CodeRead(code):
            return replace(visit, code=code), (Chime("scanned"), *_wait(visit))
        case TimedOut():
            return _leave(visit)
        case _:
            return visit, ()


def _scan(visit: Visit, event: Event) -> Step:
    match event:
        case CodeRead(code):
            return _enter(visit, Stage.RESOLVING, Chime("scanned"), Resolve(code))
        case CodeUnreadable(kind):
            return replace(visit, unread=kind), (Chime("sorry"), *_wait(visit))
        case Tapped("cancel") | TimedOut():
            return _leave(visit)
        case _:
            return visit, ()


def _resolving(visit: Visit, event: Event) -> Step:
    match event:
        case Admitted(student):
            return _enter(replace(visit, student=student), Stage.CONFIRM)
        case Refused(reason):
            return _turn_away(visit, reason)
        case Tapped("cancel"):
            return _leave(visit)
        case TimedOut():
            return _turn_away(visit, "registrar_unreachable")
        case _:
            return visit, ()


def _confirm(visit: Visit, event: Event) -> Step:
    match event:
        case Tapped("yes") if visit.back_to is Stage.GUIDE:
            return _enter(replace(visit, back_to=None), Stage.GUIDE, Watch())
        case Tapped("yes"):
            onward = visit.back_to or Stage.CHECKLIST
            return _enter(replace(visit, back_to=None), onward)
        case Tapped("no"):
            return _turn_away(visit, "not_me")
        case TimedOut():
            return _leave(visit)
        case _:
            return visit, ()


def _checklist(visit: Visit, event: Event) -> Step:
    match event:
        case Tapped("ready"):
            return _enter(visit, Stage.GUIDE, Watch())
        case TimedOut():
            return _turn_away(visit, "no_answer")
        case _:
            return visit, ()


def _guide(visit: Visit, event: Event) -> Step:
    match event:
        case Assessed():
            return _follow(visit, event)
        case Tapped("as_it_is") if visit.may_waive and visit.guidance.stuck_on is not None:
            waived = visit.waived | {visit.guidance.stuck_on}
            told_no_more = replace(visit.guidance, stuck_on=None)
            return replace(visit, waived=waived, guidance=told_no_more), ()
        case Tapped("go_on"):
            since = visit.guidance.last_broken
            return replace(visit, guidance=visit.guidance.insist_anew(since)), _wait(visit)
        case Tapped("staffed"):
            return _turn_away(visit, "needs_staff")
        case TimedOut() if visit.photos:
            return _enter(visit, Stage.REVIEW)
        case TimedOut():
            return _turn_away(visit, "no_answer")
        case _:
            return visit, ()


def _follow(visit: Visit, seen: Assessed) -> Step:
    faces = 0 if shows_nobody(seen.assessment) else 1
    missing = visit.presence.missing_for(seen.at)
    visit = replace(visit, presence=visit.presence.after(faces, seen.at))
    if faces == 0 and missing >= AWAY_END:
        return _leave(visit)
    # Who comes back after the guide had begun with them may be another.
    if faces and missing >= GONE and visit.guidance.began is not None:
        return _confirm_again(visit)
    guidance, release = follow(visit.guidance, seen.assessment, seen.at, seen.head, visit.terms)
    visit = replace(visit, guidance=guidance)
    if release:
        return _enter(visit, Stage.SHUTTER, Capture(visit.excused))
    return visit, ()


def _shutter(visit: Visit, event: Event) -> Step:
    match event:
        case Captured():
            return _enter(visit, Stage.STANDARDISING, Chime("shutter"), Standardise())
        case BurstSpoiled(assessment):
            return _try_again(visit, _why_spoiled(visit, assessment))
        case TimedOut():
            return _try_again(visit, None)
        case Refused(reason):
            return _turn_away(visit, reason)
        case _:
            return visit, ()


def _try_again(visit: Visit, why: Instruction | None) -> Step:
    """Back to the guide, with the reason; the code need not be scanned again."""
    failures = visit.failures + 1
    failed = replace(visit, failures=failures)
    if failures >= MOST_FAILURES:
        return (
            _enter(failed, Stage.REVIEW)
            if visit.photos
            else _turn_away(failed, "cannot_standardise")
        )
    entered, effects = _enter(failed, Stage.GUIDE, Watch())
    return replace(entered, guidance=Guidance(opening=why)), effects


def _why_spoiled(visit: Visit, assessment: Assessment | None) -> Instruction | None:
    broken = () if assessment is None else assessment.rules
    for rule in broken:
        if rule.ok is False and rule.refuses and rule.id not in visit.excused:
            return Instruction(rule.id, rule.direction)
    return None


def _standardising(visit: Visit, event: Event) -> Step:
    match event:
        case Standardised():
            taken = replace(visit, photos=visit.photos + 1, chosen=visit.photos)
            return _enter(taken, Stage.REVIEW)
        case PhotoFailed(rule, direction):
            return _try_again(visit, None if rule is None else Instruction(rule, direction))
        case Refused(reason):
            return _turn_away(visit, reason)
        case TimedOut():
            return _turn_away(visit, "cannot_standardise")
        case _:
            return visit, ()


def _review(visit: Visit, event: Event) -> Step:
    match event:
        case Tapped("approve"):
            seal = Seal(visit.chosen, visit.waived, visit.granted)
            return _enter(visit, Stage.SAVING, seal)
        case Tapped("retake"):
            return _retake(visit)
        case Tapped("shot_1" | "shot_2" | "shot_3" as shot):
            number = int(shot[-1]) - 1
            if number >= visit.photos:
                return visit, ()
            return replace(visit, chosen=number), _wait(visit)
        case TimedOut():
            # Nobody approved it, so it is nobody's photo: it goes, and may be taken again.
            return _turn_away(visit, "no_answer")
        case _:
            return visit, ()


def _retake(visit: Visit) -> Step:
    """Once more, without losing the one that is looked at."""
    effects: tuple[Effect, ...] = ()
    if visit.photos == MOST_PHOTOS:
        dropped = 1 if visit.chosen == 0 else 0
        effects = (DropPhoto(dropped),)
        chosen = visit.chosen - (visit.chosen > dropped)
        visit = replace(visit, photos=visit.photos - 1, chosen=chosen)
    return _enter(replace(visit, failures=0), Stage.GUIDE, *effects, Watch())


def _saving(visit: Visit, event: Event) -> Step:
    match event:
        case Sealed(submission):
            done = Visit(view=visit.view, submission=submission, faults=visit.faults)
            return _enter(done, Stage.DONE, Forget(), Chime("done"))
        case Refused(reason):
            return _turn_away(visit, reason)
        case TimedOut():
            return _turn_away(visit, "cannot_save")
        case _:
            return visit, ()


def _end(visit: Visit, event: Event) -> Step:
    """An end makes room by itself, and for whoever scans next at once."""
    match event:
        case TimedOut() | Tapped("close"):
            return _leave(visit)
        case CodeRead() | CodeUnreadable():
            return _idle(Visit(faults=visit.faults), event)
        case _:
            return visit, ()


_STAGES: Mapping[Stage, Callable[[Visit, Event], Step]] = {
    Stage.IDLE: _idle,
    Stage.CONSENT: _consent,
    Stage.SCAN: _scan,
    Stage.RESOLVING: _resolving,
    Stage.CONFIRM: _confirm,
    Stage.CHECKLIST: _checklist,
    Stage.GUIDE: _guide,
    Stage.SHUTTER: _shutter,
    Stage.STANDARDISING: _standardising,
    Stage.REVIEW: _review,
    Stage.SAVING: _saving,
    Stage.DONE: _end,
    Stage.TURNED_AWAY: _end,
}

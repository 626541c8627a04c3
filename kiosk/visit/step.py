"""One visit as a pure state machine: (visit, event) → (visit, effects).

No clock, no I/O: times arrive with the events, and effects say what the booth shall do.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal, get_args

from kiosk.visit.events import (
    Admitted,
    Assessed,
    Chime,
    CodeRead,
    CodeUnreadable,
    Event,
    FaultCleared,
    FaultRaised,
    Forget,
    Granted,
    Interrupted,
    Refused,
    Reset,
    Resolve,
    Sealed,
    Seen,
    Tapped,
    TimedOut,
    Touched,
)
from kiosk.visit.moves import (
    Step,
    attend,
    doubt,
    enter,
    find_excused,
    leave,
    look_otherwise,
    may_begin,
    prolong,
    turn_away,
)
from kiosk.visit.photo_stages import (
    ask_to_leave,
    begin_guide,
    guide,
    review,
    shutter,
    standardising,
)
from kiosk.visit.presence import Presence
from kiosk.visit.stages import ATTENDED, PATIENCE, Reason, Stage, UnreadCode
from kiosk.visit.state import IDENTITY, Visit
from protocol.grants import GRANTED_RULES, GRANTS
from protocol.turn import Standing

ASKS_TO_LEAVE = frozenset({Stage.CHECKLIST, Stage.GUIDE, Stage.REVIEW})
"""The stages in which cancelling asks once: there is something to lose."""

UNREAD: Mapping[Reason, UnreadCode] = {kind: kind for kind in get_args(UnreadCode)}
"""The reasons that say of a scan that it was no capture code."""

MOST_UNREAD = 5
"""Scans of a visit that were none, after which it ends: others wait."""

OUT_OF_TURN: Mapping[Standing, Reason] = {
    "early": "too_early",
    "late": "too_late",
    "elsewhere": "wrong_place",
}
"""Why a student is turned away whom the institution does not admit at another time or place."""


def step(visit: Visit, event: Event) -> Step:
    """The visit after an event, and what the booth shall do.

    An event that means nothing in this stage (a late tap, a second scan) changes nothing.
    """
    match event:
        case FaultRaised(name):
            guidance = visit.guidance.let_go()
            return replace(visit, faults=visit.faults | {name}, guidance=guidance), ()
        case FaultCleared(name):
            return replace(visit, faults=visit.faults - {name}), ()
        case Interrupted():
            # Nobody is seen meanwhile, and no hold goes on afterwards.
            return replace(visit, guidance=visit.guidance.let_go(), presence=Presence()), ()
        case Reset():
            return leave(visit)
        case Granted(rule):
            return _grant(visit, rule)
        case CodeRead() | CodeUnreadable() | Assessed() | Seen() if visit.fault is not None:
            # Nothing new begins; answers to what was begun before count, or the visit would wait
            # for them for ever.
            return visit, ()
        case Seen(faces, at):
            return attend(visit, faces, at) if visit.stage in ATTENDED else (visit, ())
        case Tapped() | Touched() if visit.stage in ATTENDED:
            return doubt(visit, event) or _touch(visit, event)
        case Tapped() | Touched():
            return _touch(visit, event)
        case _:
            return _STAGES[visit.stage](visit, event)


def _touch(visit: Visit, event: Tapped | Touched) -> Step:
    """Take in what a finger does: somebody is there, whatever else it means."""
    if isinstance(event, Touched):
        return prolong(visit)
    if event.button in ("language", "contrast", "larger"):
        return look_otherwise(visit, event)
    touched = replace(visit, presence=visit.presence.touched())
    if visit.stage in ASKS_TO_LEAVE and (asked := ask_to_leave(touched, event)) is not None:
        return asked
    return _STAGES[visit.stage](touched, event)


def _grant(visit: Visit, rule: str) -> Step:
    """Let staff excuse the student at hand from a rule."""
    if visit.student is None:
        return visit, ()
    if rule == IDENTITY:
        return prolong(replace(visit, granted=visit.granted | {IDENTITY}))
    guidance = replace(visit.guidance, stuck_on=None).insist_anew()
    return replace(visit, granted=visit.granted | find_excused(rule), guidance=guidance), ()


def _chime(sound: Literal["scanned", "sorry"], then: Step) -> Step:
    visit, effects = then
    return visit, (Chime(sound), *effects)


# ---- the stages, but for those around the photo ----


def _idle(visit: Visit, event: Event) -> Step:
    match event:
        case Tapped("start") if may_begin(visit):
            return enter(visit, Stage.CONSENT)
        case CodeRead(code) if may_begin(visit):
            return enter(replace(visit, code=code), Stage.CONSENT, Chime("scanned"))
        case CodeUnreadable(kind) if may_begin(visit):
            return turn_away(visit, kind)
        case TimedOut():
            return Visit(faults=visit.faults), ()
        case _:
            return visit, ()


def _consent(visit: Visit, event: Event) -> Step:
    match event:
        case Tapped("agree") if visit.code is not None:
            known = replace(visit, code=None)
            return enter(known, Stage.RESOLVING, Resolve(visit.code))
        case Tapped("agree"):
            return enter(visit, Stage.SCAN)
        case Tapped("decline"):
            return turn_away(visit, "no_consent")
        case CodeRead(code) if code != visit.code:
            return _chime("scanned", prolong(replace(visit, code=code, unread=None)))
        case CodeUnreadable(kind):
            return _chime("sorry", prolong(_unread(visit, kind)))
        case TimedOut():
            return leave(visit)
        case _:
            return visit, ()


def _unread(visit: Visit, kind: UnreadCode) -> Visit:
    return replace(visit, unread=kind, unread_times=visit.unread_times + 1)


def _scan(visit: Visit, event: Event) -> Step:
    match event:
        case CodeRead(code):
            return enter(visit, Stage.RESOLVING, Chime("scanned"), Resolve(code))
        case CodeUnreadable(kind):
            return _chime("sorry", prolong(_unread(visit, kind)))
        case Tapped("cancel") | TimedOut():
            return leave(visit)
        case _:
            return visit, ()


def _resolving(visit: Visit, event: Event) -> Step:
    match event:
        case Admitted(student, turn, proof):
            rules = [
                rule for name in GRANTS if name in student.granted for rule in GRANTED_RULES[name]
            ]
            granted = find_excused(*rules)
            known = replace(visit, student=student, turn=turn, proof=proof, granted=granted)
            return _admit(known)
        case Refused(reason) if (kind := UNREAD.get(reason)) is not None and (
            visit.unread_times < MOST_UNREAD
        ):
            # Whoever showed another code has one still to show.
            again, effects = enter(visit, Stage.SCAN, Chime("sorry"))
            return _unread(again, kind), effects
        case Refused(reason, until):
            return turn_away(visit, reason, until=until)
        case Tapped("cancel"):
            return leave(visit)
        case TimedOut():
            return turn_away(visit, "registrar_unreachable")
        case _:
            return visit, ()


def _admit(visit: Visit) -> Step:
    """Go on with whose turn it is, or whom the institution admits all the same."""
    turn = visit.turn
    if turn is None or turn.ruling == "admit":
        return enter(visit, Stage.CONFIRM)
    if turn.ruling == "wait" and turn.seconds_left <= PATIENCE[Stage.WAITING]:
        return enter(visit, Stage.WAITING, Chime("sorry"))
    missed = turn.standing == "late" and turn.to_come  # they have another time
    return turn_away(visit, "too_early" if missed else OUT_OF_TURN[turn.standing], turn=turn)


def _waiting(visit: Visit, event: Event) -> Step:
    """Whoever waits goes on by themselves, and makes room for who scans meanwhile."""
    match event:
        case TimedOut():
            return enter(visit, Stage.CONFIRM, Chime("scanned"))
        case Tapped("cancel"):
            return leave(visit)
        case CodeRead() if may_begin(visit):
            gone, effects = leave(visit)
            begun, more = _idle(gone, event)
            return begun, (*effects, *more)
        case _:
            return visit, ()


def _confirm(visit: Visit, event: Event) -> Step:
    match event:
        case Tapped("yes") if visit.waits_for_staff:
            return visit, ()
        case Tapped("yes"):
            # Whoever says so may stand beside the camera: they are looked for anew.
            sure = replace(visit, back_to=None, presence=Presence())
            if visit.back_to is Stage.GUIDE:
                return begin_guide(sure)
            return enter(sure, visit.back_to or Stage.CHECKLIST)
        case Tapped("no"):
            return turn_away(visit, "not_me")
        case TimedOut():
            return leave(visit)
        case _:
            return visit, ()


def _checklist(visit: Visit, event: Event) -> Step:
    match event:
        case Tapped("ready"):
            return begin_guide(visit)
        case TimedOut():
            return turn_away(visit, "no_answer")
        case _:
            return visit, ()


def _saving(visit: Visit, event: Event) -> Step:
    match event:
        case Sealed(submission):
            done = Visit(view=visit.view, submission=submission, faults=visit.faults)
            return enter(done, Stage.DONE, Forget(), Chime("done"))
        case Refused(reason):
            return turn_away(visit, reason)
        case TimedOut():
            return turn_away(visit, "cannot_save")
        case _:
            return visit, ()


def _end(visit: Visit, event: Event) -> Step:
    """An end makes room by itself, and for whoever scans next at once."""
    match event:
        case TimedOut() | Tapped("close"):
            return leave(visit)
        case CodeUnreadable(kind) if kind == visit.reason:
            return visit, ()  # a telephone that was left lying there
        case CodeRead() | CodeUnreadable():
            return _idle(Visit(faults=visit.faults), event) if may_begin(visit) else (visit, ())
        case _:
            return visit, ()


_STAGES: Mapping[Stage, Callable[[Visit, Event], Step]] = {
    Stage.IDLE: _idle,
    Stage.CONSENT: _consent,
    Stage.SCAN: _scan,
    Stage.RESOLVING: _resolving,
    Stage.WAITING: _waiting,
    Stage.CONFIRM: _confirm,
    Stage.CHECKLIST: _checklist,
    Stage.GUIDE: guide,
    Stage.SHUTTER: shutter,
    Stage.STANDARDISING: standardising,
    Stage.REVIEW: review,
    Stage.SAVING: _saving,
    Stage.DONE: _end,
    Stage.TURNED_AWAY: _end,
}

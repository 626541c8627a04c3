"""One visit as a pure state machine: (visit, event) → (visit, effects).

No clock, no I/O: times arrive with the events, and effects say what the booth shall do.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal

from kiosk.pipeline.assessment import Assessment
from protocol.student import Student


class Stage(Enum):
    """Where a visit stands; each stage has a screen."""

    IDLE = "idle"
    RESOLVING = "resolving"
    CONFIRM = "confirm"
    CONSENT = "consent"
    CHECKLIST = "checklist"
    GUIDE = "guide"
    SHUTTER = "shutter"
    STANDARDISING = "standardising"
    REVIEW = "review"
    SAVING = "saving"
    DONE = "done"
    TURNED_AWAY = "turned_away"


Reason = Literal[
    "code_unknown",
    "code_unreadable",
    "already_photographed",
    "record_abnormal",
    "other_institution",
    "not_me",
    "no_consent",
    "no_answer",
    "registrar_unreachable",
    "cannot_standardise",
    "cannot_save",
]
"""Why a visit ended without a photo."""

FaultName = Literal["camera", "clock", "colour", "reader", "disk", "models", "lamps"]
"""What the booth needs and may lack. Each has its stages in BLOCKED, its line in
kiosk/booth/faults.py where it is felt, and its words."""

Button = Literal["yes", "no", "agree", "decline", "ready", "approve", "retake", "close", "cancel"]

BLOCKED: dict[FaultName, frozenset[Stage]] = {
    "camera": frozenset({Stage.IDLE, Stage.GUIDE, Stage.SHUTTER}),
    "clock": frozenset({Stage.IDLE, Stage.GUIDE}),  # a photo says when it was taken
    "colour": frozenset({Stage.IDLE}),
    "disk": frozenset({Stage.IDLE, Stage.SAVING}),
    "models": frozenset({Stage.IDLE, Stage.GUIDE, Stage.SHUTTER, Stage.STANDARDISING}),
    "reader": frozenset({Stage.IDLE}),
    "lamps": frozenset(),  # there is daylight
}
"""The stages that each fault stops."""

PATIENCE: dict[Stage, float] = {
    Stage.RESOLVING: 12,
    Stage.CONFIRM: 60,
    Stage.CONSENT: 90,
    Stage.CHECKLIST: 60,
    Stage.GUIDE: 180,
    Stage.SHUTTER: 20,
    Stage.STANDARDISING: 60,
    Stage.REVIEW: 120,
    Stage.SAVING: 60,
    Stage.DONE: 8,
    Stage.TURNED_AWAY: 20,
}
"""Seconds that a stage waits, for the student or for the booth's own work, before it gives up (or,
at the end, makes room). Each but idle has its bound, so that nothing that hangs holds the booth."""

HOLD = 1.0
"""Seconds for which all rules must hold before the shutter is released."""

BLINK = 0.35
"""Seconds for which rules may fail without the hold starting again (a blink lasts 0.1–0.3 s)."""

READING = 1.5
"""Seconds for which an instruction stays, so that it can be read."""

STRIVE = 15.0
"""Seconds for which the booth guides to every rule's goal; after them what a photo may have will
do, for a face's own asymmetry cannot be mended by its owner."""


LAMPS_TRY = 8.0
"""Seconds for which the lamps may try to mend the light before the student is asked to help."""


# ---- events ----


@dataclass(frozen=True, slots=True)
class CodeRead:
    """A reader read a capture code (图像采集码); its text is opaque."""

    code: str


@dataclass(frozen=True, slots=True)
class CodeUnreadable:
    """A reader read something that can be no capture code: a payment code, say."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """The roster knows the code, and this student may be photographed now."""

    student: Student


@dataclass(frozen=True, slots=True)
class Refused:
    """The roster, the camera or the pipeline cannot go on with this student."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Tapped:
    """A button on the screen was tapped."""

    button: Button


@dataclass(frozen=True, slots=True)
class Assessed:
    """A frame was judged; `at` is its time in seconds of the monotonic clock."""

    assessment: Assessment
    at: float


@dataclass(frozen=True, slots=True)
class Captured:
    """The burst is taken."""


@dataclass(frozen=True, slots=True)
class BurstSpoiled:
    """No frame of the burst kept all rules."""


@dataclass(frozen=True, slots=True)
class Standardised:
    """The photo is made, verified, and ready for review."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """The photo lies sealed in the outbox and cannot be lost any more."""


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The timer that this stage's entry set has run out."""


@dataclass(frozen=True, slots=True)
class FaultRaised:
    """Something the booth needs has failed."""

    name: FaultName


@dataclass(frozen=True, slots=True)
class FaultCleared:
    """It works again."""

    name: FaultName


Event = (
    CodeRead
    | CodeUnreadable
    | Admitted
    | Refused
    | Tapped
    | Assessed
    | Captured
    | BurstSpoiled
    | Standardised
    | Sealed
    | TimedOut
    | FaultRaised
    | FaultCleared
)


# ---- effects ----


@dataclass(frozen=True, slots=True)
class Resolve:
    """Ask the roster who a code belongs to; answered by Admitted or Refused."""

    code: str


@dataclass(frozen=True, slots=True)
class Watch:
    """Start looking at the camera; answered by Assessed, again and again."""


@dataclass(frozen=True, slots=True)
class Capture:
    """Take the burst; answered by Captured or BurstSpoiled."""


@dataclass(frozen=True, slots=True)
class Standardise:
    """Make the photo from the burst; answered by Standardised or Refused."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Seal the approved photo into the outbox; answered by Sealed or Refused."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Send TimedOut after these seconds, unless another Wait or Forget comes first."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Chime:
    """Play a short sound."""

    sound: Literal["scanned", "shutter", "done", "sorry"]


@dataclass(frozen=True, slots=True)
class Forget:
    """Drop every picture and word of this student from memory, and stop the timer."""


Effect = Resolve | Watch | Capture | Standardise | Seal | Wait | Chime | Forget


# ---- the visit ----


@dataclass(frozen=True, slots=True)
class Instruction:
    """What the student is told: a rule, and on which side of its goal they were when told."""

    rule: str
    direction: Literal["low", "high"]


@dataclass(frozen=True, slots=True)
class Visit:
    """The state of the booth towards the person before it."""

    stage: Stage = Stage.IDLE
    student: Student | None = None
    reason: Reason | None = None
    assessment: Assessment | None = None
    instruction: Instruction | None = None
    """What the student is told now. It stays as it was said, even when they have overshot."""
    instruction_since: float = 0.0
    guided_since: float | None = None
    """When the first frame was judged."""
    held_since: float | None = None
    """When all rules began to hold."""
    broken_since: float | None = None
    """When a rule failed during the hold; None while all hold."""
    faults: frozenset[FaultName] = frozenset()

    @property
    def fault(self) -> FaultName | None:
        """The fault to show instead of the stage's own screen, if one stops this stage."""
        stopping = sorted(f for f in self.faults if self.stage in BLOCKED[f])
        return stopping[0] if stopping else None

    def progress(self, at: float) -> float:
        """How much of the hold is done, 0 to 1."""
        return 0.0 if self.held_since is None else min((at - self.held_since) / HOLD, 1.0)


Step = tuple[Visit, tuple[Effect, ...]]


def step(visit: Visit, event: Event) -> Step:
    """The visit after an event, and what the booth shall do.

    An event that means nothing in this stage (a late tap, a second scan) changes nothing.
    """
    if isinstance(event, FaultRaised):
        return replace(visit, faults=visit.faults | {event.name}, held_since=None), ()
    if isinstance(event, FaultCleared):
        return replace(visit, faults=visit.faults - {event.name}), ()
    if visit.fault is not None and isinstance(event, CodeRead | CodeUnreadable | Assessed):
        # Nothing new begins; answers to what was begun before count, or the visit would wait for
        # them for ever.
        return visit, ()
    return _STAGES[visit.stage](visit, event)


def _enter(visit: Visit, stage: Stage, *effects: Effect) -> Step:
    wait = (Wait(PATIENCE[stage]),) if stage in PATIENCE else ()
    fresh = replace(
        visit,
        stage=stage,
        assessment=None,
        instruction=None,
        instruction_since=0.0,
        guided_since=None,
        held_since=None,
        broken_since=None,
    )
    return fresh, (*effects, *wait)


def _leave(visit: Visit) -> Step:
    """Back to idle, with nothing kept but the booth's own faults."""
    return Visit(faults=visit.faults), (Forget(),)


def _turn_away(visit: Visit, reason: Reason) -> Step:
    gone = replace(visit, student=None, reason=reason)
    return _enter(gone, Stage.TURNED_AWAY, Forget(), Chime("sorry"))


def _idle(visit: Visit, event: Event) -> Step:
    if isinstance(event, CodeRead):
        return _enter(visit, Stage.RESOLVING, Chime("scanned"), Resolve(event.code))
    if isinstance(event, CodeUnreadable):
        return _turn_away(visit, "code_unreadable")
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


def _question(
    yes: Button, no: Button, reason: Reason, then: Stage, *effects: Effect
) -> Callable[[Visit, Event], Step]:
    """A stage that asks one thing: `yes` leads on to `then`, `no` ends the visit for `reason`."""

    def stage(visit: Visit, event: Event) -> Step:
        match event:
            case Tapped(button) if button == yes:
                return _enter(visit, then, *effects)
            case Tapped(button) if button == no:
                return _turn_away(visit, reason)
            case TimedOut():
                return _leave(visit)
            case _:
                return visit, ()

    return stage


def _guide(visit: Visit, event: Event) -> Step:
    match event:
        case Assessed(assessment, at):
            since = at if visit.guided_since is None else visit.guided_since
            seen = replace(visit, assessment=assessment, guided_since=since)
            return _hold(_instruct(seen, assessment, at), assessment, at)
        case Tapped("cancel"):
            return _leave(visit)
        case TimedOut():
            return _turn_away(visit, "no_answer")
        case _:
            return visit, ()


def _instruct(visit: Visit, assessment: Assessment, at: float) -> Visit:
    """Change the instruction only once the one on screen could be read."""
    since = visit.guided_since
    tried = since is not None and at - since >= LAMPS_TRY
    worst = assessment.worst(lamps_failed=tried or "lamps" in visit.faults)
    told = Instruction(worst.id, worst.direction) if worst else None
    if told == visit.instruction:
        return visit
    if visit.instruction is not None and at - visit.instruction_since < READING:
        return visit
    return replace(visit, instruction=told, instruction_since=at)


def _hold(visit: Visit, assessment: Assessment, at: float) -> Step:
    strove = visit.guided_since is not None and at - visit.guided_since >= STRIVE
    if assessment.good or (strove and assessment.passed):
        since = at if visit.held_since is None else visit.held_since
        visit = replace(visit, held_since=since, broken_since=None)
        if at - since >= HOLD:
            return _enter(visit, Stage.SHUTTER, Capture())
        return visit, ()
    if visit.held_since is None:
        return visit, ()
    broken = at if visit.broken_since is None else visit.broken_since
    if at - broken > BLINK:
        return replace(visit, held_since=None, broken_since=None), ()
    return replace(visit, broken_since=broken), ()


def _shutter(visit: Visit, event: Event) -> Step:
    if isinstance(event, Captured):
        return _enter(visit, Stage.STANDARDISING, Chime("shutter"), Standardise())
    if isinstance(event, BurstSpoiled | TimedOut):
        return _enter(visit, Stage.GUIDE, Watch())
    if isinstance(event, Refused):
        return _turn_away(visit, event.reason)
    return visit, ()


def _standardising(visit: Visit, event: Event) -> Step:
    if isinstance(event, Standardised):
        return _enter(visit, Stage.REVIEW)
    if isinstance(event, Refused):
        return _turn_away(visit, event.reason)
    if isinstance(event, TimedOut):
        return _turn_away(visit, "cannot_standardise")
    return visit, ()


def _review(visit: Visit, event: Event) -> Step:
    match event:
        case Tapped("approve"):
            return _enter(visit, Stage.SAVING, Seal())
        case Tapped("retake"):
            return _enter(visit, Stage.GUIDE, Watch())
        case TimedOut():
            # Nobody approved it, so it is nobody's photo: it goes, and may be taken again.
            return _turn_away(visit, "no_answer")
        case _:
            return visit, ()


def _saving(visit: Visit, event: Event) -> Step:
    if isinstance(event, Sealed):
        return _enter(visit, Stage.DONE, Chime("done"))
    if isinstance(event, Refused):
        return _turn_away(visit, event.reason)
    if isinstance(event, TimedOut):
        return _turn_away(visit, "cannot_save")
    return visit, ()


def _end(visit: Visit, event: Event) -> Step:
    if isinstance(event, TimedOut) or event == Tapped("close"):
        return _leave(visit)
    return visit, ()


_STAGES: dict[Stage, Callable[[Visit, Event], Step]] = {
    Stage.IDLE: _idle,
    Stage.RESOLVING: _resolving,
    Stage.CONFIRM: _question("yes", "no", "not_me", Stage.CONSENT),
    Stage.CONSENT: _question("agree", "decline", "no_consent", Stage.CHECKLIST),
    Stage.CHECKLIST: _question("ready", "cancel", "no_answer", Stage.GUIDE, Watch()),
    Stage.GUIDE: _guide,
    Stage.SHUTTER: _shutter,
    Stage.STANDARDISING: _standardising,
    Stage.REVIEW: _review,
    Stage.SAVING: _saving,
    Stage.DONE: _end,
    Stage.TURNED_AWAY: _end,
}

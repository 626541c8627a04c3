"""What happens to a visit (events), and what the booth shall do about it (effects)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from kiosk.pipeline.assessment import Assessment
from kiosk.visit.lamp_work import NO_WORK, LampWork
from kiosk.visit.stages import Button, FaultName, Proof, Reason, UnreadCode
from protocol.student import Student
from protocol.turn import Turn

# ---- events ----


@dataclass(frozen=True, slots=True)
class CodeRead:
    """A reader read a capture code (图像采集码); its text is opaque."""

    code: str


@dataclass(frozen=True, slots=True)
class CodeUnreadable:
    """A reader read something that can be no capture code: a payment code, say."""

    kind: UnreadCode = "code_unreadable"


@dataclass(frozen=True, slots=True)
class Admitted:
    """The roster knows the code, and this student may be photographed, as the schedule allows."""

    student: Student
    turn: Turn | None = None
    """How they stand to the schedule; None where it says nothing of them."""
    proof: Proof | None = None
    """What must be shown besides, where their code was a plain one."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The roster, the camera or the pipeline cannot go on with this student."""

    reason: Reason
    until: datetime | None = None
    """When they may come again, where that is known."""


@dataclass(frozen=True, slots=True)
class Tapped:
    """A button on the screen was tapped."""

    button: Button


@dataclass(frozen=True, slots=True)
class Touched:
    """The screen was touched where no button is: somebody is there."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a head is in the preview, not mirrored."""

    x: float
    """Its midline, of the preview's width."""
    y: float
    """The line of the eyes, of the preview's height."""
    width: float
    """The face's, of the preview's width."""
    roll: float
    """Degrees; positive as `Face.roll`."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """A frame was judged; `at` is its time in seconds of the monotonic clock."""

    assessment: Assessment
    at: float
    head: Head | None = None
    """None where no face was found."""
    lamps: LampWork = NO_WORK
    """What the lamps do for whoever was seen."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The booth looked, in a stage of ATTENDED, how many faces there are; at monotonic seconds."""

    faces: int
    at: float


@dataclass(frozen=True, slots=True)
class Captured:
    """The burst is taken."""


@dataclass(frozen=True, slots=True)
class BurstSpoiled:
    """No frame of the burst kept all rules."""

    assessment: Assessment | None = None
    """The best frame's; None where no frame came or showed a face."""


@dataclass(frozen=True, slots=True)
class Standardised:
    """The photo is made, verified, and ready for review."""


@dataclass(frozen=True, slots=True)
class PhotoFailed:
    """No photo can be made of the shot, and what the student can do about it, if anything."""

    rule: str | None = None
    direction: Literal["low", "high"] = "low"


@dataclass(frozen=True, slots=True)
class Sealed:
    """The photo lies sealed in the outbox and cannot be lost any more."""

    submission: str = ""
    """Its number, which says nothing of the student."""


@dataclass(frozen=True, slots=True)
class Granted:
    """Staff granted the student at hand that a rule need not hold."""

    rule: str


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Staff took the screen, or gave it back: meanwhile nothing of the visit goes on."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The button inside the booth was pressed: whatever is under way ends."""


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
    | Touched
    | Assessed
    | Seen
    | Captured
    | BurstSpoiled
    | Standardised
    | PhotoFailed
    | Sealed
    | Granted
    | Interrupted
    | Reset
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
    """Start judging what the camera sees; answered by Assessed, again and again. Photos stay."""


@dataclass(frozen=True, slots=True)
class Capture:
    """Take the burst; answered by Captured or BurstSpoiled."""

    excused: frozenset[str] = frozenset()
    """Rules that need not hold."""


@dataclass(frozen=True, slots=True)
class Standardise:
    """Make the photo from the burst; answered by Standardised or PhotoFailed."""


@dataclass(frozen=True, slots=True)
class DropPhoto:
    """Wipe one of the photos that wait for review, by its place from 0."""

    number: int


@dataclass(frozen=True, slots=True)
class Seal:
    """Seal one of the photos into the outbox; answered by Sealed or Refused."""

    number: int
    """Its place from 0."""
    waived: frozenset[str] = frozenset()
    """Rules that the student could not keep: staff decide about them."""
    granted: frozenset[str] = frozenset()
    """Rules that staff granted this student not to keep."""


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


Effect = Resolve | Watch | Capture | Standardise | DropPhoto | Seal | Wait | Chime | Forget

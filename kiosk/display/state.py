"""The screen's state: everything that one picture of it shows."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kiosk.camera.frame import Picture
from kiosk.display.monitor import Monitor
from kiosk.visit import Visit
from kiosk.words import Languages
from protocol.turn import NO_AGENDA, Agenda

if TYPE_CHECKING:
    from kiosk.display.staff_screens import StaffView

Side = Literal["top", "bottom", "left", "right"]

ReaderFaces = Literal["up", "out"]
"""Where the reader's window looks: up, or out to the student."""


@dataclass(frozen=True, slots=True)
class BoothLabels:
    """Whose booth this is, and who helps: as configured."""

    institution: str
    support_phone: str
    support_hours: str
    name: str
    """The booth's name, which staff ask for."""
    languages: Languages
    """The two that its screens show, the larger first."""
    receipt_url: str = ""
    """Where a submission can be looked up by its number; "": nowhere."""


@dataclass(frozen=True, slots=True)
class LensPlace:
    """Where the camera's lens is, seen from the screen."""

    side: Side = "top"
    """The screen's edge that it is beyond."""
    beyond_mm: float = 40.0
    """How far beyond that edge."""
    along_mm: float = 0.0
    """How far from that edge's middle, to the right or down."""


@dataclass(frozen=True, slots=True)
class ScreenState:
    """What is shown at a moment; drawing is a function of nothing else."""

    visit: Visit
    at: float
    """Seconds of the monotonic clock."""
    preview: Picture | None
    """What the camera sees now, not mirrored; height × width × 3, R, G, B."""
    photos: tuple[Picture, ...]
    """The finished photos, for review."""
    booth: BoothLabels
    monitor: Monitor
    lens: LensPlace = LensPlace()
    reader_faces: ReaderFaces = "up"
    camera_reads: bool = False
    """Whether the booth's camera reads codes, too."""
    low_reach: bool = False
    """Whether all that can be tapped lies in the lowest part."""
    seated: bool = True
    """Whether the student sits before the camera."""
    in_reach: bool = True
    """Whether they reach the screen from there; if not, they press the four keys."""
    agenda: Agenda = NO_AGENDA
    """Whose turn it is here by the schedule."""
    remaining: float | None = None
    """Seconds until the stage's time is over; None where it has no end."""
    brightness: float = 1.0
    """The share of its light that the screen is drawn with, linear (see `screen_light`)."""
    staff: "StaffView | None" = None
    """The staff's screen, over the visit's."""

    @property
    def languages(self) -> Languages:
        """The two that are shown: the one chosen first."""
        first, second = self.booth.languages
        return (second, first) if self.visit.view.language else (first, second)

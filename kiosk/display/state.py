"""The screen's state: everything that one picture of it shows."""

from dataclasses import dataclass

from kiosk.camera.frame import Picture
from kiosk.visit import Visit
from kiosk.words import Languages


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


@dataclass(frozen=True, slots=True)
class ScreenState:
    """What is shown at a moment; drawing is a function of nothing else."""

    visit: Visit
    at: float
    """Seconds of the monotonic clock."""
    preview: Picture | None
    """What the camera sees now, not mirrored; height × width × 3, R, G, B."""
    photo: Picture | None
    """The finished photo, for review."""
    booth: BoothLabels

"""What the lamps' schedule is told: what a booth can do, and what was seen. Plain values."""

from dataclasses import dataclass

from kiosk.lighting.response import Levels, Response
from kiosk.pipeline.observation import Observation


@dataclass(frozen=True, slots=True)
class Means:
    """What this booth can do with its lamps."""

    response: Response
    limits: Levels
    """The most that each lamp may be driven to."""
    working: Levels
    """The levels from which a visit starts."""
    calls: bool = True
    """Whether a face can be called on: a model votes, and KEY_LAMPS obey."""
    asks: bool = True
    """Whether spots can be asked after: there are lamps, and all obey."""
    screen: bool = False
    """Whether the screen can be dimmed."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A frame that was looked at."""

    seen: Observation
    broken: frozenset[str]
    """Rules that are judged and not as good as the booth guides to."""
    at: float
    """When it was taken, s."""
    taken_under: Levels
    """The levels that it was taken under; SCREEN among them, where it can be dimmed."""
    backdrop: float | None = None
    """The light of the backdrop."""
    holding: bool = False
    """Whether the student is praised, and asked to hold still."""

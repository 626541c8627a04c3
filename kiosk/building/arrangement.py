"""Where lens, screen, reader and keys are together: what each arrangement asks of who comes.

Metres, as in `people`: x from the eyes towards the lens, z up from the floor.
"""

import math
from dataclasses import dataclass

from kiosk.building.lens import perspective
from kiosk.building.people import PEOPLE, Person
from kiosk.display.monitor import MAIN_ARC, MM_PER_INCH
from kiosk.display.outline import TARGET

UPRIGHT = (9, 16)

CAPITALS = 0.72
"""A capital's height over the size of its type (Noto Sans)."""

MIRROR_MIDDLE = 0.27
"""Of the screen's height, from its upper edge: where the guide's mirror shows the face."""

REACH_LOW, REACH_HIGH = 0.38, 1.22
"""Heights of controls that can be reached forward (ADA 308.2; EN 301 549, 8.3.3.1)."""

OVER_LEDGE, DEEP_OVER_LEDGE = 0.51, 0.635
"""Metres from a ledge's edge up to which they may be 1.22, and 1.12 high (the same)."""

KNEE_HEIGHT, KNEE_DEPTH, KNEE_WIDTH = 0.685, 0.45, 0.76
"""Room below a ledge, of each the more demanding: ADA 306 has 0.685, 0.43 and 0.76, EN 301 549
(8.3.2) the same width, GB 50763-2012 (3.15, as reprinted) 0.65, 0.45 and 0.75."""

LEDGE_HEIGHTS = (0.70, 0.85)
"""Of the upper side (GB 50763-2012, 3.15, as reprinted)."""


@dataclass(frozen=True, slots=True)
class Ledge:
    """A small shelf before the student, on a post that stands beyond their toes."""

    front: float
    """x of its front edge."""
    back: float
    top: float
    """z of its upper side."""
    underside: float
    width: float
    post: float
    """x of its post's front."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A way of placing things together; heights are for eyes at the lens's height."""

    name: str
    lens: float
    """x."""
    screen: float
    """x."""
    inches: float
    """The screen's diagonal; it stands upright, 9:16."""
    below_lens: float
    """From the line of sight down to the screen's upper edge, where the screen is."""
    keys: tuple[float, float] | None
    """x and z; None where only the screen is touched."""
    ledge: Ledge | None = None

    @property
    def screen_size(self) -> tuple[float, float]:
        """Width and height."""
        diagonal = self.inches * MM_PER_INCH / 1000 / math.hypot(*UPRIGHT)
        return UPRIGHT[0] * diagonal, UPRIGHT[1] * diagonal

    def touched(self, eyes: float) -> tuple[float, float]:
        """x and z of the farthest thing that must be reached: the keys, or else the buttons at the
        screen's lower edge."""
        if self.keys is not None:
            return self.keys
        return self.screen, eyes - self.below_lens - 0.9 * self.screen_size[1]

    def lacks(self, person: Person) -> float:
        """Metres that this person must lean or step forward to start and to approve."""
        return person.lacks(*self.touched(person.eyes))

    @property
    def distortion(self) -> float:
        """How much larger the nose is drawn than the ears."""
        return perspective(self.lens)

    @property
    def letters(self) -> float:
        """Height in mm of the main words' capitals."""
        return 1000 * self.screen * math.tan(math.radians(MAIN_ARC / 60))

    @property
    def characters(self) -> int:
        """Chinese characters of the main words that stand in one line."""
        return math.floor(0.94 * self.screen_size[0] * 1000 / (self.letters / CAPITALS))

    @property
    def gaze(self) -> float:
        """Degrees below the lens of who looks at the middle of the mirror."""
        down = self.below_lens + MIRROR_MIDDLE * self.screen_size[1]
        return math.degrees(math.atan2(down, self.screen))

    @property
    def knees_fit(self) -> bool | None:
        """Whether a wheelchair goes under the ledge; None where there is none."""
        if self.ledge is None:
            return None
        deep = self.ledge.post - self.ledge.front
        toes = max(person.toes for person in PEOPLE)
        return (
            self.ledge.underside >= KNEE_HEIGHT and deep >= KNEE_DEPTH and self.ledge.post >= toes
        )


LEDGE = Ledge(front=0.30, back=0.60, top=0.80, underside=0.70, width=0.40, post=0.90)
KEYS = (0.38, 0.80)
READER = (0.50, 0.80)
"""x and z: the keys in the front row, the reader's window behind them, both in the ledge."""

COLUMN = Arrangement("A: everything in one column, touched", 1.25, 1.25, 15.6, 0.04, None)
NEAR = Arrangement("B: everything within reach, touched", 0.70, 0.70, 10.1, 0.04, None)
BEHIND = Arrangement(
    "C: touched screen near, lens behind and above it", 1.25, 0.60, 10.1, 0.16, None
)
WITH_LEDGE = Arrangement(
    "D: screen and lens together, reader and keys on a ledge", 1.25, 1.25, 15.6, 0.04, KEYS, LEDGE
)

ARRANGEMENTS = (COLUMN, NEAR, BEHIND, WITH_LEDGE)
"""Those that hardware.md compares; the last is the chosen one."""

BACKDROP = -1.0
"""x."""

BACKDROP_HEIGHTS = (0.4, 2.3)
"""From below what the camera sees behind the lowest eyes to above that behind the highest."""

FILL_ABOVE = 0.3
"""The fill lamp over the lens, at most."""

KEY_LAMP, KEY_LAMP_ANGLE = 1.5, 45.0
"""From the face, and from the line to the lens (M: 1.5 to 2 m, 45°)."""

LENS_HEIGHTS = (1.05, 1.87)
"""From the lowest eyes in a wheelchair to those of who stands 1.95 m tall."""


READER_HEIGHT = 0.05
"""How far the reader stands out of the ledge."""


def camera_tilt(frame_height: float) -> float:
    """Degrees by which the camera looks down: so eyes as high as the lens are where the guide's
    mirror wants them. `frame_height`: what it sees at the eyes."""
    return math.degrees(math.atan2(_lowered(frame_height), WITH_LEDGE.lens))


def frame_edges(lens_height: float, x: float, frame_height: float) -> tuple[float, float]:
    """z of the lower and the upper edge of what the camera sees there."""
    grown = (WITH_LEDGE.lens - x) / WITH_LEDGE.lens
    middle = lens_height - _lowered(frame_height) * grown
    return middle - frame_height / 2 * grown, middle + frame_height / 2 * grown


def _lowered(frame_height: float) -> float:
    return (0.5 - TARGET.y) * frame_height


def hidden_by_ledge(lens_height: float, frame_height: float) -> float:
    """Metres from the highest thing on the ledge up to the lower edge of the picture; below 0 it
    would be seen."""
    lower, _ = frame_edges(lens_height, LEDGE.back, frame_height)
    return lower - LEDGE.top - READER_HEIGHT

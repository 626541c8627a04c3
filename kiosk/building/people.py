"""Who comes: how high their eyes are, how far they reach, how much room they take.

Metres. The eyes are where x is 0; x grows towards the lens, z up from the floor.
"""

import math
from dataclasses import dataclass

SHOULDER_BEHIND, SHOULDER_BELOW = 0.10, 0.19
"""From the eyes to the shoulder of who sits upright: eye height less shoulder height, sitting."""

SHORT_REACH = 0.60
"""From the shoulder to the finger that presses, of one woman in twenty at most: 0.525 to the grip,
and to the fingertip half of a hand more (City University of Hong Kong, Online Anthropometry,
dimensions 25 and 34)."""

SHOES = 0.025
"""The same source's correction."""


@dataclass(frozen=True, slots=True)
class Person:
    """One who is drawn and reckoned with."""

    name: str
    eyes: float
    """Height above the floor."""
    reach: float
    """From shoulder to fingertip."""
    knees: float
    """x of the foremost part of the knees; 0 for who stands."""
    toes: float
    """x of the toes."""
    lap: float
    """Height of the highest part of the thighs or armrest that goes under a ledge; 0 standing."""
    seat: float | None
    """Height of the seat; None for who stands."""
    wheels: bool = False

    @property
    def shoulder(self) -> tuple[float, float]:
        """x and z."""
        below = SHOULDER_BELOW if self.seat is not None else 0.145 * self.eyes
        return -SHOULDER_BEHIND, self.eyes - below

    def lacks(self, x: float, z: float) -> float:
        """Metres by which they must lean or step forward to touch a point; 0 for none."""
        from_x, from_z = self.shoulder
        across = self.reach**2 - (z - from_z) ** 2
        return max(x - from_x - math.sqrt(max(across, 0.0)), 0.0)


SMALL = Person("sits, small", 1.20, SHORT_REACH, 0.33, 0.40, 0.65, 0.54)
TALL = Person("sits, 1.95 m tall", 1.20, 0.85, 0.50, 0.55, 0.62, 0.34)
STANDS = Person("stands, 1.95 m tall", 1.95 - 0.11 + SHOES, 0.85, 0.0, 0.12, 0.0, None)
WHEELCHAIR_LOW = Person("wheelchair, low", 1.09, SHORT_REACH, 0.45, 0.70, 0.685, 0.485, True)
WHEELCHAIR_HIGH = Person("wheelchair, high", 1.295, SHORT_REACH, 0.50, 0.75, 0.685, 0.485, True)

PEOPLE = (SMALL, TALL, STANDS, WHEELCHAIR_LOW, WHEELCHAIR_HIGH)
"""Eyes at the lens: who sits by the stool, others by the lens's height.

Wheelchairs: eyes at 1.09 to 1.295, lap 0.685 and seat 0.485 high, 1.065 long and the toes 0.15
beyond (ADA Accessibility Guidelines, figure A3). Sitting eyes are 0.66 to 0.86 above the seat.
"""

"""The monitor: how large a pixel is, and from how far away it is read."""

import math
from dataclasses import dataclass

MM_PER_INCH = 25.4

MAIN_ARC, TEXT_ARC = 42.0, 21.0
"""Minutes of arc that letters have at least: of the main instruction, and of all else."""

LEAST_TARGET_MM = 15.0
"""The shorter side of what can be tapped, at least."""


@dataclass(frozen=True, slots=True)
class Monitor:
    """The booth's screen as a thing in a room."""

    pixels: tuple[int, int]
    """Width and height."""
    diagonal_inches: float
    distance_m: float
    """From the student's eyes."""

    def __str__(self) -> str:
        width, height = self.pixels
        return f"{width} × {height}, {self.diagonal_inches:g}″, seen from {self.distance_m:g} m"

    @property
    def pixels_per_mm(self) -> float:
        """Pixels are square."""
        return math.hypot(*self.pixels) / (self.diagonal_inches * MM_PER_INCH)

    def from_mm(self, length: float) -> float:
        """Pixels that are so many millimetres long."""
        return length * self.pixels_per_mm

    def from_arc(self, minutes: float) -> float:
        """Pixels that look so many minutes of arc high."""
        return self.from_mm(1000 * self.distance_m * math.tan(math.radians(minutes / 60)))

    @property
    def is_landscape(self) -> bool:
        """Whether it is wider than high."""
        return self.pixels[0] > self.pixels[1]


def usual_distance(diagonal_inches: float) -> float:
    """Metres from which a screen of this size is read: a small one hangs nearer to the student."""
    if diagonal_inches < 9:
        return 0.6
    return 0.8 if diagonal_inches < 13 else 1.25

"""A sketch: smooth shapes in colour on a square ground, by OpenCV."""

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from kiosk.display.theme import Colour

Points = NDArray[np.float64]
"""n × 2: x to the right, y down."""

FRACTION_BITS = 4
"""OpenCV takes coordinates as integers whose last bits are fractions of a pixel."""


class Sketch:
    """Shapes in units of the square's side, from its upper left corner."""

    def __init__(self, side: int, ground: Colour) -> None:
        self.pixels: NDArray[np.uint8] = np.empty((side, side, 3), np.uint8)
        """Side × side × 3: R, G, B."""
        self.pixels[0] = ground
        self.pixels[1:] = self.pixels[0]
        self._side = side

    def fill(self, points: ArrayLike, colour: Colour) -> None:
        """Fill a polygon."""
        cv2.fillPoly(self.pixels, [self._fixed(points)], colour, cv2.LINE_AA, FRACTION_BITS)

    def line(
        self, points: ArrayLike, width: float, colour: Colour, *, closed: bool = False
    ) -> None:
        """Draw a line with round corners and ends."""
        thick = max(round(width * self._side), 1)
        fixed = [self._fixed(points)]
        cv2.polylines(self.pixels, fixed, closed, colour, thick, cv2.LINE_AA, FRACTION_BITS)

    def shape(
        self, points: ArrayLike, colour: Colour, ink: Colour | None = None, width: float = 0.012
    ) -> None:
        """Fill a polygon and draw its edge."""
        self.fill(points, colour)
        if ink is not None:
            self.line(points, width, ink, closed=True)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Fill a circle."""
        self.fill(ellipse((x, y), (radius, radius)), colour)

    def _fixed(self, points: ArrayLike) -> NDArray[np.int32]:
        # OpenCV's coordinates are those of pixels' middles.
        scaled = (np.asarray(points, float) * self._side - 0.5) * 2**FRACTION_BITS
        return np.asarray(np.rint(scaled), np.int32)


def ellipse(
    centre: tuple[float, float], axes: tuple[float, float], start: float = 0, end: float = 360
) -> Points:
    """A part of an ellipse; degrees run clockwise from the right."""
    turn = np.radians(np.linspace(start, end, max(round(abs(end - start) / 8), 6) + 1))
    return np.stack((centre[0] + axes[0] * np.cos(turn), centre[1] + axes[1] * np.sin(turn)), 1)


def shift(points: ArrayLike, x: float, y: float) -> Points:
    """The same elsewhere."""
    moved: Points = np.asarray(points, float) + np.array((x, y))
    return moved


def flip(points: ArrayLike) -> Points:
    """The same on the other side of the square."""
    return shift(np.multiply(np.asarray(points, float), (-1, 1)), 1, 0)


def curve(*points: tuple[float, float]) -> Points:
    """A Bézier curve of any order through its first and last point."""
    t = np.linspace(0, 1, 16)[:, None]
    rows = [np.broadcast_to(np.array(point, float), (16, 2)) for point in points]
    while len(rows) > 1:
        rows = [a * (1 - t) + b * t for a, b in pairwise(rows)]
    return rows[0]


def draw_arrow(
    sketch: Sketch, line: ArrayLike, colour: Colour, halo: Colour, width: float = 0.045
) -> None:
    """Draw an arrow along a line, its tip at the line's end, edged so that it stands out."""
    path = np.asarray(line, float)
    tip = path[-1]
    back = path[max(len(path) - 4, 0)]
    ahead = (tip - back) / max(float(np.hypot(*(tip - back))), 1e-6)
    aside = np.array((-ahead[1], ahead[0]))
    foot = tip - ahead * width * 2.1
    barb = np.stack((tip, foot + aside * width * 1.55, foot - aside * width * 1.55))
    keep = [point for point in path if (point - foot) @ ahead < 0]
    shaft = np.array([*keep, foot])
    for grown, ink in ((0.022, halo), (0.0, colour)):
        sketch.line(shaft, width + grown, ink)
        sketch.fill(barb, ink)
        sketch.line(barb, grown + 0.012, ink, closed=True)

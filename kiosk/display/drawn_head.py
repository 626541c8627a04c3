"""The head of the drawn person: a solid that is turned, and laid onto the picture."""

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from kiosk.display.pose import EDGE, HEAD_AT, WHITE, Palette, Pose, mix
from kiosk.display.sketch import Points, Sketch, curve, ellipse, shift

Solid = NDArray[np.float64]
"""n × 3, in half widths of the head: x to the right, y down, z towards who looks."""

HEAD_HALF = 0.185
"""Half of the head's width, of the picture's side."""

PIVOT = np.array((0.0, 0.75, -0.2))
"""What the head turns about: the neck."""


class DrawnHead:
    """A head in a pose, to be drawn once."""

    def __init__(self, sketch: Sketch, pose: Pose, palette: Palette) -> None:
        self.sketch, self.pose, self.palette = sketch, pose, palette
        self.unit = HEAD_HALF * pose.size
        """Half of the head's width, of the picture's side."""
        turn, nod, tilt = np.radians((pose.turn, pose.nod, pose.tilt))
        c, s = np.cos(turn), np.sin(turn)
        about_y = np.array(((c, 0, s), (0, 1, 0), (-s, 0, c)))
        c, s = np.cos(nod), np.sin(nod)
        about_x = np.array(((1, 0, 0), (0, c, -s), (0, s, c)))
        c, s = np.cos(tilt), np.sin(tilt)
        about_z = np.array(((c, -s, 0), (s, c, 0), (0, 0, 1)))
        self._rotation = about_z @ about_x @ about_y

    def draw(self) -> None:
        """Draw it from behind to the front, bare."""
        pose, palette, sketch = self.pose, self.palette, self.sketch
        if pose.locks > 0:
            self._draw_locks(behind=True)
        for side in (-1, 1):
            if side * pose.turn >= 0:
                self._draw_ear(side)
        skull, jaw, face = self.hull(SKULL), self.hull(JAW), self.flat(FACE)
        for part in (skull, jaw, face):
            sketch.line(part, 2 * EDGE * pose.size, palette.ink, closed=True)
        for part, colour in ((skull, palette.hair), (jaw, palette.skin), (face, palette.skin)):
            sketch.fill(part, colour)
        for side in (-1, 1):
            if side * pose.turn < 0:
                self._draw_ear(side)
        if pose.shadow > 0:
            half = np.concatenate((FACE[: len(FACE) // 2], MIDLINE))
            sketch.fill(self.flat(half), mix(palette.skin, palette.ink, 0.4 * pose.shadow))
        if pose.shine > 0:
            self._draw_shine()
        self._draw_features()
        if pose.fringe > 0:
            self._draw_fringe()
        if pose.locks > 0:
            self._draw_locks(behind=False)

    def flat(self, solid: Solid) -> Points:
        """Where points of the solid lie on the picture."""
        turned = (np.atleast_2d(solid) - PIVOT) @ self._rotation.T + PIVOT
        middle = shift(HEAD_AT, self.pose.x, self.pose.y)
        return np.asarray(turned[:, :2] * self.unit + middle)

    def hull(self, solid: Solid) -> Points:
        """The outline of a convex part."""
        flat = self.flat(solid).astype(np.float32)
        return np.asarray(cv2.convexHull(flat)[:, 0], float)

    def on_face(self, points: ArrayLike, lift: float = 0.0) -> Points:
        """Where points of the face lie, that are given as seen from the front."""
        return self.flat(raise_onto(np.asarray(points, float), lift))

    def _line(self, points: ArrayLike, width: float = 0.085, lift: float = 0.0) -> None:
        self.sketch.line(self.on_face(points, lift), width * self.unit, self.palette.ink)

    def _draw_ear(self, side: int) -> None:
        rim = ellipse((0, 0.12), (0.17, 0.3))
        solid = np.stack((side * 1.0 + rim[:, 0], rim[:, 1], np.full(len(rim), -0.1)), 1)
        self.sketch.shape(
            self.flat(solid), self.palette.skin, self.palette.ink, EDGE * self.pose.size
        )

    def _draw_features(self) -> None:
        pose, palette, sketch = self.pose, self.palette, self.sketch
        for side in (-1, 1):
            self._line(curve((side * 0.2, -0.3), (side * 0.4, -0.44), (side * 0.64, -0.28)), 0.1)
            self._draw_eye(side * 0.41)
        nose = raise_onto(np.array(((0.0, 0.02), (0.0, 0.4), (0.0, 0.46))), 0.0)
        nose[1:, 2] += (0.34, 0.1)
        wing = raise_onto(np.array(((-0.13, 0.44), (0.13, 0.44))), 0.12)
        tip = self.flat(np.stack((wing[0], nose[1] + (0, 0.08, -0.05), wing[1])))
        sketch.line(tip, 0.085 * self.unit, palette.ink)
        sketch.line(
            self.flat(np.stack((nose[0], nose[1] + (0.05, 0, 0)))),
            0.05 * self.unit,
            mix(palette.skin, palette.ink, 0.55),
        )
        wide, drawn_up = 0.3 + 0.1 * pose.smile, 0.17 * pose.smile
        if pose.lips > 0.05:
            mouth = self.on_face(ellipse((0, 0.82), (0.26, 0.05 + 0.17 * pose.lips)))
            sketch.shape(mouth, mix(palette.ink, palette.skin, 0.1), palette.ink, 0.06 * self.unit)
        elif pose.smile > 0.05:
            smiling = np.concatenate(
                (
                    curve((-wide, 0.76 - drawn_up), (0, 0.84), (wide, 0.76 - drawn_up)),
                    curve(
                        (wide, 0.76 - drawn_up), (0, 0.84 + 2 * drawn_up), (-wide, 0.76 - drawn_up)
                    ),
                )
            )
            sketch.shape(self.on_face(smiling), palette.ground, palette.ink, 0.085 * self.unit)
        else:
            self._line(curve((-0.28, 0.79), (0, 0.82), (0.28, 0.79)), 0.085)

    def _draw_eye(self, x: float) -> None:
        pose, palette = self.pose, self.palette
        wide, high = 0.21, 0.15 * pose.lids
        if high < 0.03:
            self._line(curve((x - wide, 0.0), (x, 0.14), (x + wide, 0.0)), 0.09)
            return
        upper = curve((x - wide, 0.02), (x, 0.02 - 2 * high), (x + wide, 0.02))
        lower = curve((x + wide, 0.02), (x, 0.02 + 1.6 * high), (x - wide, 0.02))
        self.sketch.fill(self.on_face(np.concatenate((upper, lower))), WHITE)
        iris = ellipse((x + 0.11 * pose.gaze_x, 0.01 + 0.07 * pose.gaze_y), (0.1, min(0.1, high)))
        self.sketch.fill(self.on_face(iris), palette.ink)
        self._line(upper, 0.075)
        self._line(lower, 0.04)

    def _draw_fringe(self) -> None:
        """Hair that falls over the brows, and goes to the right as it is swept aside."""
        gone = 1 - self.pose.fringe
        low = -0.12 - 0.5 * gone
        edge = (
            (-0.86, low - 0.1),
            (-0.5, low),
            (-0.2, low - 0.08),
            (0.1, low),
            (0.4, low - 0.08),
            (0.66, low),
            (0.88, low - 0.1),
        )
        top = ((0.8, -0.75), (0.4, -0.95), (0.0, -1.0), (-0.4, -0.95), (-0.8, -0.75))
        self.sketch.fill(self.on_face((*edge, *top), 0.06), self.palette.hair)

    def _draw_locks(self, *, behind: bool) -> None:
        """Hair that hangs over the ears, and goes behind them."""
        amount = self.pose.locks
        for side in (-1, 1):
            inner = curve((0.1, -0.98), (0.62, -0.8), (0.92 - 0.3 * amount, 0.1), (0.8, 1.5))
            outer = curve(
                (0.9, 1.62), (1.3 + 0.1 * amount, 1.0), (1.25 * amount, -1.2), (0.1, -1.3)
            )
            lock = np.concatenate((inner, outer)) * (side, 1)
            solid = np.column_stack((lock, np.full(len(lock), -0.5 if behind else 0.35)))
            if behind or amount > 0.5:
                self.sketch.fill(self.flat(solid), self.palette.hair)

    def _draw_shine(self) -> None:
        for x, y, wide in ((-0.25, -0.55, 0.24), (0.5, 0.3, 0.15), (0.06, 0.3, 0.07)):
            spot = self.on_face(ellipse((x, y), (wide, wide * 0.6)), 0.04)
            self.sketch.shape(
                spot,
                mix(self.palette.skin, WHITE, self.pose.shine),
                mix(self.palette.skin, self.palette.mark, self.pose.shine),
                0.04 * self.unit,
            )


def _ellipsoid(centre: tuple[float, float, float], axes: tuple[float, float, float]) -> Solid:
    round_, up = np.meshgrid(np.linspace(0, 2 * np.pi, 24), np.linspace(-np.pi / 2, np.pi / 2, 15))
    unit = np.stack((np.cos(up) * np.cos(round_), np.sin(up), np.cos(up) * np.sin(round_)), -1)
    return np.asarray(unit.reshape(-1, 3) * axes + centre)


def raise_onto(points: NDArray[np.float64], lift: float) -> Solid:
    """Lay points that are seen from the front onto the head's surface."""
    x, y = points[:, 0], points[:, 1]
    depth = 1.05 * np.sqrt(np.maximum(1 - (x / 1.02) ** 2 - ((y - 0.05) / 1.45) ** 2, 0.0))
    return np.stack((x, y, depth + lift), 1)


def _face_edge() -> Solid:
    """The line of hair, temples and jaw."""
    right = np.concatenate(
        (
            curve((0.0, -0.74), (0.5, -0.74), (0.74, -0.6), (0.86, -0.25)),
            curve((0.86, -0.25), (0.93, 0.5), (0.7, 1.0), (0.3, 1.25), (0.0, 1.27)),
        )
    )
    return raise_onto(np.concatenate((right, right[::-1] * (-1, 1))), 0.0)


SKULL = _ellipsoid((0, -0.25, -0.12), (1.03, 1.13, 1.1))
JAW = _ellipsoid((0, 0.42, 0.12), (0.8, 0.88, 0.78))
FACE = _face_edge()
MIDLINE = raise_onto(np.stack((np.zeros(12), np.linspace(1.27, -0.74, 12)), 1), 0.0)

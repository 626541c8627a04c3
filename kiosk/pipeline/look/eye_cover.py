"""Whether something lies over an eye: a hand, a sleeve. Pure.

The mesh invents what it cannot see, so the picture is asked whether an iris is darker than what is
around it. Of the mouth nothing is asked: the lips of some dark faces differ no more from the skin
around them than a hand's parts from each other.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.look.patch import Points, place, upright

SIDE, DISTANCE, MIDDLE = 256, 96.0, (0.5, 0.4)
"""The patch on which is measured, in px, and where the eyes lie on it."""

IRISES = (473, 468)
"""Points of MediaPipe's face mesh: the middle of the left and the right iris."""

IRIS = 14.0
"""Least L* by which an iris is darker than the light parts of its eye. On 138 people it is 20 and
more, but for one who wears a patch (6); under a drawn hand it is at most 3.5, and once 28."""


def eye_covered(picture: Picture, points: Points) -> bool:
    """Whether an eye is covered; `points` are the mesh's, in px of the picture."""
    patch, matrix = upright(picture, points, SIDE, DISTANCE, MIDDLE)
    light = np.asarray(cv2.cvtColor(patch, cv2.COLOR_RGB2LAB)[..., 0], np.float32) * (100 / 255)
    on_patch = place(points, matrix)
    return min(_darker(light, on_patch[iris]) for iris in IRISES) < IRIS


def _darker(light: NDArray[np.float32], middle: NDArray[np.float64]) -> float:
    y, x = np.mgrid[: light.shape[0], : light.shape[1]]
    away = np.hypot(x - middle[0], y - middle[1])
    iris, eye = light[away < 0.06 * DISTANCE], light[away < 0.28 * DISTANCE]
    return float(np.percentile(eye, 90) - np.median(iris)) if iris.size else 0.0

"""Whether something lies over the eyes or the mouth: a hand, a sleeve, a mask. Pure.

The mesh invents what it cannot see, so the picture is asked whether an iris is darker than what is
around it, and whether lips look otherwise than the skin around them.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.patch import Points, place, upright

SIDE, DISTANCE, MIDDLE = 256, 96.0, (0.5, 0.4)
"""The patch on which is measured, in px, and where the eyes lie on it."""

IRISES = (473, 468)
"""Points of MediaPipe's face mesh: the middle of the left and the right iris."""

LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
"""The lips' outer edge."""

IRIS = 14.0
"""Least L* by which an iris is darker than the light parts of its eye. On 138 people it is 20 and
more, but for one who wears a patch (6); under a drawn hand it is at most 3.5, and once 28."""

LIP = 1.2
"""Least ΔE, lightness at half weight, of the lips from the skin around them. On 138 people it is
2 and more in all but one of a hundred; under a drawn hand 1.0 at most in 95 of them."""


def covered(picture: Picture, points: Points) -> str | None:
    """Say what of a face is covered, in words; None where nothing is. `points` are the mesh's."""
    patch, matrix = upright(picture, points, SIDE, DISTANCE, MIDDLE)
    colour = patch.astype(np.float32) / np.float32(255)
    lab = np.asarray(cv2.cvtColor(colour, cv2.COLOR_RGB2LAB), np.float32)
    on_patch = place(points, matrix)
    light = np.asarray(lab[..., 0], np.float32)
    if min(_darker(light, on_patch[iris]) for iris in IRISES) < IRIS:
        return "an eye"
    if _apart(lab, on_patch[list(LIPS)]) < LIP:
        return "the mouth"
    return None


def _darker(light: NDArray[np.float32], middle: NDArray[np.float64]) -> float:
    y, x = np.mgrid[: light.shape[0], : light.shape[1]]
    away = np.hypot(x - middle[0], y - middle[1])
    iris, eye = light[away < 0.06 * DISTANCE], light[away < 0.28 * DISTANCE]
    return float(np.percentile(eye, 90) - np.median(iris)) if iris.size else 0.0


def _apart(lab: NDArray[np.float32], outline: NDArray[np.float64]) -> float:
    lips = np.zeros(lab.shape[:2], np.uint8)
    cv2.fillPoly(lips, [np.round(outline).astype(np.int32)], 1)
    near, far = (_grown(lips, share * DISTANCE) for share in (0.08, 0.22))
    around = (far > 0) & (near == 0)
    if not lips.any() or not around.any():
        return 0.0
    off = np.median(lab[lips > 0], axis=0) - np.median(lab[around], axis=0)
    return float(np.linalg.norm(off * (0.5, 1, 1)))


def _grown(mask: NDArray[np.uint8], radius: float) -> NDArray[np.uint8]:
    side = 2 * round(radius) + 1
    return np.asarray(cv2.dilate(mask, np.ones((side, side), np.uint8)), np.uint8)

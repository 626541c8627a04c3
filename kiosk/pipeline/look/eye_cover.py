"""Whether something lies over an eye: a hand, a sleeve. Pure.

The mesh invents what it cannot see, so the picture itself must show an iris that is darker than
what is around it. A covered mouth cannot be told in this way: the lips of some dark faces differ no
more from the skin around them than a hand's parts differ from each other. `coverage` tells it.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.look.patch import IRISES, Points, cut_upright_patch, map_points

PATCH_SIDE, EYE_DISTANCE, EYES_MIDDLE = 256, 96.0, (0.5, 0.4)
"""The eyes are measured upright on a patch of PATCH_SIDE x PATCH_SIDE px: how far apart they are
there, in px, and where their middle lies, in shares of the side."""

Lightness = NDArray[np.float32]
"""H x W: L* of CIE 1976, 0 to 100."""

LEAST_DARKER = 10.0
"""Least L* by which an iris is darker than the light parts of its eye. On 138 people it is 20 and
more, but for one who wears a patch (6); of 1,100 faces from the web 7 have less, most of them dark
or tiny ones. Under a drawn hand it is at most 3.5, and once 28."""


def eye_covered(picture: Picture, points: Points) -> bool:
    """Whether an eye is covered; `points` are the mesh's, in px of the picture."""
    patch, matrix = cut_upright_patch(picture, points, PATCH_SIDE, EYE_DISTANCE, EYES_MIDDLE)
    on_patch = map_points(points, matrix)
    light = lightness(patch)
    return any(shows_no_iris(light, on_patch[middle], EYE_DISTANCE) for middle, *_ in IRISES)


def lightness(patch: Picture) -> Lightness:
    """L* of each pixel, 0 to 100."""
    return np.asarray(cv2.cvtColor(patch, cv2.COLOR_RGB2LAB)[..., 0], np.float32) * (100 / 255)


def shows_no_iris(light: Lightness, middle: NDArray[np.float64], eye_distance: float) -> bool:
    """Whether nothing dark is seen where an iris has its middle, on a patch of L* on which the eyes
    are so many px apart."""
    y, x = np.mgrid[: light.shape[0], : light.shape[1]]
    away = np.hypot(x - middle[0], y - middle[1]) / eye_distance
    iris, eye = light[away < 0.06], light[away < 0.28]
    darker = float(np.percentile(eye, 90) - np.median(iris)) if iris.size else 0.0
    return darker < LEAST_DARKER

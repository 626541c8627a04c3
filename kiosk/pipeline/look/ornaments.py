"""What hangs at the ears, told from where a head's picture shows things. Pure."""

import cv2
import numpy as np

from kiosk.pipeline.look.patch import WIDEST, Points, cut_place
from kiosk.pipeline.mask import Mask, SoftMask

SURE_THING = 0.5
"""Mask from which on a pixel is of a thing."""

INWARDS, OUTWARDS, FROM, TO = 0.2, 0.5, 0.05, 1.2
"""Where earrings hang, in T: how far inwards and outwards of the cheek's widest point, and from
where to where below it. The sides of glasses, and headphones, lie above."""

LEAST_INSIDE = 0.6
"""Share of a thing that must lie there: glasses, hats, telephones and microphones reach beyond."""


def measure_earrings(things: SoftMask, points: Points, t: float) -> float:
    """The area of what hangs at the ears, in T², both together.

    `things` is how surely each pixel of an upright patch is of a thing, neither person nor clothes;
    `points` is the mesh there, and `t` the distance of the eyes, in its pixels.
    """
    near = _places(things.shape[:2], points, t)
    sure = (things > SURE_THING).astype(np.uint8)
    _, numbers = cv2.connectedComponents(sure, connectivity=8)
    whole = np.bincount(numbers.ravel())
    inside = np.bincount(numbers[near], minlength=len(whole))
    hung = inside >= LEAST_INSIDE * whole
    hung[0] = False  # what is no thing
    return float(whole[hung].sum()) / t**2


def _places(size: tuple[int, ...], points: Points, t: float) -> Mask:
    """Where earrings hang, on both sides."""
    places = np.zeros(size, bool)
    for cheek, outwards in zip(WIDEST, (1, -1), strict=True):
        x, y = points[cheek]
        ends = -outwards * INWARDS, outwards * OUTWARDS
        left, right = sorted(x + end * t for end in ends)
        place = cut_place(y + FROM * t, y + TO * t, left, right)
        places[place] = True
    return places

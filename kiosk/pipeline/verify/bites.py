"""Bites: holes and bays of bare background in the head, with harder edges than its own."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.mask import Mask
from kiosk.pipeline.verify.edge import Distances, Edge, measure_jumps
from kiosk.pipeline.verify.silhouette import CodesOff

BITE_REACH = 16
"""Pixels, at 640 rows: a bay that is twice as wide is none, but the outline's own course."""

LEAST_RADIUS = 3.5
"""Pixels, at 640 rows, to which a bite's middle is away from the person: what is narrower is a gap
between locks, or a speck."""

LEAST_BORDER = 0.65
"""Share of a bite's border that is the person: below that it is a corner, as at ear and neck."""

BARE_OFF = 24
"""Codes off the background up to which it lies bare."""

LEAST_HARDNESS = 0.18
"""By how much more of the way from background to person a step of one pixel must make, in the
median along a bite's border, than along the whole head. Hair ends softly, and where the camera is
sharp all is."""

BORDER = 2
"""Pixels around a bite that are its border."""


@dataclass(frozen=True, slots=True)
class Bite:
    """One bite: its middle and its area, in pixels."""

    x: int
    y: int
    area: int


def find_bites(edge: Edge, off: CodesOff, chin: float) -> tuple[Bite, ...]:
    """Find the bites above the chin's row."""
    scale = off.shape[0] / 640
    rows = slice(0, max(int(chin), 0))
    solid, cover, outside = edge.solid[rows], edge.cover[rows], edge.outside[rows]
    if not solid.any():
        return ()
    whole = measure_jumps(cover, np.ones(solid.shape, bool))
    if not whole.size:
        return ()
    count, labels, stats, middles = cv2.connectedComponentsWithStats(
        _bays(solid, outside, BITE_REACH * scale)
    )
    found = []
    for number in range(1, count):
        left, top, wide, high, area = stats[number].tolist()
        near = (
            slice(max(top - BORDER, 0), top + high + BORDER),
            slice(max(left - BORDER, 0), left + wide + BORDER),
        )
        bay = labels[near] == number
        if outside[near][bay].max() < LEAST_RADIUS * scale:
            continue
        grown = _grow(bay, BORDER)
        jumps = measure_jumps(cover[near], grown)
        if (
            jumps.size
            and np.median(jumps) - np.median(whole) > LEAST_HARDNESS
            and (off[rows][near][bay] < BARE_OFF).mean() > 0.5
            and solid[near][_grow(bay, 1) & ~bay].mean() > LEAST_BORDER
        ):
            x, y = middles[number]
            found.append(Bite(round(x), round(y), area))
    return tuple(found)


def _bays(solid: Mask, outside: Distances, reach: float) -> NDArray[np.uint8]:
    """What a disc of this radius that rolls along the outline cannot get into."""
    reached = (outside <= reach).astype(np.uint8)
    closed = cv2.distanceTransform(reached, cv2.DIST_L2, 5) > reach
    bays = (closed & ~solid).astype(np.uint8)
    return np.asarray(cv2.morphologyEx(bays, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)


def _grow(mask: Mask, reach: int) -> Mask:
    kernel = np.ones((2 * reach + 1,) * 2, np.uint8)
    return np.asarray(cv2.dilate(mask.astype(np.uint8), kernel) > 0)

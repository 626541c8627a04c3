"""Lenses and rims, told from where a head's picture shows things: rims and dark lenses are things,
and what is seen through clear lenses is skin. Pure.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.pipeline.look.patch import LIDS, Points, cut_place
from kiosk.pipeline.mask import Mask, SoftMask

LENS, LENS_LOWER = (0.34, 0.18), -0.02
"""How far what lies before an eye reaches aside, and up and down: within all but the smallest rims,
and above masks. And how far its middle lies below the eye's. In T."""

WITHIN, WITHIN_LOWER = (0.36, 0.24), 0.04
"""The same of what is within rims for sure."""

AROUND, AROUND_LOWER = (0.52, 0.40), 0.06
"""The same of what is not beyond them."""

BRIDGE = (0.12, (-0.16, 0.24))
"""Where glasses lie on the nose: half of its width, and from and to where below the eyes, in T."""

ACROSS, LEAST_HALF = 0.17, 0.06
"""How far from an eye's middle a rim across it is looked for aside, and at least up and down: in
T."""


@dataclass(frozen=True, slots=True)
class Lenses:
    """What is worn before the eyes."""

    worn: float
    """Share of the nose's bridge that is a thing, and of a ring around the eyes, summed: 0 to 2.
    All of 87 wearers in the wild have 0.13 and more."""
    darkness: float
    """Share of the lens that one cannot see through, of the eye where it is less. Dark pairs have
    0.6 and more, in profile 0.23; of 75 clear and half-dark ones none has more than 0.15, of 117
    masks 0.2 at most."""
    frame: float
    """How surely a rim lies across both eyes' openings; the eye where it is less sure. One real
    pair does, with 0.53; 74 others have 0.1 at most."""


def measure_lenses(things: SoftMask, points: Points, t: float) -> Lenses:
    """What is worn before the eyes of a face.

    `things` is how surely each pixel of an upright patch is of a thing, neither person nor clothes;
    `points` is the mesh there, and `t` the distance of the eyes, in its pixels.
    """
    eyes = [points[list(lid)].mean(0) for lid in LIDS]
    shape = things.shape
    lenses = [_ellipse(shape, eye, LENS, LENS_LOWER, t) for eye in eyes]
    around = [
        _ellipse(shape, eye, AROUND, AROUND_LOWER, t)
        & ~_ellipse(shape, eye, WITHIN, WITHIN_LOWER, t)
        for eye in eyes
    ]
    bridge = np.zeros(shape, bool)
    x, y = (eyes[0] + eyes[1]) / 2
    half, (top, low) = BRIDGE
    bridge[cut_place(y + top * t, y + low * t, x - half * t, x + half * t)] = True
    return Lenses(
        worn=_mean(things, bridge) + sum(_mean(things, ring) for ring in around) / len(around),
        darkness=min(_mean(things, lens) for lens in lenses),
        frame=min(_line_across(things, points[list(lid)], t) for lid in LIDS),
    )


def _line_across(things: SoftMask, lid: Points, t: float) -> float:
    """What the surest rows of an eye's opening have in the mean: a rim runs along one."""
    x = float(lid[:, 0].min() + lid[:, 0].max()) / 2
    top, low = float(lid[:, 1].min()), float(lid[:, 1].max())
    middle, half = (top + low) / 2, max((low - top) / 2, LEAST_HALF * t)
    rows = things[cut_place(middle - half, middle + half + 1, x - ACROSS * t, x + ACROSS * t + 1)]
    return float(np.percentile(rows.mean(1), 90)) if rows.size else 0.0


def _ellipse(
    shape: tuple[int, ...],
    eye: Points,
    axes: tuple[float, float],
    lower: float,
    t: float,
) -> Mask:
    area = np.zeros(shape, np.uint8)
    middle = np.clip(np.rint(eye + np.array([0, lower * t])), -9999, 9999).astype(int)
    size = round(axes[0] * t), round(axes[1] * t)
    cv2.ellipse(area, (int(middle[0]), int(middle[1])), size, 0, 0, 360, 1, -1)
    return np.asarray(area > 0)


def _mean(things: SoftMask, area: Mask) -> float:
    return float(things[area].mean()) if area.any() else 0.0

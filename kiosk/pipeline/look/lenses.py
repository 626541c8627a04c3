"""Lenses and rims by the segmentation of people: what before the eyes is neither skin nor hair.

The selfie multiclass model calls rims and dark lenses "others", and what is seen through clear
lenses skin. Pure: the masks come from whoever runs it.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.pipeline.look.patch import EYES, LIDS, Points
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
    """Share of where rims lie, over the nose and around the eyes, that is a thing: 0 to 2. All of
    87 wearers in the wild have 0.13 and more."""
    darkness: float
    """Share of the lens that one cannot see through, of the eye where it is less. Dark pairs have
    0.6 and more, in profile 0.23; of 75 clear and half-dark ones none has more than 0.15, of 117
    masks 0.2 at most."""
    frame: float
    """How surely a rim lies across both eyes' openings; the eye where it is less sure. One real
    pair does, with 0.53; 74 others have 0.1 at most."""


def measure_lenses(others: SoftMask, points: Points) -> Lenses:
    """Measure by how surely each pixel of an upright patch is neither skin, hair, clothes nor
    background; `points` is the mesh there."""
    across = points[list(EYES[0])].mean(0) - points[list(EYES[1])].mean(0)
    t = max(float(np.hypot(*across)), 1.0)
    eyes = [points[list(lid)].mean(0) for lid in LIDS]
    shape = others.shape
    lenses = [_ellipse(shape, eye, LENS, LENS_LOWER, t) for eye in eyes]
    around = [
        _ellipse(shape, eye, AROUND, AROUND_LOWER, t)
        & ~_ellipse(shape, eye, WITHIN, WITHIN_LOWER, t)
        for eye in eyes
    ]
    bridge = np.zeros(shape, bool)
    x, y = (eyes[0] + eyes[1]) / 2
    left, right = (max(round(x + v * t), 0) for v in (-BRIDGE[0], BRIDGE[0]))
    top, low = (max(round(y + v * t), 0) for v in BRIDGE[1])
    bridge[top:low, left:right] = True
    return Lenses(
        worn=_mean(others, bridge) + sum(_mean(others, ring) for ring in around) / len(around),
        darkness=min(_mean(others, lens) for lens in lenses),
        frame=min(_line_across(others, points[list(lid)], t) for lid in LIDS),
    )


def _line_across(others: SoftMask, lid: Points, t: float) -> float:
    """What the surest rows of an eye's opening have in the mean: a rim runs along one."""
    x = float(lid[:, 0].min() + lid[:, 0].max()) / 2
    top, low = float(lid[:, 1].min()), float(lid[:, 1].max())
    middle, half = (top + low) / 2, max((low - top) / 2, LEAST_HALF * t)
    rows = others[
        max(round(middle - half), 0) : max(round(middle + half) + 1, 0),
        max(round(x - ACROSS * t), 0) : max(round(x + ACROSS * t) + 1, 0),
    ]
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


def _mean(others: SoftMask, area: Mask) -> float:
    return float(others[area].mean()) if area.any() else 0.0

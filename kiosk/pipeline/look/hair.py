"""Hair and headgear: what covers brows, ears and forehead, by a segmentation of the hair."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.look.patch import Points, cut_upright_patch, map_points
from kiosk.pipeline.mask import Mask, SoftMask
from kiosk.pipeline.observation import Hair

PATCH_SIDE, EYE_DISTANCE = 512, 98.0
"""The head is measured upright on a patch of PATCH_SIDE x PATCH_SIDE px, on which the eyes are
EYE_DISTANCE px apart."""

# Points of MediaPipe's face mesh. "Left" is the person's own left.
_BROWS = (
    (336, 296, 334, 293, 300, 276, 283, 282, 295, 285),
    (107, 66, 105, 63, 70, 46, 53, 52, 65, 55),
)
_CHEEK_LEFT, _CHEEK_RIGHT = 454, 234
_BARE_SKIN = (50, 205, 101, 280, 425, 330, 6, 197, 195)
_TOP = 10

SURE_HAIR = 0.5
"""Mask from which on a pixel counts as hair."""

STRANDS = 0.3
"""Mask from which on strands of hair lie over a brow: a fringe is thinner than a head of hair. Over
the clear brows of 99 portraits the mask stays below."""

SKIN_DISTANCE = 12.0
"""Distance from the cheeks' colour up to which a forehead is bare, CIE 1976 ΔE with lightness at
two fifths: foreheads shine and lie in shade."""


def measure_hair(patch: Picture, points: Points, mask: SoftMask) -> Hair:
    """Measure how surely each pixel of the upright patch is hair; `points` is the mesh there."""
    hair = mask > SURE_HAIR
    rows = np.nonzero(hair.any(1))[0]
    top = points[_TOP, 1]
    return Hair(
        brows=max(_share_at(mask > STRANDS, points[list(brow)]) for brow in _BROWS),
        ear_left=_ear_share(hair, points[_CHEEK_LEFT], 1),
        ear_right=_ear_share(hair, points[_CHEEK_RIGHT], -1),
        covering=_covered_forehead(patch, points, hair),
        rise=float(top - rows[0]) / EYE_DISTANCE if len(rows) else 0.0,
    )


def upright_head(picture: Picture, points: Points) -> tuple[Picture, Points]:
    """Cut the upright patch on which hair is measured: the patch, and the mesh there."""
    patch, matrix = cut_upright_patch(picture, points, PATCH_SIDE, EYE_DISTANCE, (0.5, 0.5))
    return patch, map_points(points, matrix)


def _share_at(hair: Mask, points: Points) -> float:
    at = np.clip(np.rint(points), 0, PATCH_SIDE - 1).astype(int)
    return float(hair[at[:, 1], at[:, 0]].mean())


def _ear_share(hair: Mask, cheek: NDArray[np.float64], way: int) -> float:
    x, y = np.clip(cheek, 0, PATCH_SIDE - 1)
    left, right = sorted((x, x + way * 0.28 * EYE_DISTANCE))
    part = hair[
        round(max(y - 0.25 * EYE_DISTANCE, 0)) : round(min(y + 0.45 * EYE_DISTANCE, PATCH_SIDE)),
        round(max(left, 0)) : round(min(right, PATCH_SIDE)),
    ]
    return float(part.mean()) if part.size else 0.0


def _covered_forehead(patch: Picture, points: Points, hair: Mask) -> float:
    x, top = points[_TOP]
    brows = min(float(points[list(brow), 1].min()) for brow in _BROWS) - 0.1 * EYE_DISTANCE
    lab = cv2.GaussianBlur(cv2.cvtColor(patch, cv2.COLOR_RGB2LAB), (0, 0), 3).astype(np.float32)
    at = np.clip(np.rint(points[list(_BARE_SKIN)]), 0, PATCH_SIDE - 1).astype(int)
    skin = np.median(lab[at[:, 1], at[:, 0]], 0)
    # OpenCV's 8-bit L* reaches 255.
    off = (lab - skin) * np.array([0.4 * 100 / 255, 1, 1], np.float32)
    other = (np.sqrt((off**2).sum(2)) > SKIN_DISTANCE) & ~hair
    bands = (top - 0.2 * EYE_DISTANCE, brows, 0.45), (top - 0.4 * EYE_DISTANCE, top, 0.35)
    return max(_band_mean(other, x, *band) for band in bands)


def _band_mean(mask: Mask, x: float, high: float, low: float, half: float) -> float:
    """Mean of a mask between two heights, `half` T to either side of x; 0 outside the patch."""
    part = mask[
        round(max(high, 0)) : round(max(low, 0)),
        round(max(x - half * EYE_DISTANCE, 0)) : round(max(x + half * EYE_DISTANCE, 0)),
    ]
    return float(part.mean()) if part.size else 0.0

"""Hair and headgear: what covers brows, ears and forehead, by a segmentation of the hair."""

from pathlib import Path
from typing import Any

import cv2
import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.errors import ModelError
from kiosk.pipeline.look.patch import Points, place, upright
from kiosk.pipeline.observation import Hair

Mask = NDArray[np.float32]
"""H x W, 0 to 1: how surely a pixel is hair."""

SIDE, T = 512, 98.0
"""The head is measured upright on a patch of SIDE x SIDE px, on which the eyes are T apart."""

# Points of MediaPipe's face mesh. "Left" is the person's own left.
_BROWS = (
    (336, 296, 334, 293, 300, 276, 283, 282, 295, 285),
    (107, 66, 105, 63, 70, 46, 53, 52, 65, 55),
)
_CHEEK_LEFT, _CHEEK_RIGHT = 454, 234
_SKIN = (50, 205, 101, 280, 425, 330, 6, 197, 195)
_TOP = 10

HAIR = 0.5
"""Mask from which on a pixel counts as hair."""

STRANDS = 0.3
"""Mask from which on strands of hair lie over a brow: a fringe is thinner than a head of hair. Over
the clear brows of 99 portraits the mask stays below."""

SKIN = 12.0
"""Distance from the cheeks' colour up to which a forehead is bare, CIE 1976 ΔE with lightness at
two fifths: foreheads shine and lie in shade."""


class HairSegmenter:
    """Finds hair, with MediaPipe's hair segmenter. Close it. Raises ModelError."""

    def __init__(self, model: Path) -> None:
        try:
            self._segmenter = vision.ImageSegmenter.create_from_options(
                vision.ImageSegmenterOptions(
                    base_options=BaseOptions(model_asset_path=str(model)),
                    output_confidence_masks=True,
                )
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(f"the hair segmenter cannot be loaded: {error}") from error

    def hair(self, picture: Picture, points: Points) -> Hair:
        """Measure the hair around a face whose mesh is `points` in an sRGB picture."""
        patch, placed = head(picture, points)
        return measure_hair(patch, placed, self.mask(patch))

    def mask(self, patch: Picture) -> Mask:
        """Give the mask of an upright patch (`head`)."""
        image: Any = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(patch))
        masks = self._segmenter.segment(image).confidence_masks
        return np.array(masks[-1].numpy_view(), np.float32).reshape(patch.shape[:2])

    def close(self) -> None:
        """Free the model."""
        self._segmenter.close()


def measure_hair(patch: Picture, placed: Points, mask: Mask) -> Hair:
    """Measure a mask of the upright patch, with the mesh placed on it."""
    hair = mask > HAIR
    rows = np.nonzero(hair.any(1))[0]
    top = placed[_TOP, 1]
    return Hair(
        brows=max(_share(mask > STRANDS, placed[list(brow)]) for brow in _BROWS),
        ear_left=_ear(hair, placed[_CHEEK_LEFT], 1),
        ear_right=_ear(hair, placed[_CHEEK_RIGHT], -1),
        covering=_covering(patch, placed, hair),
        rise=float(top - rows[0]) / T if len(rows) else 0.0,
    )


def head(picture: Picture, points: Points) -> tuple[Picture, Points]:
    """Give the upright patch on which hair is measured, and where the mesh lies on it."""
    patch, matrix = upright(picture, points, SIDE, T, (0.5, 0.5))
    return patch, place(points, matrix)


def _share(hair: NDArray[np.bool_], points: Points) -> float:
    at = np.clip(np.rint(points), 0, SIDE - 1).astype(int)
    return float(hair[at[:, 1], at[:, 0]].mean())


def _ear(hair: NDArray[np.bool_], cheek: NDArray[np.float64], way: int) -> float:
    x, y = np.clip(cheek, 0, SIDE - 1)
    left, right = sorted((x, x + way * 0.28 * T))
    part = hair[
        round(max(y - 0.25 * T, 0)) : round(min(y + 0.45 * T, SIDE)),
        round(max(left, 0)) : round(min(right, SIDE)),
    ]
    return float(part.mean()) if part.size else 0.0


def _covering(patch: Picture, placed: Points, hair: NDArray[np.bool_]) -> float:
    x, top = placed[_TOP]
    brows = min(float(placed[list(brow), 1].min()) for brow in _BROWS) - 0.1 * T
    lab = cv2.GaussianBlur(cv2.cvtColor(patch, cv2.COLOR_RGB2LAB), (0, 0), 3).astype(np.float32)
    at = np.clip(np.rint(placed[list(_SKIN)]), 0, SIDE - 1).astype(int)
    skin = np.median(lab[at[:, 1], at[:, 0]], 0)
    # OpenCV's 8-bit L* reaches 255.
    off = (lab - skin) * np.array([0.4 * 100 / 255, 1, 1], np.float32)
    other = (np.sqrt((off**2).sum(2)) > SKIN) & ~hair
    bands = (top - 0.2 * T, brows, 0.45), (top - 0.4 * T, top, 0.35)
    return max(_band(other, x, *band) for band in bands)


def _band(mask: NDArray[np.bool_], x: float, high: float, low: float, half: float) -> float:
    """Mean of a mask between two heights, `half` T to either side of x; 0 outside the patch."""
    part = mask[
        round(max(high, 0)) : round(max(low, 0)),
        round(max(x - half * T, 0)) : round(max(x + half * T, 0)),
    ]
    return float(part.mean()) if part.size else 0.0

"""Masks: which pixels of a picture belong to something, or how much of each does."""

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
"""Height × width."""

SoftMask = NDArray[np.float32]
"""Height × width, 0 to 1."""


def shrink(mask: Mask, radius: float) -> Mask:
    """Keep what lies deeper than `radius` pixels; beyond the picture's edges it goes on."""
    reach = max(round(radius), 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.erode(mask.astype(np.uint8), kernel) > 0)

"""Push and pull: what is known of some pixels, continued smoothly into all others."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.mask import Mask

Values = NDArray[np.float32]
"""Height × width × any number of values."""

TRUSTED_SHARE = 0.05
"""Share of a place that has to be known before its own values count, and not those around it."""


def extend_smoothly(values: Values, sure: Mask) -> Values:
    """Continue the values of `sure` pixels, smoothly, into all others."""
    weight = sure.astype(np.float32)[..., None]
    return push_pull(np.concatenate([weight, values * weight], axis=2))


def push_pull(moments: Values) -> Values:
    """Means over ever larger places, each used where no smaller one is known.

    `moments` (H × W × 1 + n) are weights, and n values times their weight; the means are H × W × n.
    """
    levels = [moments]
    while min(levels[-1].shape[:2]) > 2:
        levels.append(np.asarray(cv2.pyrDown(levels[-1]), np.float32))
    mean: Values | None = None
    for level in reversed(levels):
        weight = level[..., :1]
        own = level[..., 1:] / np.maximum(weight, np.float32(1e-6))
        if mean is None:
            total = max(float(weight.sum()), 1e-6)
            mean = np.broadcast_to(level[..., 1:].sum((0, 1)) / np.float32(total), own.shape)
        else:
            size = (level.shape[1], level.shape[0])
            mean = np.asarray(cv2.pyrUp(mean, dstsize=size), np.float32).reshape(own.shape)
        trust = np.minimum(weight / np.float32(TRUSTED_SHARE), 1)
        mean = own * trust + mean * (1 - trust)
    return np.asarray(mean, np.float32)

"""Where the person of one picture is in the next: a translation, found to a fraction of a pixel."""

import cv2
import numpy as np

from kiosk.camera.frame import Picture
from kiosk.pipeline.mask import Mask

LEAST_CORRELATION = 0.7
"""Correlation from which on two pictures show one person at rest. Under other light, with noise,
the twin's people reach 0.93 to 0.99; another pose of the same person stays below 0.6."""

MOST_SHIFT = 0.03
"""Share of the width by which somebody moves at most between two frames of a burst."""

BLUR_SIDE = 5
"""Side, in pixels, of the kernel that smooths both pictures before they are compared."""


def find_shift(first: Picture, second: Picture, where: Mask) -> tuple[float, float] | None:
    """Measure how far what `first` shows `where` lies in `second`, in px to the right and down.

    Light may differ by a gain and an offset. None where they do not show the same.
    """
    move = np.eye(2, 3, dtype=np.float32)
    grey = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (first, second)]
    enough = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-3)
    try:
        alike, found = cv2.findTransformECC(
            grey[0],
            grey[1],
            move,
            cv2.MOTION_TRANSLATION,
            enough,
            where.astype(np.uint8),
            BLUR_SIDE,
        )
    except cv2.error:
        return None  # it found no way from one to the other
    right, down = float(found[0, 2]), float(found[1, 2])
    if alike < LEAST_CORRELATION or np.hypot(right, down) > MOST_SHIFT * first.shape[1]:
        return None
    return right, down

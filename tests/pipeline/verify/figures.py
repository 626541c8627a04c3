"""A drawn person whose alpha is known: a head with soft hair, and clothes with a crisp outline."""

import cv2
import numpy as np

from kiosk.evaluation.spoilt_photos import CleanPhoto
from kiosk.pipeline.light import to_linear
from kiosk.pipeline.mask import SoftMask
from kiosk.pipeline.specification import Codes

BLUE: Codes = (100, 197, 255)
CHIN = 400


def draw_person(clothes: Codes = (250, 250, 250)) -> CleanPhoto:
    """A photo of 480 × 640."""
    head, body = _ellipse((240, 250), (105, 150), 1.8), _ellipse((240, 660), (230, 205), 0.6)
    neck = _ellipse((240, 420), (45, 90), 0.6)
    alpha = np.maximum(np.maximum(head, neck), body)
    own = np.zeros((640, 480, 3), np.float32)
    own[:] = to_linear(np.array((52, 40, 36), np.uint8))
    rows = np.arange(640)[:, None, None]
    own = np.where(rows > CHIN + 20, to_linear(np.array(clothes, np.uint8)), own)
    return CleanPhoto("drawn", alpha, np.asarray(own * alpha[..., None], np.float32), CHIN)


def _ellipse(middle: tuple[int, int], radii: tuple[int, int], blur: float) -> SoftMask:
    shape = np.zeros((640 * 4, 480 * 4), np.float32)
    large = [tuple(4 * value for value in pair) for pair in (middle, radii)]
    cv2.ellipse(shape, large[0], large[1], 0, 0, 360, 1, cv2.FILLED)
    small = cv2.resize(shape, (480, 640), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), blur), np.float32)

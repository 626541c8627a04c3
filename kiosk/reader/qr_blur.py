"""Blur undone, as far as it can be: of codes held too close, and of codes that move.

Each kind of blur has one filter that undoes it against noise (Wiener's), made once.
"""

import math
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.reader.qr_modules import Grey

Kernel = NDArray[np.float32]

SOFT = 2.4
"""Pixels, the standard deviation of the blur that is undone: reads codes from 1.5 to 3."""

LENGTHS = (8, 6, 10)
"""Pixels by which a code moved while the picture was taken: each reads codes a pixel on either
side. Less is read as it is."""

ANGLE_STEP = 3
"""Degrees to which a motion's direction is rounded."""

ONE_SIDED = 0.3
"""Of the edges' energy, the share by which one direction has more than the one across it: of
pictures that moved from 0.45 on, of others up to 0.25."""

NOISE = {"soft": 0.005, "moved": 0.02}
"""Power of the noise against that of the picture."""

SPREAD = 64
"""Pixels a side in which a filter is made; 41 of them are kept."""
KEPT = 41


def sharpen(grey: Grey) -> Grey:
    """Undo the blur of a lens that was set for further away."""
    return np.asarray(cv2.filter2D(grey, -1, _soft_filter()), np.uint8)


def find_motion(grey: Grey) -> float | None:
    """The direction in which the picture moved, in degrees from 0 to 180; None: it did not.

    Edges across it are soft, so most of what edges are left is along it.
    """
    soft = np.asarray(cv2.GaussianBlur(grey, (0, 0), 1), np.float32)
    x, y = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    strength = cv2.boxFilter(x * x + y * y, -1, (41, 41))
    code = strength > 0.5 * strength.max()  # nothing else has as many edges
    across, both, down = (float(each[code].sum()) for each in (x * x, x * y, y * y))
    if math.hypot(across - down, 2 * both) <= ONE_SIDED * (across + down):
        return None
    return (math.degrees(math.atan2(2 * both, across - down)) / 2 + 90) % 180


def undo_motion(grey: Grey, angle: float, length: int) -> Grey:
    """Undo a motion in a direction (degrees) by so many pixels."""
    rounded = round(angle / ANGLE_STEP) * ANGLE_STEP
    return np.asarray(cv2.filter2D(grey, -1, _motion_filter(rounded, length)), np.uint8)


@cache
def _soft_filter() -> Kernel:
    line = cv2.getGaussianKernel(KEPT - 10, SOFT)
    return _inverse(np.asarray(line @ line.T, np.float32), NOISE["soft"])


@cache
def _motion_filter(angle: int, length: int) -> Kernel:
    side = KEPT - 10
    blur = np.zeros((side, side), np.float32)
    x, y = (length / 2 * each(math.radians(angle)) for each in (math.cos, math.sin))
    ends = [(round(16 * (side // 2 + sign * x)), round(16 * (side // 2 + sign * y)))
            for sign in (-1, 1)]  # fmt: skip
    cv2.line(blur, ends[0], ends[1], 1.0, 1, cv2.LINE_AA, 4)
    return _inverse(blur / blur.sum(), NOISE["moved"])


def _inverse(blur: Kernel, noise: float) -> Kernel:
    """Wiener's filter for a blur, about its middle."""
    there = np.zeros((SPREAD, SPREAD))
    there[: len(blur), : len(blur)] = blur
    middle = -(len(blur) // 2)
    spectrum = np.fft.fft2(np.roll(there, (middle, middle), (0, 1)))
    undone = np.real(np.fft.ifft2(np.conj(spectrum) / (np.abs(spectrum) ** 2 + noise)))
    kept = np.roll(undone, (KEPT // 2, KEPT // 2), (0, 1))[:KEPT, :KEPT]
    return np.asarray(kept / kept.sum(), np.float32)

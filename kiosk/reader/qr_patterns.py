"""Where QR codes lie, by their three finder patterns, though a crack runs through one of them.

Other decoders look for a finder pattern along a line through its middle, which one crack spoils.
Here each is compared as a whole, with a drawn one, in pictures made smaller step by step.
"""

import math
from collections.abc import Iterator
from itertools import permutations
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.reader.qr_modules import LARGEST_VERSION, Corners, Grey

DRAWN = 3
"""Pixels of a module in the drawn pattern."""

MODULES = tuple(3.0 * 1.18**step for step in range(7))
"""Pixels of a module in the picture, as far as codes are looked for: 3 to 8. Between two of them a
pattern still correlates."""

RESEMBLES = 0.5
"""Correlation from which on a place may be a finder pattern: a crack takes a third of it."""

MOST_PATTERNS = 12
MOST_CODES = 6
"""That are looked at, the likeliest first."""


class Pattern(NamedTuple):
    """A place that may be a finder pattern."""

    likeness: float
    x: float
    y: float
    module: float
    """Pixels."""


def find_by_patterns(grey: Grey) -> Iterator[Corners]:
    """Find the corners of what may be codes, the likeliest first."""
    height, width = grey.shape
    turned = cv2.getRotationMatrix2D((width / 2, height / 2), math.degrees(_turn(grey)), 1)
    upright = cv2.warpAffine(grey, turned, (width, height), borderMode=cv2.BORDER_REPLICATE)
    back = cv2.invertAffineTransform(turned)
    for corners in _find_upright(np.asarray(upright, np.uint8)):
        yield np.asarray(corners @ back[:, :2].T + back[:, 2], np.float32)


def _turn(grey: Grey) -> float:
    """By how much most edges are off upright and level, in radians from −π/4 to π/4."""
    soft = np.asarray(cv2.GaussianBlur(grey, (0, 0), 1), np.float32)[::2, ::2]
    slopes = cv2.Sobel(soft, cv2.CV_32F, 1, 0) + 1j * cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    return float(np.angle(np.sum(slopes**4 / (np.abs(slopes) ** 2 + 1)))) / 4


def _find_upright(grey: Grey) -> Iterator[Corners]:
    """Codes by three patterns that lie as a code's do."""
    codes = []
    for upper_left, upper_right, lower_left in permutations(_find_patterns(grey), 3):
        origin = np.array(upper_left[1:3])
        across, down = np.array(upper_right[1:3]) - origin, np.array(lower_left[1:3]) - origin
        width, height = float(np.linalg.norm(across)), float(np.linalg.norm(down))
        modules = (upper_left.module, upper_right.module, lower_left.module)
        is_square = 0.75 < width / height < 1.33 and abs(across @ down) < 0.3 * width * height
        mirrored = across[0] * down[1] < across[1] * down[0]
        if not is_square or mirrored or max(modules) > 1.4 * min(modules):
            continue
        likeness = upper_left.likeness + upper_right.likeness + lower_left.likeness
        size = (width + height) / 2 / float(np.mean(modules)) + 7
        codes.append((likeness, size, origin, across, down))
    codes.sort(key=lambda code: -code[0])
    for _, size, origin, across, down in codes[:MOST_CODES]:
        for fits in _nearest_sizes(size):
            right, below = across / (fits - 7), down / (fits - 7)
            corner = origin - 3.5 * right - 3.5 * below
            ends = (corner, corner + fits * right, corner + fits * (right + below),
                    corner + fits * below)  # fmt: skip
            yield np.array(ends, np.float32)


def _nearest_sizes(size: float) -> list[int]:
    sizes = (17 + 4 * version for version in range(1, LARGEST_VERSION + 1))
    return sorted(sizes, key=lambda each: abs(each - size))[:2]


def _find_patterns(grey: Grey) -> list[Pattern]:
    found = []
    for module in MODULES:
        scale = DRAWN / module
        small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        if min(small.shape) <= len(_PATTERN):
            break
        likeness = cv2.matchTemplate(small, _PATTERN, cv2.TM_CCOEFF_NORMED)
        peaks = (likeness == cv2.dilate(likeness, np.ones((9, 9)))) & (likeness > RESEMBLES)
        middle = len(_PATTERN) / 2
        for y, x in zip(*np.nonzero(peaks), strict=True):
            here = float(likeness[y, x])
            found.append(Pattern(here, (x + middle) / scale, (y + middle) / scale, module))
    kept: list[Pattern] = []
    for each in sorted(found, reverse=True):
        if all(abs(each.x - one.x) + abs(each.y - one.y) > 4 * one.module for one in kept):
            kept.append(each)
    return kept[:MOST_PATTERNS]


def _draw_pattern() -> NDArray[np.uint8]:
    """A finder pattern with its separator, as a camera sees it."""
    modules = np.full((9, 9), 255, np.uint8)
    for inset, light in ((1, 0), (2, 255), (3, 0)):
        modules[inset:-inset, inset:-inset] = light
    large = np.kron(modules, np.ones((DRAWN, DRAWN), np.uint8))
    return np.asarray(cv2.GaussianBlur(large, (0, 0), 0.8), np.uint8)


_PATTERN = _draw_pattern()

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

from kiosk.reader.qr_modules import SIZES, Corners, Grey

DRAWN = 2
"""Pixels of a module in the drawn pattern."""

MODULES = tuple(3.0 * 1.18**step for step in range(7))
"""Pixels of a module in the picture, as far as codes are looked for: 3 to 8. Between two of them a
pattern still correlates."""

RESEMBLES = 0.5
"""Correlation from which on a place may be a finder pattern: a crack takes a third of it."""

SURE = 0.7
"""Correlation of a pattern that is in nothing's way."""

LEVEL = 0.15
"""Of its length, by which a side may be off level once the picture is turned upright."""

AROUND = 17
"""Pixels, in either direction, in which there is something light and something dark: four modules
or more."""

LEAST_SPREAD = 12.0
"""Codes between light and dark: less is noise."""

MOST_PATTERNS = 12
MOST_SURE = 5
MOST_CODES = 6
"""That are looked at, the likeliest first."""


class Pattern(NamedTuple):
    """A place that may be a finder pattern."""

    likeness: float
    x: float
    y: float
    module: float
    """Pixels."""


def find_by_patterns(grey: Grey) -> Iterator[tuple[Corners, int]]:
    """Find the corners of what may be codes, and their modules a side, the likeliest first."""
    grey = _flatten(grey)
    height, width = grey.shape
    turned = cv2.getRotationMatrix2D((width / 2, height / 2), math.degrees(_turn(grey)), 1)
    upright = cv2.warpAffine(grey, turned, (width, height), borderMode=cv2.BORDER_REPLICATE)
    back = cv2.invertAffineTransform(turned)
    patterns = _find_patterns(np.asarray(upright, np.uint8))
    codes = sorted(_find_threes(patterns), reverse=True)[:MOST_CODES]
    codes += sorted(_complete_pairs(patterns), reverse=True)
    for code in codes:
        for corners, size in code.corners():
            yield np.asarray(corners @ back[:, :2].T + back[:, 2], np.float32), size


def _flatten(grey: Grey) -> Grey:
    """As if light and dark were as far apart everywhere, also in a lamp's reflection."""
    around = np.ones((AROUND, AROUND), np.uint8)
    darkest, lightest = (
        np.asarray(cv2.blur(each(grey, around), (AROUND, AROUND)), np.float32)
        for each in (cv2.erode, cv2.dilate)
    )
    spread = np.maximum(lightest - darkest, LEAST_SPREAD)
    return np.asarray(np.clip(255 * (grey - darkest) / spread, 0, 255), np.uint8)


def _turn(grey: Grey) -> float:
    """By how much most edges are off upright and level, in radians from −π/4 to π/4."""
    soft = np.asarray(cv2.GaussianBlur(grey, (0, 0), 1), np.float32)[::2, ::2]
    slopes = cv2.Sobel(soft, cv2.CV_32F, 1, 0) + 1j * cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    return float(np.angle(np.sum(slopes**4 / (np.abs(slopes) ** 2 + 1)))) / 4


class _Code(NamedTuple):
    """What may be a code, upright: from the middle of its upper left pattern to the others'."""

    likeness: float
    x: float
    y: float
    across: tuple[float, float]
    down: tuple[float, float]
    module: float

    def corners(self) -> Iterator[tuple[Corners, int]]:
        """Its corners, for each of the two numbers of modules a side that it is likeliest to have.

        The length of its sides and its modules are both measured, so that the number is not sure.
        """
        across, down = np.array(self.across), np.array(self.down)
        length = float(np.linalg.norm(across) + np.linalg.norm(down)) / 2
        for size in sorted(SIZES, key=lambda size: abs(size - length / self.module - 7))[:2]:
            right, below = across / (size - 7), down / (size - 7)
            corner = np.array((self.x, self.y)) - 3.5 * (right + below)
            moves = (0 * right, size * right, size * (right + below), size * below)
            yield np.array([corner + move for move in moves], np.float32), size


def _find_threes(patterns: list[Pattern]) -> Iterator[_Code]:
    """Codes by three patterns that lie as a code's do."""
    for origin, one, other in permutations(patterns, 3):
        across, down = _way(origin, one), _way(origin, other)
        width, height = math.hypot(*across), math.hypot(*down)
        skew = across[0] * down[0] + across[1] * down[1]
        is_square = 0.75 < width / height < 1.33 and abs(skew) < 0.3 * width * height
        mirrored = across[0] * down[1] < across[1] * down[0]
        if is_square and not mirrored and _alike(origin, one, other):
            likeness = origin.likeness + one.likeness + other.likeness
            module = (origin.module + one.module + other.module) / 3
            yield _Code(likeness, origin.x, origin.y, across, down, module)


def _complete_pairs(patterns: list[Pattern]) -> Iterator[_Code]:
    """Codes by two sure patterns, where light or a finger lies on the third."""
    sure = [each for each in patterns if each.likeness > SURE][:MOST_SURE]
    for one, other in permutations(sure, 2):
        x, y = _way(one, other)
        likeness, module = one.likeness + other.likeness, (one.module + other.module) / 2
        if not _alike(one, other) or math.hypot(x, y) < 14 * module:
            continue
        if min(abs(x), abs(y)) < LEVEL * max(abs(x), abs(y)):  # along one side
            yield _Code(likeness, one.x, one.y, (x, y), (-y, x), module)
            yield _Code(likeness, one.x, one.y, (y, -x), (x, y), module)
        elif min(abs(x), abs(y)) > (1 - 2 * LEVEL) * max(abs(x), abs(y)):  # from corner to corner
            across, down = ((x - y) / 2, (x + y) / 2), ((-x - y) / 2, (x - y) / 2)
            yield _Code(likeness, other.x - across[0], other.y - across[1], across, down, module)


def _way(start: Pattern, end: Pattern) -> tuple[float, float]:
    return end.x - start.x, end.y - start.y


def _alike(*patterns: Pattern) -> bool:
    modules = [each.module for each in patterns]
    return max(modules) <= 1.4 * min(modules)


def _find_patterns(grey: Grey) -> list[Pattern]:
    found = []
    for module in MODULES:
        scale = DRAWN / module
        small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        if min(small.shape) <= len(_PATTERN):
            break
        likeness = cv2.matchTemplate(small, _PATTERN, cv2.TM_CCOEFF_NORMED)
        peaks = (likeness == cv2.dilate(likeness, np.ones((7, 7)))) & (likeness > RESEMBLES)
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
    return np.asarray(cv2.GaussianBlur(large, (0, 0), 0.6), np.uint8)


_PATTERN = _draw_pattern()

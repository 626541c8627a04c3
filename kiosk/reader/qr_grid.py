"""QR codes behind broken glass: found by another decoder, and then read module by module.

A crack is thinner than a module, and a shard shifts a part of the code by less than one. So each
module is read by the median of what lies in it, against the light and dark around it, and the
modules that are alike in every code (ISO/IEC 18004, 6.3) are put in as they must be: they also tell
how many modules there are, and where the corners lie exactly.
"""

from collections.abc import Iterator
from functools import cache

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
"""Height × width."""

Corners = NDArray[np.float32]
"""4 × 2: a code's outer corners, upper left first and then clockwise, in pixels."""

QR_CODES = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)

LARGEST_VERSION = 15
"""Of codes that are looked at: 77 modules. More would be under three pixels wide in a preview."""

RESEMBLES = 0.5
"""Correlation with the modules that every code has from which on it is one: of what is none, the
best of 15 versions has 0.35 at most."""

STEPS = (0.5, 0.25, 0.12)
"""Modules by which a corner is moved, to see whether the code fits better."""

INSIDE = (0.28, 0.5, 0.72)
"""Where in a module it is read, in either direction: not at its edges."""

AROUND = 7
"""Modules, in either direction, among which the darkest and the lightest are taken."""


def decode_by_grid(grey: Grey) -> str | None:
    """Find the text of a QR code that others find and cannot read, or None."""
    for corners in _find_corners(grey):
        fitted = _fit(grey, corners)
        if fitted is not None and (text := _read(grey, *fitted)) is not None:
            return text
    return None


def mend(grey: Grey) -> Iterator[Grey]:
    """The picture without what is thinner than three pixels: bright cracks first, then dark."""
    kernel = np.ones((3, 3), np.uint8)
    for first, then in ((cv2.MORPH_OPEN, cv2.MORPH_CLOSE), (cv2.MORPH_CLOSE, cv2.MORPH_OPEN)):
        opened = cv2.morphologyEx(grey, first, kernel)
        yield np.asarray(cv2.morphologyEx(opened, then, kernel), np.uint8)


def _find_corners(grey: Grey) -> Iterator[Corners]:
    """Where codes lie that could not be read, in the picture as it is and mended."""
    for picture in (grey, *mend(grey)):
        for found in zxingcpp.read_barcodes(picture, QR_CODES, return_errors=True):
            at = found.position
            ends = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
            yield np.array([(end.x, end.y) for end in ends], np.float32)


def _fit(grey: Grey, corners: Corners) -> tuple[Corners, int] | None:
    """The corners moved to where the code fits best, and its modules a side; None: it is none."""
    sizes = [17 + 4 * version for version in range(1, LARGEST_VERSION + 1)]
    likeness, size = max((_likeness(grey, corners, size), size) for size in sizes)
    if likeness < RESEMBLES:
        return None
    module = float(np.linalg.norm(corners[1] - corners[0])) / size
    for step in STEPS:
        for corner in range(4):
            for move in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                moved = corners.copy()
                moved[corner] += np.float32(step * module) * np.array(move, np.float32)
                if (found := _likeness(grey, moved, size)) > likeness:
                    likeness, corners = found, moved
    return corners, size


def _likeness(grey: Grey, corners: Corners, size: int) -> float:
    """How the modules that every code has correlate with what lies there, −1 to 1."""
    expected, places = _known_modules(size)
    seen = _sample(grey, corners, size, places + np.float32(0.5))
    spread = seen.std()
    if spread == 0:
        return 0.0
    return float(np.mean((seen - seen.mean()) * (expected - expected.mean()))) / (
        float(spread) * float(expected.std())
    )


def _read(grey: Grey, corners: Corners, size: int) -> str | None:
    """Read each module, and decode the code that they make up."""
    rows, columns = np.mgrid[:size, :size]
    places = np.stack([columns, rows], axis=-1).astype(np.float32)
    inside = [np.array((x, y), np.float32) for y in INSIDE for x in INSIDE]
    seen = np.stack([_sample(grey, corners, size, places + offset) for offset in inside])
    light = np.median(seen, axis=0).astype(np.float32)
    around = np.ones((AROUND, AROUND), np.uint8)
    middle = (cv2.erode(light, around) + cv2.dilate(light, around)) / 2
    modules = light > cv2.blur(middle, (AROUND, AROUND))
    expected, known = _known_modules(size)
    at = known.astype(int)
    modules[at[:, 1], at[:, 0]] = expected > 0
    drawn = np.pad(np.where(modules, 255, 0).astype(np.uint8), 4, constant_values=255)
    large = cv2.resize(drawn, None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
    found = zxingcpp.read_barcode(np.asarray(large), QR_CODES, text_mode=zxingcpp.TextMode.Plain)
    return found.text if found else None


def _sample(
    grey: Grey, corners: Corners, size: int, places: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The light at places (… × 2, x and y in modules), between the pixels."""
    square = np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float32)
    matrix = cv2.getPerspectiveTransform(square, corners)
    flat = cv2.perspectiveTransform(places.reshape(1, -1, 2), matrix)
    # Pixels have their middle at whole numbers here.
    found = cv2.remap(
        grey, flat - np.float32(0.5), np.empty(0), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(found, np.float32).reshape(places.shape[:-1])


@cache
def _known_modules(size: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What every code of a size has (1 light, −1 dark), and where (x, y): its finder patterns with
    their separators, and its timing patterns."""
    known = np.zeros((size, size), np.float32)
    for row, column in ((0, 0), (0, size - 7), (size - 7, 0)):
        known[max(row - 1, 0) : row + 8, max(column - 1, 0) : column + 8] = 1
        known[row : row + 7, column : column + 7] = -1
        known[row + 1 : row + 6, column + 1 : column + 6] = 1
        known[row + 2 : row + 5, column + 2 : column + 5] = -1
    along = np.where(np.arange(8, size - 8) % 2 == 0, -1, 1)
    known[6, 8 : size - 8] = known[8 : size - 8, 6] = along
    rows, columns = np.nonzero(known)
    return known[rows, columns], np.stack([columns, rows], axis=-1).astype(np.float32)

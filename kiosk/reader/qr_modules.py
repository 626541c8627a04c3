"""QR codes whose corners are known about: fitted, and read module by module.

A crack is thinner than a module, and a shard shifts a part of the code by less than one. So each
module is read by the median of what lies in it, against the light and dark around it, and where
nothing comes of that, where light and dark are furthest apart among the modules around. The modules
that are alike in every code (ISO/IEC 18004, 6.3) are put in as they must be: they also tell how
many modules there are, and where the corners lie exactly.
"""

from collections.abc import Iterator, Sequence
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

SIZES = tuple(17 + 4 * version for version in range(1, LARGEST_VERSION + 1))
"""Modules a side."""

RESEMBLES = 0.5
"""Correlation with the modules that every code has from which on it is one: of what is none, the
best of 15 versions has 0.35 at most."""

STEPS = (0.5, 0.25, 0.12)
"""Modules by which a corner is moved, to see whether the code fits better."""

DRAWN = 11
"""Pixels of a module once the code is drawn straight."""

INSIDE = (3, 5, 7)
"""Of these the ones that are read, in either direction: not at a module's edges."""

SHIFTS = (-4, -2, 0, 2, 4)
"""By which a shard may have shifted what is read, in these pixels."""

PER_SHIFT = 0.2
"""Codes by which light and dark must be further apart for each of these pixels: most do not lie
elsewhere."""

AROUND = 7
"""Modules, in either direction, among which the darkest and the lightest are taken."""

SHARD = 5
"""Modules, in either direction, that are taken to have shifted alike."""


def read_at(grey: Grey, corners: Corners, sizes: Sequence[int] = SIZES) -> str | None:
    """Read the code that lies about at these corners, of one of these modules a side, or None."""
    fitted = _fit(grey, corners, sizes)
    if fitted is None:
        return None
    texts = (_decode(light, fitted[1]) for light in _read(grey, *fitted))
    return next((text for text in texts if text is not None), None)


def _fit(grey: Grey, corners: Corners, sizes: Sequence[int]) -> tuple[Corners, int] | None:
    """The corners moved to where the code fits best, and its modules a side; None: it is none."""
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
    matrix = cv2.getPerspectiveTransform(_square(size), corners)
    flat = cv2.perspectiveTransform((places + np.float32(0.5)).reshape(1, -1, 2), matrix)
    # Pixels have their middle at whole numbers here.
    found = cv2.remap(
        grey, flat - np.float32(0.5), np.empty(0), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    seen = np.asarray(found, np.float32).reshape(-1)
    spread = seen.std()
    if spread == 0:
        return 0.0
    return float(np.mean((seen - seen.mean()) * (expected - expected.mean()))) / (
        float(spread) * float(expected.std())
    )


def _read(grey: Grey, corners: Corners, size: int) -> Iterator[NDArray[np.float32]]:
    """How much lighter each module is than the middle about it: as it lies, then as shifted."""
    pad = max(SHIFTS)
    straight = cv2.getPerspectiveTransform(corners, DRAWN * _square(size) + np.float32(pad))
    side = size * DRAWN + 2 * pad
    drawn = np.asarray(
        cv2.warpPerspective(grey, straight, (side, side), borderMode=cv2.BORDER_REPLICATE)
    )

    def read_shifted(x: int, y: int) -> NDArray[np.float32]:
        inside = [
            drawn[pad + y + row :: DRAWN, pad + x + column :: DRAWN][:size, :size]
            for row in INSIDE
            for column in INSIDE
        ]
        light = np.median(np.stack(inside), axis=0).astype(np.float32)
        around = np.ones((AROUND, AROUND), np.uint8)
        middle = (cv2.erode(light, around) + cv2.dilate(light, around)) / 2
        return np.asarray(light - cv2.blur(middle, (AROUND, AROUND)), np.float32)

    yield read_shifted(0, 0)
    found = np.zeros((size, size), np.float32)
    surest = np.full((size, size), -np.inf, np.float32)
    for x in SHIFTS:
        for y in SHIFTS:
            light = read_shifted(x, y)
            sure = cv2.blur(np.abs(light), (SHARD, SHARD)) - PER_SHIFT * (abs(x) + abs(y))
            better = sure > surest
            surest[better], found[better] = sure[better], light[better]
    yield found


def _decode(light: NDArray[np.float32], size: int) -> str | None:
    """Decode the code that modules make up."""
    modules = light > 0
    expected, known = _known_modules(size)
    at = known.astype(int)
    modules[at[:, 1], at[:, 0]] = expected > 0
    drawn = np.pad(np.where(modules, 255, 0).astype(np.uint8), 4, constant_values=255)
    large = cv2.resize(drawn, None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
    found = zxingcpp.read_barcode(np.asarray(large), QR_CODES, text_mode=zxingcpp.TextMode.Plain)
    return found.text if found else None


def _square(size: int) -> Corners:
    return np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float32)


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

"""The JPEG file: baseline, sRGB, no metadata but its resolution, inside its budget of bytes."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from kiosk.camera.frame import Picture

START_QUALITY = 95
"""Where the search begins; above it a JPEG of a face grows without a visible gain."""

CHROMAS: tuple[tuple[int, str], ...] = ((0, "4:4:4"), (2, "4:2:0"))
"""Pillow's number of a chroma subsampling, and its name; the better first."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A file inside its budget, and how it got there."""

    data: bytes
    quality: int
    chroma: str
    """"4:4:4" or "4:2:0"."""


def encode(
    picture: Picture, budget: tuple[int, int], quality: tuple[int, int], dots_per_inch: int
) -> Encoded | None:
    """Encode inside the budget (least and most bytes) with picture data only.

    Full chroma comes first, then the quality nearest to START_QUALITY. None where the picture
    is too plain or too rich for the budget at any quality; then another size may do.
    """
    least, most = budget
    lowest, highest = quality
    image = Image.fromarray(picture)

    def at(level: int, subsampling: int) -> bytes:
        out = io.BytesIO()
        image.save(
            out,
            "JPEG",
            quality=level,
            subsampling=subsampling,
            dpi=(dots_per_inch, dots_per_inch),
            optimize=True,
        )
        return out.getvalue()

    start = max(min(START_QUALITY, highest), lowest)
    if len(at(start, 0)) < least:
        # Files grow with quality: the first that reaches the floor is the smallest honest one.
        levels, chromas = range(start + 1, highest + 1), CHROMAS[:1]
    else:
        levels, chromas = range(start, lowest - 1, -1), CHROMAS
    for subsampling, chroma in chromas:
        for level in levels:
            data = at(level, subsampling)
            if least <= len(data) <= most:
                return Encoded(data, level, chroma)
    return None


def decode(data: bytes) -> Picture:
    """The picture that a file of ours shows."""
    with Image.open(io.BytesIO(data)) as opened:
        return np.asarray(opened.convert("RGB"), np.uint8)

"""Whether a file is a photo: one whole JPEG of a photo's size, and nothing else."""

from protocol.jpeg import find_fault, find_size

LEAST_SIDE = 90
"""Pixels of a photo's shorter side: below it nobody is known, and no register takes one."""

MOST_PIXELS = 4_000_000
"""The specification's largest photo has 2.4 million."""

MOST_ELONGATED = 2.0
"""Photos stand upright, their rows at most so many times their columns."""


def is_photo(data: bytes) -> bool:
    """Say whether the bytes are one whole JPEG picture of a photo's size, and nothing else."""
    size = find_size(data)  # without Pillow, which reads every part of a file that there is
    if size is None:
        return False
    height, width = size
    if min(width, height) < LEAST_SIDE or width * height > MOST_PIXELS:
        return False
    return width <= height <= MOST_ELONGATED * width and find_fault(data) is None

"""What colour something has by itself, where a picture shows it mixed with its backdrop."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.light import Linear
from kiosk.pipeline.mask import SoftMask

SMOOTHNESS = 1e-5
"""How strongly neighbours are to have one colour, where alpha is even."""

SMALL_SIDE, SMALL_STEPS, LARGE_STEPS = 32, 20, 6
"""Up to which side of a picture, in px, so many steps are made, and how many at each larger one."""


def estimate_own_colour(seen: Linear, alpha: SoftMask) -> Linear:
    """Estimate the colour before the backdrop at every pixel, from a picture with its true alpha.

    Multi-level estimation: Germer et al., "Fast multi-level foreground estimation", ICPR 2020, with
    its weights. From the coarsest picture to the finest, colours before and behind are found that
    explain the picture and are smooth, less so where alpha changes.
    """
    height, width = alpha.shape
    levels = max(int(np.ceil(np.log2(max(height, width)))), 1)
    sizes = [
        (round(width ** (i / levels)), round(height ** (i / levels))) for i in range(levels + 1)
    ]
    before = behind = np.asarray(seen.mean((0, 1), keepdims=True), np.float32)
    for size in sizes:
        picture, cover = _scale(seen, size), _scale(alpha, size)
        before, behind = _scale(before, size), _scale(behind, size)
        for _ in range(SMALL_STEPS if max(size) <= SMALL_SIDE else LARGE_STEPS):
            before, behind = _improve(picture, cover, before, behind)
    return before


def _scale(values: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_NEAREST), np.float32)


def _improve(
    picture: Linear, cover: SoftMask, before: Linear, behind: Linear
) -> tuple[Linear, Linear]:
    """One step: the best two colours of each pixel, given those of its neighbours."""
    a = cover[..., None]
    total = np.zeros_like(a)
    near_before, near_behind = a * picture, (1 - a) * picture
    for beside, first, second in zip(*map(_neighbours, (a, before, behind)), strict=True):
        weight = SMOOTHNESS + np.abs(a - beside)
        total += weight
        near_before += weight * first
        near_behind += weight * second
    own, both, rest = a * a + total, a * (1 - a), (1 - a) ** 2 + total
    determinant = own * rest - both * both
    return (
        np.clip((rest * near_before - both * near_behind) / determinant, 0, 1),
        np.clip((own * near_behind - both * near_before) / determinant, 0, 1),
    )


def _neighbours(values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """What lies to the left, to the right, above and below; past an edge, the edge's own."""
    wide = np.pad(values, ((1, 1), (1, 1), (0, 0)), "edge")
    middle = slice(1, -1)
    return [wide[middle, :-2], wide[middle, 2:], wide[:-2, middle], wide[2:, middle]]

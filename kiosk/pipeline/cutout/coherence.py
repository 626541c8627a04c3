"""Coherence: alpha as a pixel's neighbours tell it, in so far as they know better.

Around each pixel alpha is a linear function of colour: so it is along an edge, and along a strand
of one pixel's width. The function is fitted to the neighbours, each counted by how surely its own
alpha is known (a guided filter: He, Sun, Tang, TPAMI 2013, with weights); where it fits, it is
worth much.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.cutout.symmetric import (
    COLUMNS,
    ROWS,
    Vectors,
    add_diagonal,
    dot,
    invert,
    multiply,
    outer,
)
from kiosk.pipeline.light import Linear
from kiosk.pipeline.mask import Mask, SoftMask

REACH = 2
"""Pixels to each side that count as neighbours."""

MOST_WEIGHT = 400.0
"""Precision beyond which a neighbour counts no more: alpha's standard deviation is 0.05."""

FITTED_SHARE = 4 / 25
"""Share of the neighbours' scatter by which a line is off at least: it has four numbers, fitted to
25 pixels."""

MISFIT_VARIANCE = 4e-4
"""Variance of alpha that a fit leaves however well it seems to fit: 0.02 squared."""

COLOUR_VARIANCE = 3e-5
"""Variance that colours have at least, in linear light: between two of less, nothing is told."""


def ask_neighbours(
    seen: Linear, alpha: SoftMask, precision: NDArray[np.float32], asked: Mask
) -> SoftMask:
    """Weigh alpha of the `asked` pixels against what their neighbours tell of it.

    `precision` (H × W) is one over alpha's variance; alpha elsewhere stays as it is.
    """
    around = cv2.dilate(asked.astype(np.uint8), np.ones((2 * REACH + 1,) * 2, np.uint8)) > 0
    rows, columns = (_extent(around, axis) for axis in (1, 0))
    told = alpha.copy()
    window = rows, columns
    told[window][asked[window]] = _weigh(
        seen[window], alpha[window], precision[window], asked[window], around[window]
    )
    return told


def _extent(mask: Mask, axis: int) -> slice:
    """The rows or columns in which a mask lies, and as many more as neighbours reach."""
    found = np.flatnonzero(mask.any(axis))
    if not found.size:
        return slice(0, 0)
    return slice(max(int(found[0]) - REACH, 0), int(found[-1]) + REACH + 1)


def _weigh(
    seen: Linear, alpha: SoftMask, precision: NDArray[np.float32], asked: Mask, around: Mask
) -> NDArray[np.float32]:
    weight = np.minimum(precision, np.float32(MOST_WEIGHT))[..., None]
    value = alpha[..., None]
    moments = np.concatenate(
        [
            weight,
            weight * value,
            weight * value**2,
            weight * seen,
            weight * value * seen,
            weight * seen[..., ROWS] * seen[..., COLUMNS],
        ],
        axis=2,
    )
    sums = np.ascontiguousarray(_blur(moments)[around].T)
    slope, offset, scatter = _fit_lines(sums)
    # What the neighbours scatter by themselves is no fault of the line's.
    misfit = np.maximum(scatter - 1 / sums[0], FITTED_SHARE * scatter)
    trust = 1 / (misfit + np.float32(MISFIT_VARIANCE))
    fits = np.zeros((*alpha.shape, 6), np.float32)
    fits[around] = np.concatenate([[trust, trust * misfit, trust * offset], trust * slope]).T
    sums = np.ascontiguousarray(_blur(fits)[asked].T)
    told = (sums[2] + dot(sums[3:], np.ascontiguousarray(seen[asked].T))) / sums[0]
    theirs = 1 / (sums[1] / sums[0] + np.float32(MISFIT_VARIANCE))
    own = precision[asked]
    return np.asarray(((own * alpha[asked] + theirs * told) / (own + theirs)).clip(0, 1))


def _blur(values: NDArray[np.float32]) -> NDArray[np.float32]:
    side = 2 * REACH + 1
    return np.asarray(cv2.blur(values, (side, side)), np.float32)


def _fit_lines(
    moments: NDArray[np.float32],
) -> tuple[Vectors, NDArray[np.float32], NDArray[np.float32]]:
    """Fit alpha = slope · colour + offset around each of n pixels: both, and the variance left."""
    means = moments[1:] / moments[0]
    value, square, colour = means[0], means[1], means[2:5]
    both = means[5:8] - colour * value
    spread = means[8:] - outer(colour)
    add_diagonal(spread, np.full((3, 1), COLOUR_VARIANCE, np.float32))
    slope = multiply(invert(spread)[0], both)
    misfit = np.maximum(square - value**2 - dot(slope, both), 0)
    return slope, value - dot(slope, colour), misfit

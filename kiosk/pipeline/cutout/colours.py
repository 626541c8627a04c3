"""The person's own colours around each pixel: how they are spread where only the person is."""

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.cutout.push_pull import push_pull
from kiosk.pipeline.cutout.symmetric import (
    COLUMNS,
    DIAGONAL,
    ROWS,
    Symmetric,
    Vectors,
    add_diagonal,
    outer,
)
from kiosk.pipeline.light import Linear
from kiosk.pipeline.mask import Mask

PLACE_SIDE = 4
"""Pixels, along each side, of what counts as one place when colours nearby are gathered."""

SHADE_SPREAD, GLOSS_SPREAD, GRAIN_SPREAD, LEAST_SPREAD = 0.15, 0.01, 0.03, 0.003
"""Least spread of the person's colours: of brightness and of each channel, as shares of the colour;
of colourless gloss and of everything, in linear light. What is seen nearby can be too uniform."""

RING_REACH = 12
"""Pixels around the outline whose colours count when it is asked which are the most unlike."""

UNLIKE_QUANTILE, UNLIKE_POWER = 0.8, 3
"""A colour counts as most unlike the backdrop from this quantile of the person's own on; colours
more like it count by that power of the share, so that a white shirt before a pale wall does not
stand for the dark hair above it."""


@dataclass(frozen=True, slots=True)
class ColourSpread:
    """How the person's colours are spread around n pixels."""

    mean: Vectors
    """3 × n."""
    covariance: Symmetric
    """6 × n."""
    rim: Vectors
    """3 × n: what the backdrop's light adds to the mean in a pixel that holds next to no person."""

    def part(self, which: slice) -> Self:
        """The spread around some of the pixels."""
        return type(self)(self.mean[:, which], self.covariance[:, which], self.rim[:, which])


def gather_spread(
    seen: Linear, sure: NDArray[np.float32], where: Mask, rim: Vectors
) -> ColourSpread:
    """Gather how the nearest colours are spread, for each pixel of `where`.

    `sure` (H × W) is how much each pixel counts, `rim` the backdrop's light on them. The spread is
    at least what any person's is.
    """
    height, width = sure.shape
    weight = sure[..., None]
    size = (-(-width // PLACE_SIDE), -(-height // PLACE_SIDE))
    weighed = np.concatenate([weight, seen * weight], axis=2)
    places = np.asarray(cv2.resize(weighed, size, interpolation=cv2.INTER_AREA), np.float32)
    share = places[..., :1]
    own = places[..., 1:] / np.maximum(share, np.float32(1e-6))
    squares = own[..., ROWS] * own[..., COLUMNS] * share
    gathered = push_pull(np.concatenate([places, squares], axis=2))
    near = np.ascontiguousarray(np.asarray(cv2.resize(gathered, (width, height)))[where].T)
    mean = np.asarray(near[:3], np.float32)
    covariance = np.asarray(near[3:] - outer(mean), np.float32)
    # What rounding leaves of a difference of squares may be below 0.
    covariance[DIAGONAL] = np.maximum(covariance[DIAGONAL], 0)
    covariance += np.float32(SHADE_SPREAD**2) * outer(mean) + np.float32(GLOSS_SPREAD**2 / 3)
    add_diagonal(covariance, np.square(np.float32(GRAIN_SPREAD) * mean) + LEAST_SPREAD**2)
    return ColourSpread(mean, covariance, rim)


def weigh_unlike(seen: Linear, backdrop: Linear, sure: Mask, asked: Mask) -> NDArray[np.float32]:
    """Weigh `sure` pixels by how unlike the backdrop they are, as measured around `asked` ones."""
    apart = np.square(seen - backdrop).sum(2)
    side = 2 * RING_REACH + 1
    ring = sure & (cv2.dilate(asked.astype(np.uint8), np.ones((side, side), np.uint8)) > 0)
    most = np.quantile(apart[ring], UNLIKE_QUANTILE) if ring.any() else 1.0
    weight = np.power(np.minimum(apart / np.float32(max(most, 1e-6)), 1), UNLIKE_POWER)
    return np.asarray(weight * sure, np.float32)

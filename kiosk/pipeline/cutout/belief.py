"""What a network's word is worth: what alpha truly is where it says this or that."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kiosk.pipeline.mask import SoftMask

ESTIMATES = (
    0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0,
)  # fmt: skip
"""What the network says: the points between which means and deviations are interpolated."""

CAUTION = 2.0
"""By how much the deviations are larger than those seen, for other people than were seen."""


@dataclass(frozen=True, slots=True)
class Belief:
    """Alpha's mean and standard deviation at each of ESTIMATES."""

    means: tuple[float, ...]
    deviations: tuple[float, ...]

    def weigh(self, estimate: SoftMask) -> tuple[SoftMask, SoftMask]:
        """The mean and the standard deviation of alpha, given a network's estimate."""
        return (
            np.interp(estimate, ESTIMATES, self.means).astype(np.float32),
            np.interp(estimate, ESTIMATES, self.deviations).astype(np.float32),
        )


def fit_belief(seen: Iterable[tuple[SoftMask, SoftMask]]) -> Belief:
    """Fit a belief to pairs of an estimate and the true alpha, of people and not of pixels alike.

    Each point of ESTIMATES is told by the estimates nearer to it than to any other.
    """
    points = np.array(ESTIMATES)
    bounds = (points[1:] + points[:-1]) / 2
    sums = np.zeros((3, len(points)))
    for estimate, true in seen:
        nearest = np.digitize(estimate.ravel(), bounds)
        for row, power in enumerate((0, 1, 2)):
            sums[row] += np.bincount(nearest, true.ravel() ** power, len(points))
    count = np.maximum(sums[0], 1)
    means = sums[1] / count
    deviations = CAUTION * np.sqrt(np.maximum(sums[2] / count - means**2, 1e-4))
    return Belief(tuple(means.tolist()), tuple(deviations.tolist()))


MODNET = Belief(
    means=(
        0.001, 0.01, 0.027, 0.069, 0.152, 0.273, 0.404, 0.537, 0.665, 0.787, 0.891, 0.966, 0.993,
        0.999, 1.0,
    ),
    deviations=(
        0.02, 0.057, 0.107, 0.177, 0.255, 0.297, 0.293, 0.283, 0.257, 0.212, 0.155, 0.082, 0.03,
        0.02, 0.02,
    ),
)  # fmt: skip
"""MODNet's at 480 × 640, of the twin's twelve people: its edges are softer than true ones."""

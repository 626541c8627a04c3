"""What a network's word is worth: what alpha truly is where it says this or that."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kiosk.pipeline.mask import SoftMask

ESTIMATES = (
    0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0,
)  # fmt: skip
"""What the network says: the points between which means and deviations are interpolated."""

CAUTION = 1.2
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
        0.0, 0.008, 0.02, 0.06, 0.14, 0.26, 0.40, 0.52, 0.67, 0.78, 0.90, 0.98, 0.995, 1.0, 1.0,
    ),
    deviations=(
        0.036, 0.054, 0.084, 0.12, 0.18, 0.24, 0.264, 0.264, 0.24, 0.204, 0.156, 0.084, 0.048,
        0.03, 0.024,
    ),
)  # fmt: skip
"""MODNet's at 480 × 640, of the twin's twelve people: its edges are softer than true ones."""

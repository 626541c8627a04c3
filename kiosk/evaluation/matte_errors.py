"""How far a matte, and the photo made with it, are from the truth."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.evaluation.samples import GroundTruth
from kiosk.pipeline.mask import SoftMask


@dataclass(frozen=True, slots=True)
class MatteErrors:
    """The errors of one matte and its photo."""

    sad: float
    """Sum of alpha's absolute differences, in thousands."""
    mse: float
    """Mean of alpha's squared differences over the outline's band, in thousandths."""
    gradient: float
    """Sum of squared differences of alpha's gradients."""
    connectivity: float
    """Sum of differences in how alpha hangs together with the person, in thousands."""
    hair: float
    """As sad, of the outline above the chin only."""
    fringe: float
    """Mean difference of the photo's colours along the outline, CIE 1976 ΔE."""


def measure_errors(alpha: SoftMask, photo: Picture, truth: GroundTruth) -> MatteErrors:
    """Measure a matte and the photo that was made with it.

    Gradient and connectivity as Rhemann et al., "A perceptually motivated online benchmark for
    image matting", CVPR 2009, define them.
    """
    off = np.abs(alpha - truth.alpha)
    return MatteErrors(
        sad=float(off.sum()) / 1000,
        mse=float(np.square(off[truth.outline]).mean()) * 1000,
        gradient=float(np.square(_gradient(alpha) - _gradient(truth.alpha)).sum()),
        connectivity=float(np.abs(_connectivity_difference(alpha, truth.alpha)).sum()) / 1000,
        hair=float(off[truth.hair].sum()) / 1000,
        fringe=float(_colour_difference(photo, truth.photo)[truth.outline].mean()),
    )


def _gradient(alpha: SoftMask) -> NDArray[np.float32]:
    smooth = cv2.GaussianBlur(alpha, (0, 0), 1.4)
    return np.hypot(
        cv2.Sobel(smooth, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(smooth, cv2.CV_32F, 0, 1) / 8
    )


def _connectivity_difference(alpha: SoftMask, true: SoftMask) -> NDArray[np.float64]:
    """Difference of both mattes' degrees of connectivity to what is whole in both."""
    joined = np.zeros(alpha.shape)
    for level in np.arange(0.1, 1.01, 0.1):
        both = ((alpha >= level - 1e-6) & (true >= level - 1e-6)).astype(np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(both, connectivity=4)
        if count < 2:
            break
        joined[labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())] = level

    def degree(matte: SoftMask) -> NDArray[np.float64]:
        beyond = matte - joined
        return 1 - beyond * (beyond >= 0.15)

    return np.asarray(degree(alpha) - degree(true), np.float64)


def _colour_difference(one: Picture, other: Picture) -> NDArray[np.float32]:
    lab = [cv2.cvtColor(p.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for p in (one, other)]
    return np.asarray(np.linalg.norm(lab[0] - lab[1], axis=2), np.float32)

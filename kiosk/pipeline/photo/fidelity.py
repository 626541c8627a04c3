"""Fidelity: whether the photo's face is the capture's, under the stated crop and scale alone."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.mask import Mask
from kiosk.pipeline.observation import Face
from kiosk.pipeline.photo.geometry import Crop
from kiosk.pipeline.photo.jpeg import decode
from kiosk.pipeline.specification import FidelityBounds, Size

GRAIN_BLUR = 2.0
"""Standard deviation in px of the blur that leaves what an eye would see as a change: grain and
JPEG's own noise average out, a smoothed cheek or a moved line do not."""

IDENTICAL = 99.0
"""dB told where nothing differs."""


@dataclass(frozen=True, slots=True)
class Fidelity:
    """How far the face of a photo departs from the capture's."""

    psnr: float
    """Before the JPEG, dB."""
    psnr_jpeg: float
    """After it, dB."""
    structured: float
    """The largest difference that is more than grain, after the JPEG, 8-bit codes."""

    def keeps(self, bounds: FidelityBounds) -> bool:
        """Whether nothing but the JPEG's loss came to the face."""
        return self.psnr >= bounds.least_psnr and self.structured <= bounds.most_structured


def measure_fidelity(wanted: Picture, picture: Picture, encoded: bytes, face: Mask) -> Fidelity:
    """Hold a photo's face against `wanted`, the capture under the stated crop and scale alone.

    `picture` is the photo before its JPEG, `encoded` the file's bytes; `face` is where the face
    lies (`face_area`).
    """
    before = picture.astype(np.float32) - wanted
    after = decode(encoded).astype(np.float32) - wanted
    # Beside the face the backdrop was changed, and is meant to be.
    broad = np.abs(cv2.GaussianBlur(after * face[..., None], (0, 0), GRAIN_BLUR))
    return Fidelity(
        psnr=_psnr(before[face]),
        psnr_jpeg=_psnr(after[face]),
        structured=float(broad[face].max()) if face.any() else math.inf,
    )


def face_area(face: Face, crop: Crop, size: Size) -> Mask:
    """Where in a photo of `size` a face of its capture lies.

    An ellipse within the outline of the cheeks, from the chin up to where foreheads end: half as
    far above the eyes as the chin is below them.
    """
    scale = size[0] / crop.width
    below = face.chin[1] - face.eye_line
    middle = (
        (face.midline - crop.left) * scale,
        (face.eye_line + 0.25 * below - crop.top) * scale,
    )
    half = (0.41 * face.width * scale, 0.7 * below * scale)
    # By its equation: as a filled polygon it has a spur of several pixels at its ends.
    y, x = np.mgrid[: size[1], : size[0]]
    return np.asarray(
        ((x - middle[0]) / max(half[0], 1)) ** 2 + ((y - middle[1]) / max(half[1], 1)) ** 2 <= 1
    )


def _psnr(difference: NDArray[np.float32]) -> float:
    if not difference.size:
        return 0.0
    power = float(np.mean(np.square(difference, dtype=np.float64)))
    return IDENTICAL if power == 0 else min(10 * math.log10(255**2 / power), IDENTICAL)

"""Photographed hair laid before another backdrop, as a camera would show both, and what a booth
would know of the picture.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.camera.frame import Picture
from kiosk.evaluation.true_mattes import TrueMatte
from kiosk.evaluation.worse_twins import compress, expose_as_ever
from kiosk.pipeline.light import Linear, to_linear
from kiosk.pipeline.mask import SoftMask
from kiosk.twin import sensor

JPEG_QUALITIES = (85, 95)
"""Between these a camera's JPEG is drawn; its colours are halved (4:2:0), as most cameras' are."""

PRIOR_BLUR, PRIOR_SHIFT = 3.0, 2.0
"""How a matting model is off: standard deviation of its blur, and by how much it is displaced, px;
where to is drawn."""


@dataclass(frozen=True, slots=True)
class LaidMatte:
    """One picture with all that is known of it, and what is true of it."""

    picture: Picture
    plate: Picture
    """The backdrop alone, taken by the same camera."""
    estimate: SoftMask
    """A blurred and displaced truth, in place of a model's word."""
    truth: TrueMatte

    @property
    def seen(self) -> Linear:
        """The picture in linear light."""
        return to_linear(self.picture)

    @property
    def plate_seen(self) -> Linear:
        """The plate in linear light."""
        return to_linear(self.plate)


def compose(truth: TrueMatte, backdrop: Linear) -> Linear:
    """The light of both: where alpha is one half, half of each."""
    cover = truth.alpha[..., None]
    return np.asarray(cover * truth.own + (1 - cover) * backdrop, np.float32)


def lay_matte(truth: TrueMatte, backdrop: Linear, rng: np.random.Generator) -> LaidMatte:
    """Lay it before a backdrop of its size, and take both with noise and a JPEG from `rng`."""
    low, high = JPEG_QUALITIES
    quality = int(rng.integers(low, high + 1))
    picture = _take(compose(truth, backdrop), quality, rng)
    plate = _take(backdrop, quality, rng)
    return LaidMatte(picture, plate, _mistake(truth.alpha, rng.uniform(0, 2 * np.pi)), truth)


def _take(light: Linear, quality: int, rng: np.random.Generator) -> Picture:
    return compress(sensor.develop(expose_as_ever(light, rng)), quality)


def _mistake(alpha: SoftMask, direction: float) -> SoftMask:
    dx, dy = PRIOR_SHIFT * np.cos(direction), PRIOR_SHIFT * np.sin(direction)
    size = alpha.shape[1], alpha.shape[0]
    moved = cv2.warpAffine(
        alpha, np.array([[1, 0, dx], [0, 1, dy]]), size, borderMode=cv2.BORDER_REPLICATE
    )
    blurred = cv2.GaussianBlur(moved, (0, 0), PRIOR_BLUR, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.float32).clip(0, 1)

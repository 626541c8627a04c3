"""Matting: how much of each pixel is the person (alpha), and the person's own colour there."""

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.errors import ModelError
from kiosk.pipeline.mask import SoftMask
from kiosk.pipeline.specification import Codes

FloatPicture = NDArray[np.float32]
"""Height × width × 3, sRGB codes 0 to 1, colour order R, G, B."""

STRIDE = 32
"""MODNet takes pictures whose sides are multiples of this."""

BLUR_RADII = (90, 6)
"""Radii, in pixels at 640 rows, of the two passes of blur fusion."""


class MattingModel:
    """MODNet on ONNX Runtime, from its file's bytes. Raises ModelError where they are no model."""

    def __init__(self, model: bytes, threads: int = 2) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # Its memory arena keeps the largest run's memory for ever.
        options.enable_cpu_mem_arena = False
        try:
            self._session = onnxruntime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ONNX Runtime raises its own, undocumented classes
            raise ModelError(f"the matting model cannot be loaded: {error}") from error
        self._input = self._session.get_inputs()[0].name

    def alpha(self, picture: Picture, long_side: int = 512) -> SoftMask:
        """Estimate alpha, 0 (backdrop) to 1 (person), with the longer side about `long_side` px."""
        height, width = picture.shape[:2]
        scale = long_side / max(height, width)
        size = (_strides(width * scale), _strides(height * scale))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        # MODNet was trained on -1 to 1.
        tensor = (small.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None]
        raw = np.asarray(self._session.run(None, {self._input: tensor})[0][0, 0], np.float32)
        if raw.shape == (height, width):
            return raw
        grown = cv2.resize(raw, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(grown, np.float32).clip(0, 1)


def _strides(length: float) -> int:
    return max(round(length / STRIDE), 1) * STRIDE


def estimate_foreground(picture: Picture, alpha: SoftMask) -> FloatPicture:
    """Estimate the person's own colour at every pixel, with the old backdrop taken out of it.

    Blur fusion, twice: Forte, "Approximate fast foreground colour estimation", ICIP 2021. Where
    alpha is 1 the colour is the picture's own, to the bit.
    """
    colour: FloatPicture = (picture / np.float32(255)).astype(np.float32)
    person: FloatPicture = colour
    backdrop: FloatPicture = colour
    for radius in BLUR_RADII:
        reach = max(round(radius * picture.shape[0] / 640), 1)
        person, backdrop = _blur_fusion(colour, person, backdrop, alpha[..., None], reach)
    return person


def _blur_fusion(
    colour: FloatPicture, person: FloatPicture, backdrop: FloatPicture, alpha: SoftMask, radius: int
) -> tuple[FloatPicture, FloatPicture]:
    def blur(values: NDArray[np.float32]) -> NDArray[np.float32]:
        out = np.asarray(cv2.blur(values, (2 * radius + 1, 2 * radius + 1)), np.float32)
        return out if out.ndim == 3 else out[..., None]

    weight = blur(alpha)
    person_mean = blur(person * alpha) / (weight + 1e-5)
    backdrop_mean = blur(backdrop * (1 - alpha)) / (1 - weight + 1e-5)
    rest = colour - alpha * person_mean - (1 - alpha) * backdrop_mean
    return (person_mean + alpha * rest).clip(0, 1), backdrop_mean


def composite(person: FloatPicture, alpha: SoftMask, background: Codes) -> Picture:
    """Lay the person on a plain background."""
    cover = alpha[..., None]
    plain = np.array(background, np.float32) / 255
    return np.rint((person * cover + plain * (1 - cover)) * 255).clip(0, 255).astype(np.uint8)

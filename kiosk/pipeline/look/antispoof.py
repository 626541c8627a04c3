"""The anti-spoofing network: how much a face in one picture looks like a live one's."""

import math

import cv2
import numpy as np
import onnxruntime

from kiosk.camera.frame import Picture
from kiosk.errors import ModelError
from kiosk.pipeline.look.patch import FaceBox

INPUT_SIDE = 128
"""Rows and columns of the network's input: R, G, B, 0 to 1."""

PADDED = 1.5
"""Side of the square that the network sees, of the face's box's longer side."""

LOGIT_SCALE = 4.0
"""Of the logits' difference in one unit of log-odds. Real portraits' differences lie around 9, with
a tenth below 5; the network's own odds of 8000 to 1 are not to be believed."""


class AntispoofModel:
    """MiniFASNet V2-SE, which was trained to tell faces from pictures of faces.

    For one thread at a time. Raises ModelError.
    """

    def __init__(self, model: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"]
            )
            self._input = self._session.get_inputs()[0].name
        # The library's own errors share no base but this.
        except Exception as error:
            raise ModelError(f"the anti-spoofing model cannot be loaded: {error}") from error

    def liveness(self, picture: Picture, box: FaceBox) -> float:
        """How much the face in a box looks like a live one's, 0 to 1."""
        patch = _cut_square(picture, box)
        if patch is None:
            return 0.5
        given = np.ascontiguousarray(patch.transpose(2, 0, 1)[None], np.float32) / 255
        real, spoof = self._session.run(None, {self._input: given})[0][0]
        return logistic(float(real - spoof) / LOGIT_SCALE)


def _cut_square(picture: Picture, box: FaceBox) -> Picture | None:
    """Cut the square around a box, mirrored at the picture's edges as in the network's training."""
    x, y, w, h = box
    height, width = picture.shape[:2]
    side = round(max(w, h) * PADDED)
    left, top = round(x + w / 2 - side / 2), round(y + h / 2 - side / 2)
    right, bottom = left + side, top + side
    part = picture[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if side < 1 or not part.size:
        return None
    beyond = (max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0))
    if max(beyond) > 4 * min(part.shape[:2]):
        return None
    if max(beyond):
        part = np.asarray(cv2.copyMakeBorder(part, *beyond, cv2.BORDER_REFLECT_101), np.uint8)
    way = cv2.INTER_AREA if side >= INPUT_SIDE else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, (INPUT_SIDE, INPUT_SIDE), interpolation=way), np.uint8)


def logistic(log_odds: float) -> float:
    """The probability of log-odds."""
    return 0.5 * (1 + math.tanh(log_odds / 2))

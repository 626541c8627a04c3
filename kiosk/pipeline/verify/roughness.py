"""Saw-teeth: how rough the outline of the clothes is against its own smooth course."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import Linear, to_linear
from kiosk.pipeline.mask import Mask
from kiosk.pipeline.specification import Codes
from kiosk.pipeline.verify.outline import nearest
from kiosk.pipeline.verify.silhouette import measure_off

PERSON_OFF = 40
DEPTH = 5
REACH = 3.0
STEP = 0.25
COURSE = 15
STRETCH = 24


def measure_roughness(picture: Picture, colour: Codes, chin: float) -> float | None:
    height, width = picture.shape[:2]
    top = min(max(int(chin), 0), height)
    part = picture[top:]
    if part.shape[0] < 2 * COURSE:
        return None
    cover = _cover(part, colour)
    ...

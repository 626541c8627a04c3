"""Resampling: one crop of a capture at the photo's size, in linear light."""

import cv2
import numpy as np
from PIL import Image

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import Linear, to_linear
from kiosk.pipeline.mask import SoftMask
from kiosk.pipeline.photo.geometry import Crop
from kiosk.pipeline.specification import Size


def resample(
    source: Picture | Linear,
    crop: Crop,
    size: Size,
    filter: Image.Resampling = Image.Resampling.LANCZOS,
) -> Linear:
    """Cut and scale in linear light; past the edges of the source its outermost pixels repeat.

    `source` is an sRGB picture, or linear light already.
    """
    height, width = source.shape[:2]
    # Only what the filter can see is turned into light: captures are large.
    reach = int(np.ceil(3 * crop.width / size[0])) + 1
    left, top = int(np.floor(crop.left)) - reach, int(np.floor(crop.top)) - reach
    right = int(np.ceil(crop.left + crop.width)) + reach
    bottom = int(np.ceil(crop.top + crop.height)) + reach
    seen = source[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    ways = max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0)
    whole = cv2.copyMakeBorder(seen, *ways, cv2.BORDER_REPLICATE)
    x, y = crop.left - left, crop.top - top
    box = (x, y, x + crop.width, y + crop.height)
    planes = []
    for channel in range(3):
        plane = np.ascontiguousarray(whole[..., channel])
        light = to_linear(np.asarray(plane, np.uint8)) if plane.dtype == np.uint8 else plane
        # Pillow's resize is the one that filters properly when shrinking, and takes a box of
        # fractions.
        planes.append(np.asarray(Image.fromarray(light).resize(size, filter, box=box)))
    return np.stack(planes, -1)


def capture_area(capture: Picture, crop: Crop, size: Size) -> SoftMask:
    """1 where the photo shows the capture, 0 where the crop reaches past its edges."""
    height, width = capture.shape[:2]
    x = crop.left + (np.arange(size[0]) + 0.5) * crop.width / size[0]
    y = crop.top + (np.arange(size[1]) + 0.5) * crop.height / size[1]
    across = ((x >= 0) & (x <= width)).astype(np.float32)
    down = ((y >= 0) & (y <= height)).astype(np.float32)
    return np.outer(down, across)

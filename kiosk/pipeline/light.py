"""Linear light and sRGB: the transfer function of IEC 61966-2-1, both ways."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture

Linear = NDArray[np.float32]
"""Linear light, 0 to 1, Rec. 709 primaries, colour order R, G, B."""

Luminance = NDArray[np.float32]
"""H x W: linear luminance, 0 to 1."""

_CODES = np.arange(256) / 255
LINEAR = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4).astype(
    np.float32
)
"""The linear light of each 8-bit code: a table for `cv2.LUT`."""

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Weights of linear R, G, B in luminance (Rec. 709)."""


def to_linear(picture: Picture) -> Linear:
    """Turn 8-bit sRGB into linear light."""
    return np.take(LINEAR, picture)


def luminance(picture: Picture) -> Luminance:
    """The linear luminance of an 8-bit sRGB picture."""
    return luminance_of(np.asarray(cv2.LUT(picture, LINEAR), np.float32))


def luminance_of(linear: Linear) -> Luminance:
    """The luminance of a picture in linear light."""
    weighed = cv2.transform(linear, LUMINANCE[None])
    return np.asarray(weighed, np.float32).reshape(linear.shape[:2])


def to_srgb(linear: Linear) -> Picture:
    """Turn linear light into 8-bit sRGB, clipping what lies outside."""
    clipped = np.clip(linear, 0, 1)
    codes = np.where(
        clipped <= 0.0031308, clipped * 12.92, 1.055 * np.power(clipped, 1 / 2.4) - 0.055
    )
    picture: Picture = np.rint(codes * 255).astype(np.uint8)
    return picture

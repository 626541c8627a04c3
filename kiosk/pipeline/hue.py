"""Whether a picture's colours are right, told by what has a known hue: the light blue backdrop
behind whoever stands there, and the neutral calibration card.

A driver that exchanges channels, or gives none, or a camera that lost its gains, shows it there.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import Linear, to_linear

LEAST_LIGHT = 0.002
"""Linear light of the brightest channel below which a colour cannot be told: half of an 8-bit
code."""

BLUE_OVER_RED, GREEN_OVER_RED, BLUE_OVER_GREEN = (1.2, 6.0), (0.3, 5.0), (-0.3, 3.0)
"""Bounds of a light blue backdrop's light, as base-2 logarithms of ratios. sRGB (100, 197, 255) has
3.0, 2.1 and 0.8: there is room for any white that lamps have, and no exchange of two channels, grey
or missing channel falls within."""

BLOCK = 8
"""Pixels of a preview across and down that are averaged before their hue is told: noise goes."""

BLOWN = 250
"""Code from which on a channel may be clipped, and a hue is not that of the light."""

MOSTLY, HARDLY = 0.5, 0.1
"""Share of what is seen beside the head that has the backdrop's hue: from MOSTLY on colours are
right, up to HARDLY they are wrong, and between them nothing is told. Decision 13 says what people,
real and rendered, leave of it."""

HEAD, CROWN = 1.0, 1.1
"""How far the head reaches: to each side of the face's middle, in widths of the face, and above the
line of the eyes. Its hair may be of any hue, and skin in exchanged channels is light blue."""

LEAST_BLOCKS = 40
"""Blocks beside the head without which nothing is told: 1 % of a preview's."""


@dataclass(frozen=True, slots=True)
class HeadPlace:
    """Where the face is in a preview, in pixels."""

    midline: float
    eye_line: float
    chin: float
    width: float
    """Cheek to cheek."""


def shows_wrong_colours(empty: Picture) -> bool | None:
    """Whether a picture of the empty booth shows its light blue backdrop in another colour.

    A driver that exchanges channels, or gives none, does. None in the dark.
    """
    upper = to_linear(np.ascontiguousarray(empty[: max(len(empty) // 4, 1) : 4, ::4]))
    light = upper.reshape(-1, 3).mean(0)
    if light.max() < LEAST_LIGHT:
        return None
    return not bool(is_light_blue(light))


def shows_wrong_colours_behind(preview: Picture, head: HeadPlace) -> bool | None:
    """Whether a preview shows the light blue backdrop beside a head in another colour.

    Looked at is what is above the chin and beyond the head's sides, whatever clothes may be worn
    below. None where too little of it is seen, or what is seen does not say.
    """
    height, width = preview.shape[:2]
    size = max(width // BLOCK, 1), max(height // BLOCK, 1)
    small = np.asarray(cv2.resize(preview, size, interpolation=cv2.INTER_AREA), np.uint8)
    across = (np.arange(size[0]) + 0.5) * width / size[0]
    down = (np.arange(size[1]) + 0.5) * height / size[1]
    beside = np.abs(across - head.midline) > HEAD * head.width
    above = down < head.eye_line - CROWN * head.width
    backdrop = (down < head.chin)[:, None] & (beside[None] | above[:, None])
    codes = small[backdrop]
    light = to_linear(codes)
    told = (light.max(1) >= LEAST_LIGHT) & (codes.min(1) < BLOWN)
    if told.sum() < LEAST_BLOCKS:
        return None
    share = float(is_light_blue(light[told]).mean())
    if share >= MOSTLY:
        return False
    return True if share <= HARDLY else None


def card_tint(card: Picture) -> tuple[float, float]:
    """How far a picture of a neutral card is from neutral: red and blue against green.

    Base-2 logarithms of linear light, 0 where they are alike, 1 where a channel has twice as much.
    `card` is the part of a picture that the card fills. Dividing the camera's colour gains by 2 to
    these powers makes it neutral. Exchanged channels, or none, leave it so: those the backdrop
    shows. Raises ValueError where it is too dark or blown.
    """
    light = to_linear(card).reshape(-1, 3).mean(0)
    if light.min() < LEAST_LIGHT or np.median(card.reshape(-1, 3), axis=0).max() >= BLOWN:
        raise ValueError(
            "the card is too dark or too bright to tell its hue: set the lamps, or "
            "camera.exposure_time, so that it is at 110–125 of 255"
        )
    red, green, blue = np.log2(light).tolist()
    return red - green, blue - green


def is_light_blue(light: Linear) -> NDArray[np.bool_]:
    """Which of some light (… × 3, linear) has a light blue backdrop's hue."""
    logarithms = np.log2(np.maximum(light, 1e-6))
    red, green, blue = (logarithms[..., channel] for channel in range(3))
    right = np.ones(red.shape, bool)
    for ratio, (least, most) in (
        (blue - red, BLUE_OVER_RED),
        (green - red, GREEN_OVER_RED),
        (blue - green, BLUE_OVER_GREEN),
    ):
        right &= (ratio >= least) & (ratio <= most)
    return right

"""What a calibration measures in pictures: the card, the focus, bands, the backdrop. All pure."""

import math
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Controls, Picture
from kiosk.pipeline.light import Linear, to_linear

CARD = (0.42, 0.36, 0.58, 0.46)
"""Where the card is measured: left, top, right and bottom, in the picture's widths and heights. It
stands where the eyes will be, and is larger than this."""

SIDE = 0.3
"""Share of the picture's width, left and right, that is beside the card."""

CARD_NOISE = 8.0
"""Standard deviation in codes up to which that is one even surface."""

LIKE_CARD = 14
"""Codes by which the card's own pixels differ from its middle at most, in each channel."""

EYE_LINE = 0.41
"""Where the card's middle should be, from above: at the face's frame."""

UNSEEN = 8
"""Code below which a row tells nothing of bands: one code more or less is 12 % there."""

LEAST_GAIN = 0.97
"""A gain down to which 1 serves as well: a card that is to be at 118 is at 120 at most then."""

LEAST_FREQUENCY = 1_000
"""Hz that a PWM has at least, for people's sake: slower flicker is seen in what moves."""

Rows = NDArray[np.float64]
"""A value for each row of a picture, from the top."""


class CardPlace(NamedTuple):
    """How the card stands in the picture."""

    across: float
    """Its middle, in the picture's widths from the left."""
    down: float
    """The same in heights from above."""
    tilt: float
    """Degrees by which its edges are off level, -45 to 45."""


def card_patch(picture: Picture) -> Picture:
    """The middle of the card."""
    height, width = picture.shape[:2]
    left, top, right, bottom = CARD
    return np.ascontiguousarray(
        picture[
            round(top * height) : round(bottom * height),
            round(left * width) : round(right * width),
        ]
    )


def codes(patch: Picture) -> tuple[float, float, float]:
    """R, G and B of an even patch, of 255: the mean without the tenth that is farthest off."""
    flat = np.sort(patch.reshape(-1, 3), axis=0)
    cut = len(flat) // 20
    red, green, blue = flat[cut : len(flat) - cut].mean(0).tolist()
    return red, green, blue


def bright_part(picture: Picture) -> float:
    """The linear light that 95 % of a picture stay below, in green."""
    return max(linear(float(np.percentile(picture[::4, ::4, 1], 95))), 1e-4)


def is_clipped(picture: Picture) -> bool:
    """Whether the backdrop, in the upper quarter, is too bright to tell its hue."""
    return bool(np.percentile(picture[: max(len(picture) // 4, 1)], 99) >= 250)


def is_even(patch: Picture) -> bool:
    """Whether a patch is of one surface, and not a face or a page."""
    return bool(patch.reshape(-1, 3).std(0).max() <= CARD_NOISE)


def backdrop_by_card(picture: Picture) -> Linear:
    """The backdrop's light by the card's, R, G and B: its true hue, whatever the camera's gains."""
    backdrop = to_linear(np.ascontiguousarray(picture[: max(len(picture) // 8, 1)]))
    card = to_linear(card_patch(picture))
    ratio = backdrop.reshape(-1, 3).mean(0) / np.maximum(card.reshape(-1, 3).mean(0), 1e-4)
    return np.asarray(ratio, np.float32)


def find_card(picture: Picture) -> CardPlace | None:
    """Where the card is; None where its outline is not seen."""
    height, width = picture.shape[:2]
    middle = np.array(codes(card_patch(picture)))
    like = np.abs(picture.astype(np.float32) - middle).max(2) <= LIKE_CARD
    closed = cv2.medianBlur(like.astype(np.uint8), 5)
    _, labels = cv2.connectedComponents(closed)
    label = labels[round((CARD[1] + CARD[3]) / 2 * height), round((CARD[0] + CARD[2]) / 2 * width)]
    own = (labels == label).astype(np.uint8)
    if label == 0 or not 0.01 < own.mean() < 0.3:
        return None
    contours, _ = cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    (x, y), _, angle = cv2.minAreaRect(max(contours, key=len))
    return CardPlace(x / width, y / height, (angle + 45) % 90 - 45)


def sharpness(picture: Picture) -> float:
    """How sharp the middle of a picture is: the share of its contrast that lies in finest detail.

    The variance of the Laplacian by that of the picture itself (Pech-Pacheco et al., 2000, made
    independent of light): larger is sharper, of one and the same page at one distance.
    """
    height, width = picture.shape[:2]
    middle = picture[height // 4 : height * 5 // 8, width // 4 : width * 3 // 4]
    grey = cv2.cvtColor(np.ascontiguousarray(middle), cv2.COLOR_RGB2GRAY).astype(np.float32)
    contrast = float(grey.var())
    return float(cv2.Laplacian(grey, cv2.CV_32F).var()) / contrast if contrast > 1 else 0.0


def banding(dimmed: Picture, full: Picture) -> float | None:
    """How deep the bands of a dimmed lamp are: half from dark to bright, as a share of the light.

    `full` is the same scene under the same lamp at full level, which no PWM switches: what the
    wall itself has cancels. Looked at is the wall beside the card. None in the dark.
    """
    dimmed, full = _beside_card(dimmed), _beside_card(full)
    seen = (full[..., 1] < 250) & (dimmed[..., 1] < 250)
    enough = seen.mean(1) >= 0.25
    rows, whole = _row_light(dimmed, seen), _row_light(full, seen)
    enough &= np.minimum(rows, whole) >= to_linear(np.full((1, 1), UNSEEN, np.uint8)).item()
    if enough.sum() < len(rows) / 4:
        return None
    place = np.flatnonzero(enough)
    ratio = rows[enough] / whole[enough]
    slow = np.polynomial.Polynomial.fit(place, ratio, 3)(place)
    fast = np.convolve(ratio - slow, np.full(3, 1 / 3), "valid")
    low, high = np.percentile(fast, (2, 98))
    return float((high - low) / 2 / ratio.mean())


def _beside_card(picture: Picture) -> Picture:
    width = picture.shape[1]
    return np.concatenate(
        [picture[:, : round(SIDE * width)], picture[:, width - round(SIDE * width) :]], axis=1
    )


def _row_light(picture: Picture, seen: NDArray[np.bool_]) -> Rows:
    """The mean linear light of green in each row, where it is seen."""
    green = to_linear(np.ascontiguousarray(picture[..., 1]))
    return np.asarray((green * seen).sum(1) / np.maximum(seen.sum(1), 1), np.float64)


def darkest_corner(empty: Picture) -> float:
    """How bright the darkest of the backdrop's corners is, by its brightest part: 1 is even.

    Looked at is the upper half, in six parts; below there may be a stool.
    """
    height, width = empty.shape[:2]
    light = to_linear(np.ascontiguousarray(empty[: height // 2, :, 1]))
    parts = [
        float(light[rows : rows + height // 12, columns : columns + width // 8].mean())
        for rows in (0, height // 2 - height // 12)
        for columns in (0, width // 2 - width // 16, width - width // 8)
    ]
    return min(parts) / max(max(parts), 1e-6)


def whole_exposure(exposure: int, frequency: float) -> float:
    """How far an exposure in microseconds is from whole periods of a PWM in Hz, in periods."""
    periods = exposure * frequency / 1e6
    return abs(periods - max(round(periods), 1))


def split_exposure(product: float, wanted: int) -> tuple[int, float] | None:
    """Split exposure × gain, in microseconds, into whole half-periods of the mains and a gain.

    `wanted` is kept where its gain is from 1 to 8; it also says which mains there are, 50 or 60 Hz.
    None where no exposure up to 30 ms fits with a gain from 1 to 16: too dark or too bright.
    """
    half = half_period(wanted)
    usual = max(round(wanted / half), 1) * half
    if LEAST_GAIN <= product / usual <= 8:
        return usual, max(product / usual, 1.0)
    for exposure in (half, 2 * half, 3 * half):
        if LEAST_GAIN <= product / exposure <= 16:
            return exposure, max(product / exposure, 1.0)
    return None


def shorten(controls: Controls) -> Controls:
    """Controls under which half as much light is read, or less: without gain, and with half as many
    half-periods of the mains, or half of one."""
    if controls.analogue_gain > 1:
        return replace(controls, analogue_gain=1.0)
    half = half_period(controls.exposure_time)
    count = round(controls.exposure_time / half)
    exposure = count // 2 * half if count > 1 else controls.exposure_time // 2
    return replace(controls, exposure_time=exposure)


def half_period(exposure: int) -> int:
    """The mains' half-period, in microseconds, that an exposure is nearest to holding wholly."""
    return min(
        (10_000, 8_333), key=lambda half: abs(exposure / half - max(round(exposure / half), 1))
    )


def right_frequency(exposure: int, frequency: float) -> float:
    """The frequency of a PWM, in Hz, that an exposure in microseconds holds whole periods of.

    The nearest from LEAST_FREQUENCY on.
    """
    step = 1e6 / exposure
    least = math.ceil(LEAST_FREQUENCY / step) * step
    return max(round(frequency / step) * step, least)


def linear(code: float) -> float:
    """The linear light of a code, of 255."""
    return float(to_linear(np.full((1, 1), round(code), np.uint8)).item())

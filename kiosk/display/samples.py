"""The idle screen's samples: beside each other a photo that passes and one that fails, by turns.

The pictures are of the twin's rendered people; tools/sample_pictures.py makes them.
"""

import math
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image

from kiosk.camera.frame import Picture
from kiosk.display.boxes import Column, Drawing, Element, Row, Turns
from kiosk.display.canvas import Box, Canvas
from kiosk.display.layout import Role, Words
from kiosk.display.theme import Colour

FOLDER = Path(__file__).parent / "pictures"

SECONDS = 6.0
"""For which a pair is shown."""

FADING, FADING_STEPS = 0.6, 5
"""Seconds for which it gives way to the next, and in how many pictures: nothing flashes, and few
are drawn."""


class Sample(NamedTuple):
    """A pair of pictures, PERSON-POSE, and the phrase that says what is wrong with the second."""

    passes: str
    fails: str
    why: str


SAMPLES = (
    Sample("bo-neutral", "bo-hat", "checklist.bare"),
    Sample("wei-neutral", "hui-neutral", "checklist.shirt_not"),
    Sample("lin-neutral", "yan-hair_over_brows", "checklist.hair"),
    Sample("amara-neutral", "na-neutral", "checklist.shirt_not"),
)


class Turn(NamedTuple):
    """Which pair is shown."""

    number: int
    """Its place in SAMPLES."""
    step: int
    """How far it has given way to the next, in FADING_STEPS."""


def find_turn(at: float) -> Turn:
    """Whose turn it is; `at` in seconds."""
    fading = (at % SECONDS - SECONDS + FADING) / FADING
    return Turn(int(at / SECONDS) % len(SAMPLES), max(math.ceil(fading * FADING_STEPS), 0))


def show_samples(at: float) -> Column:
    """The pair whose turn it is, marked by sign and word; `at` in seconds."""
    turn, step = find_turn(at)
    following = SAMPLES[(turn + 1) % len(SAMPLES)]
    faded = step / (FADING_STEPS + 1)
    sample = SAMPLES[turn]
    good = _blend(sample.passes, following.passes, faded)
    bad = _blend(sample.fails, following.fails, faded)
    pair = Row(
        (_framed(good, "idle.passes", passes=True), None),
        (_framed(bad, "idle.fails", passes=False), None),
        gap=0.6,
        grows=1,
    )
    whys = [Words(sample.why) for sample in SAMPLES]
    return Column(pair, Turns(*whys, turn=turn), gap=0.15, grows=1)


def _framed(picture: Picture, name: str, *, passes: bool) -> Element:
    def draw(canvas: Canvas, box: Box, paper: Colour) -> None:
        theme = canvas.theme
        height, width = picture.shape[:2]
        tall = min(box.height, box.width * height / width)
        wide = tall * width / height
        x, y = box.centre
        place = Box(x - wide / 2, y - tall / 2, wide, tall)
        colour = theme.good if passes else theme.alert
        canvas.block(place, colour)
        canvas.picture(picture, place.inset(0.18 * canvas.unit))
        radius = min(1.3 * canvas.unit, 0.2 * wide)
        sign = "check" if passes else "cross"
        canvas.badge(sign, place.right - radius, place.bottom - radius, radius, colour)

    role: Role = "good" if passes else "alert"
    return Column(Drawing(draw, 7), Words(name, weight="bold", role=role), gap=0.1, grows=1)


def _blend(one: str, other: str, part: float) -> Picture:
    if part <= 0:
        return load_sample(one)
    blended = cv2.addWeighted(load_sample(one), 1 - part, load_sample(other), part, 0)
    return np.asarray(blended, np.uint8)


@lru_cache(maxsize=2 * len(SAMPLES))
def load_sample(name: str) -> Picture:
    """A picture of the idle screen; height × width × 3, R, G, B."""
    with Image.open(FOLDER / f"{name}.webp") as image:
        return np.asarray(image.convert("RGB"), np.uint8)

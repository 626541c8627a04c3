"""Backdrops without anybody: the twin's, and plain walls as rooms have them."""

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from kiosk.evaluation.twin_pictures import WORKING_LIGHT
from kiosk.pipeline.light import Linear
from kiosk.pipeline.specification import Size
from kiosk.twin import optics
from kiosk.twin.light_stage import EmptyBooth

GREY, WHITE = (0.30, 0.30, 0.31), (0.74, 0.73, 0.70)
"""Linear light of a wall of middle grey paint, and of a white one under a lamp's warm light."""

GRADIENT = 0.2
"""Share of its light that a wall loses from one end to the other: a lamp from the side."""

TEXTURE = ((1.2, 0.015), (6.0, 0.01))
"""Plaster and paint: standard deviations in px of a mottle's spots, and by which share of the light
they differ."""


def twin_backdrop(size: Size, rng: np.random.Generator) -> Linear:
    """The light of the twin's empty booth, of which a part of that form is taken; no chance in it.

    Of what does not fit the middle is taken.
    """
    light = optics.relight(EmptyBooth().stage(large=True), WORKING_LIGHT)
    height, width = light.shape[:2]
    scale = min(width / size[0], height / size[1])
    w, h = round(size[0] * scale), round(size[1] * scale)
    x, y = (width - w) // 2, (height - h) // 2
    part = light[y : y + h, x : x + w]
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.float32)


def draw_wall(colour: tuple[float, float, float], size: Size, rng: np.random.Generator) -> Linear:
    """A wall of a colour (linear light), lit from a drawn side, with a drawn texture."""
    width, height = size
    angle = rng.uniform(0, 2 * np.pi)
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, width), np.linspace(-0.5, 0.5, height))
    along = x * np.cos(angle) + y * np.sin(angle)
    share = 1 + GRADIENT * along / np.ptp(along)
    for spot, deviation in TEXTURE:
        mottle = cv2.GaussianBlur(rng.standard_normal((height, width)), (0, 0), spot)
        share = share + deviation * mottle / mottle.std()
    return np.asarray(share[..., None] * np.array(colour), np.float32).clip(0, 1)


DrawBackdrop = Callable[[Size, np.random.Generator], Linear]
"""Draws the linear light of a backdrop, of a width and height, by chance from a generator."""

BACKDROPS: Mapping[str, DrawBackdrop] = {
    "the twin's backdrop": twin_backdrop,
    "a grey wall": lambda size, rng: draw_wall(GREY, size, rng),
    "a white wall": lambda size, rng: draw_wall(WHITE, size, rng),
}

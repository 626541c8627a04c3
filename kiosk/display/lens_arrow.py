"""Where the real lens is, seen from the screen, and the arrow that points to it."""

import math
from functools import lru_cache

import numpy as np
import pygame

from kiosk.display.canvas import Box, Canvas
from kiosk.display.monitor import MAIN_ARC
from kiosk.display.sketch import Sketch, draw_arrow
from kiosk.display.state import LensPlace, Side
from kiosk.display.theme import Colour
from kiosk.display.typesetting import Setting

NUMBER_ARC = 60.0
"""Of the countdown's number, minutes of arc: the largest letters of all."""

STEP = 5
"""Degrees to which the arrow's way is rounded: each is drawn once."""

DEEP = 3.9
"""How far the sign reaches into the screen, in units."""

LONG = 9.2
"""How long it is along the screen's edge, in units."""


def find_lens(canvas: Canvas, place: LensPlace) -> tuple[float, float]:
    """Where the lens is in pixels of the screen, beyond its edge."""
    beyond, along = canvas.mm(place.beyond_mm), canvas.mm(place.along_mm)
    x, y = canvas.whole.centre
    match place.side:
        case "top":
            return x + along, -beyond
        case "bottom":
            return x + along, canvas.height + beyond
        case "left":
            return -beyond, y + along
        case "right":
            return canvas.width + beyond, y + along


def lens_sign_box(canvas: Canvas, place: LensPlace, mirror: Box) -> Box:
    """Where the sign is: on the mirror, at its edge that is next to the lens, and beside it."""
    deep, long = DEEP * canvas.unit, LONG * canvas.unit
    x, y = find_lens(canvas, place)
    if place.side in ("top", "bottom"):
        long = min(long, mirror.width)
        left = min(max(x - long / 2, mirror.x), mirror.right - long)
        top = mirror.y if place.side == "top" else mirror.bottom - deep
        return Box(left, top, long, deep)
    top = min(max(y - long / 2, mirror.y), mirror.bottom - long)
    left = mirror.x if place.side == "left" else mirror.right - deep
    return Box(left, top, deep, long)


def draw_lens_sign(canvas: Canvas, place: LensPlace, mirror: Box, number: int | None) -> None:
    """Point to the lens, with the countdown's number beside the arrow, or a drawn lens."""
    theme = canvas.theme
    box = lens_sign_box(canvas, place, mirror)
    canvas.panel(box, theme.accent, border=theme.on_fill, line=0.15 * canvas.unit)
    across = box.width > box.height
    half = box.width / 2 if across else box.height / 2
    first = Box(box.x, box.y, half, box.height) if across else Box(box.x, box.y, box.width, half)
    other = first._replace(x=box.x + half) if across else first._replace(y=box.y + half)
    _draw_arrow(canvas, first, find_lens(canvas, place))
    if number is None:
        size = 0.72 * min(other.width, other.height)
        canvas.icon("lens", *other.centre, size, theme.on_fill, theme.accent)
        return
    canvas.setting = Setting(1.0)
    name = f"count.{number}"
    canvas.phrases.append(name)
    digit = canvas.texts(name)[0]
    canvas.line(
        digit, other, canvas.em(digit, NUMBER_ARC, "bold"),
        ink=theme.on_fill, paper=theme.accent, weight="bold", arc=MAIN_ARC,
    )  # fmt: skip


def _draw_arrow(canvas: Canvas, box: Box, lens: tuple[float, float]) -> None:
    x, y = box.centre
    way = math.degrees(math.atan2(lens[1] - y, lens[0] - x))
    side = round(0.82 * min(box.width, box.height))
    drawn = _arrow(side, round(way / STEP) * STEP, canvas.theme.on_fill, canvas.theme.accent)
    canvas.paste(drawn, Box(x - side / 2, y - side / 2, side, side))


@lru_cache(maxsize=8)
def _arrow(side: int, way: int, ink: Colour, ground: Colour) -> pygame.Surface:
    """An arrow in its square; `way` in degrees, clockwise from the right."""
    sketch = Sketch(side, ground)
    ahead = np.array((math.cos(math.radians(way)), math.sin(math.radians(way)))) * 0.42
    line = np.linspace(0.5 - ahead, 0.5 + ahead, 12)
    draw_arrow(sketch, line, ink, ground, 0.15)
    return pygame.image.frombytes(sketch.pixels.tobytes(), (side, side), "RGB")


def opposite(side: Side) -> Side:
    """The screen's other edge."""
    sides: dict[Side, Side] = {
        "top": "bottom", "bottom": "top", "left": "right", "right": "left",
    }  # fmt: skip
    return sides[side]

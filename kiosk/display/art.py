"""The drawing of how a code is held to the reader: the phone turns its screen to the window."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kiosk.display.canvas import Box, Canvas
from kiosk.display.sketch import Sketch
from kiosk.display.state import ReaderFaces
from kiosk.display.theme import Colour, Theme

Points = NDArray[np.float64]
"""n × 2 on the drawing, or n × 3: x to the right, y up, z towards who looks; of its side."""

Place = Callable[[ArrayLike], Points]
"""Where points of the phone's face come to lie on the drawing."""

_CODE_MODULES = (
    "1111111010101111111",
    "1000001001101000001",
    "1011101011001011101",
    "1011101000101011101",
    "1011101010101011101",
    "1000001011001000001",
    "1111111010101111111",
    "0000000011000000000",
    "1101011100110101011",
    "0110100101101100101",
    "1011011010010111010",
    "0101100110101001101",
    "1100111011010110011",
    "0000000010110010101",
    "1111111001001101100",
    "1000001010110100110",
    "1011101011010011011",
    "1000001001101101001",
    "1111111010011010110",
)
"""It looks like a code and is none: a reader finds nothing in it."""

WIDTH, LENGTH = 0.3, 0.54
"""The phone's."""

SECONDS = 5.0
"""For which a phone is shown, turned, held, and taken back."""

LOOKED_DOWN = math.radians(32)
"""At a reader whose window faces up, one looks from above."""


def draw_scanning(canvas: Canvas, box: Box, at: float, faces: ReaderFaces, paper: Colour) -> None:
    """Draw a phone whose code turns to the reader's window; `at` in seconds."""
    side = int(min(box.width, box.height))
    sketch = Sketch(side, paper)
    turned = _turned(at)
    (_draw_over if faces == "up" else _draw_before)(sketch, canvas.theme, turned)
    x, y = box.centre
    canvas.picture(sketch.pixels, Box(round(x - side / 2), round(y - side / 2), side, side))


def draw_saving(canvas: Canvas, box: Box, at: float, paper: Colour) -> None:
    """Draw how a code is saved: pressed until it comes out of the phone as a picture."""
    side = int(min(box.width, box.height))
    sketch, theme = Sketch(side, paper), canvas.theme
    part = at / SECONDS % 1.0
    pressed, out = _ease(min(part / 0.3, 1.0)), _ease(min(max((part - 0.4) / 0.3, 0.0), 1.0))

    def at_phone(points: ArrayLike) -> Points:
        return np.asarray(points, np.float64) * (1.5, -1.5) + (0.27, 0.5)

    def at_picture(points: ArrayLike) -> Points:
        middle = (0.27 + 0.49 * out, 0.5)
        return np.asarray(points, np.float64) * (1.45, -1.45) + middle

    _draw_phone(sketch, theme, at_phone, front_seen=True)
    if part >= 0.4:
        sketch.shape(at_picture(_rounded(0.3, 0.36, 0.02)), (255, 255, 255), theme.accent, 0.02)
        _draw_code(sketch, at_picture)
    else:
        reach = np.add(_rounded(0.09, 0.34, 0.045), (0.02, -0.21 - 0.1 * (1 - pressed)))
        for ring in (0.2, 0.13) if pressed == 1.0 else ():
            sketch.shape(at_phone(_rounded(ring, ring, ring / 2)), theme.tint, theme.accent, 0.012)
        sketch.shape(at_phone(reach), theme.quiet, theme.ink, 0.012)
    x, y = box.centre
    canvas.picture(sketch.pixels, Box(round(x - side / 2), round(y - side / 2), side, side))


def _turned(at: float) -> float:
    """How far the phone is turned to the reader, 0 to 1."""
    part = at / SECONDS % 1.0
    if part < 0.24:
        return 0.0
    if part < 0.46:
        return _ease((part - 0.24) / 0.22)
    return 1.0 if part < 0.88 else 1.0 - _ease((part - 0.88) / 0.12)


def _ease(part: float) -> float:
    return 0.5 - 0.5 * math.cos(math.pi * part)


def _draw_over(sketch: Sketch, theme: Theme, turned: float) -> None:
    """A reader on the desk whose window faces up: the phone comes face down above it."""

    def see(points: ArrayLike) -> Points:
        x, y, z = np.asarray(points, np.float64).T
        down = y * math.cos(LOOKED_DOWN) - z * math.sin(LOOKED_DOWN)
        return np.stack((0.5 + x, 0.68 - down), axis=1)

    wide, deep, high = 0.3, 0.24, 0.17
    top = [(-wide, 0, -deep), (wide, 0, -deep), (wide, 0, deep), (-wide, 0, deep)]
    front = [(-wide, 0, deep), (wide, 0, deep), (wide, -high, deep), (-wide, -high, deep)]
    sketch.shape(see(front), theme.quiet, theme.ink)
    sketch.shape(see(top), theme.tint, theme.ink)
    window = [(-0.19, 0, -0.13), (0.19, 0, -0.13), (0.19, 0, 0.13), (-0.19, 0, 0.13)]
    sketch.shape(see(window), theme.alert, theme.ink)
    angle = math.radians(90) * turned
    centre = np.array((0.0, 0.47 - 0.2 * turned, 0.0))
    spin = np.array(
        (
            (1, 0, 0),
            (0, math.cos(angle), -math.sin(angle)),
            (0, math.sin(angle), math.cos(angle)),
        )
    )

    def place(points: ArrayLike) -> Points:
        flat = np.asarray(points, np.float64)
        solid = np.column_stack((flat, np.zeros(len(flat))))
        return see(solid @ spin.T + centre)

    if turned > 0.9:
        beam = [(-0.19, 0, 0.13), (0.19, 0, 0.13), (0.13, 0.25, 0.1), (-0.13, 0.25, 0.1)]
        sketch.fill(see(beam), _blend(theme.alert, theme.paper, 0.45))
    _draw_phone(sketch, theme, place, front_seen=angle < math.radians(90) - LOOKED_DOWN)


def _draw_before(sketch: Sketch, theme: Theme, turned: float) -> None:
    """A reader that looks at the student: the phone turns its screen away from them, to it."""

    def see(points: ArrayLike) -> Points:
        return np.asarray(points, np.float64) * (1, -1) + (0.5, 0.5)

    sketch.shape(see(np.add(_rounded(0.66, 0.5, 0.06), (0, 0.2))), theme.quiet, theme.ink)
    sketch.shape(see(np.add(_rounded(0.54, 0.3, 0.04), (0, 0.22))), theme.alert, theme.ink)
    across = math.cos(math.pi * turned)
    nearer = 1.0 - 0.12 * turned
    centre = np.array((0.0, -0.2 + 0.24 * turned))

    def place(points: ArrayLike) -> Points:
        return see(np.asarray(points, np.float64) * (across * nearer, nearer) + centre)

    _draw_phone(sketch, theme, place, front_seen=across > 0)


def _draw_phone(sketch: Sketch, theme: Theme, place: Place, *, front_seen: bool) -> None:
    body, screen = theme.ink, theme.paper
    if theme.paper < theme.ink:  # on black
        body, screen = theme.quiet, theme.paper
    sketch.shape(place(_rounded(WIDTH, LENGTH, 0.04)), body, _blend(body, theme.paper, 0.5), 0.008)
    if front_seen:
        sketch.fill(place(_rounded(WIDTH - 0.024, LENGTH - 0.03, 0.03)), (255, 255, 255))
        _draw_code(sketch, place)
    else:
        for x, y in ((-0.09, 0.2), (-0.09, 0.13)):
            lens = np.add(_rounded(0.05, 0.05, 0.024), (x, y))
            sketch.fill(place(lens), _blend(body, screen, 0.6))


def _draw_code(sketch: Sketch, place: Place) -> None:
    side = 0.22
    module = side / len(_CODE_MODULES)
    for row, line in enumerate(_CODE_MODULES):
        y = side / 2 - row * module
        column = 0
        while column < len(line):
            end = column
            while end < len(line) and line[end] == "1":
                end += 1
            if end > column:
                left, right = column * module - side / 2, end * module - side / 2
                bottom = y - module
                sketch.fill(
                    place([(left, y), (right, y), (right, bottom), (left, bottom)]), (0, 0, 0)
                )
            column = end + 1


def _rounded(width: float, height: float, radius: float) -> Points:
    """A rectangle with round corners about the origin."""
    turn = np.radians(np.arange(0, 360, 15))
    x, y = np.cos(turn), np.sin(turn)
    return np.stack(
        (
            radius * x + np.sign(np.round(x, 6) + 1e-9) * (width / 2 - radius),
            radius * y + np.sign(np.round(y, 6) + 1e-9) * (height / 2 - radius),
        ),
        axis=1,
    )


def _blend(one: Colour, other: Colour, part: float) -> Colour:
    red, green, blue = (round(a * part + b * (1 - part)) for a, b in zip(one, other, strict=True))
    return red, green, blue

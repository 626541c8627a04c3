"""What goes with the drawn person: places, others, lamps, lens, marks; at a part of a motion."""

from collections.abc import Callable
from typing import Literal

import numpy as np

from kiosk.display.pose import WHITE, Palette, mix
from kiosk.display.sketch import Points, Sketch, curve, draw_arrow, ellipse, flip, shift

Draw = Callable[[Sketch, float, Palette], None]
"""Draws something that goes with a motion, at a part of its way from 0 to 1."""

Side = Literal["top", "bottom", "left", "right"]
"""Of the screen."""

# ---- places ----


def draw_frame(sketch: Sketch, part: float, palette: Palette) -> None:
    """Draw the picture's edge."""
    sketch.shape(rounded(0.06, 0.04, 0.94, 0.97), mix(palette.ground, palette.line, 0.06))
    sketch.line(
        rounded(0.06, 0.04, 0.94, 0.97), 0.014, mix(palette.ground, palette.line, 0.6), closed=True
    )


def draw_place(sketch: Sketch, part: float, palette: Palette) -> None:
    """Draw the outline that a person is to fill."""
    for start in range(128, 128 + 290, 24):
        sketch.line(ellipse((0.5, 0.5), (0.2, 0.25), start, start + 13), 0.018, palette.good)
    for side in (-1, 1):
        shoulder = curve(
            (0.5 + side * 0.14, 0.745), (0.5 + side * 0.4, 0.77), (0.5 + side * 0.41, 1.0)
        )
        for number in range(0, 15, 4):
            sketch.line(shoulder[number : number + 3], 0.018, palette.good)


def draw_shoulder_marks(sketch: Sketch, part: float, palette: Palette) -> None:
    """Mark both shoulders."""
    x = 0.3 * (1 - part)
    for side in (-1, 1):
        middle = 0.5 + side * 0.3 + x
        arc = curve(
            (middle - side * 0.13, 0.66), (middle + side * 0.04, 0.68), (middle + side * 0.1, 0.85)
        )
        sketch.line(arc, 0.055, palette.ground)
        sketch.line(arc, 0.035, palette.mark)


def draw_shoulder_line(side: Literal[-1, 1]) -> Draw:
    """How the shoulder is marked that comes up, on the left (-1) or right."""

    def draw(sketch: Sketch, part: float, palette: Palette) -> None:
        low = 0.13 * (1 - part)
        line = ((0.27, 0.7 + 0.4 * low), (0.1, 0.72 + low), (0.045, 0.85 + low))
        arc = curve(*line)
        arc = flip(arc) if side > 0 else arc
        sketch.line(arc, 0.055, palette.ground)
        sketch.line(arc, 0.035, palette.mark)

    return draw


def draw_nearer(sketch: Sketch, part: float, palette: Palette) -> None:
    """Draw an arrow that comes out of the picture, wider as it comes."""
    _draw_depth_arrow(sketch, palette, NEARER)


def draw_farther(sketch: Sketch, part: float, palette: Palette) -> None:
    """Draw an arrow that goes into the picture, narrower as it goes."""
    _draw_depth_arrow(sketch, palette, FARTHER)


def _draw_depth_arrow(sketch: Sketch, palette: Palette, shape: Points) -> None:
    sketch.line(shape, 0.05, palette.ground, closed=True)
    sketch.fill(shape, palette.mark)
    sketch.line(shape, 0.014, palette.mark, closed=True)


NEARER = np.array(
    ((0.47, 0.7), (0.53, 0.7), (0.59, 0.85), (0.72, 0.85), (0.5, 0.975), (0.28, 0.85), (0.41, 0.85))
)
FARTHER = np.array(
    (
        (0.41, 0.975),
        (0.59, 0.975),
        (0.545, 0.85),
        (0.64, 0.85),
        (0.5, 0.7),
        (0.36, 0.85),
        (0.455, 0.85),
    )
)


# ---- lamps, lens, hands ----


def draw_lamps(sketch: Sketch, part: float, palette: Palette) -> None:
    """Draw two lamps that become brighter."""
    for side in (-1, 1):
        _draw_lamp(sketch, side, part, palette)


def _draw_lamp(sketch: Sketch, side: int, part: float, palette: Palette) -> None:
    x = 0.5 + side * 0.4
    glow = mix(palette.ground, LIGHT, 0.25 + 0.75 * part)
    cone = ((x, 0.14), (0.5 + side * 0.13, 0.3), (0.5 + side * 0.2, 0.52))
    sketch.fill(cone, glow)
    lamp = (
        (x + side * 0.08, 0.04),
        (x - side * 0.06, 0.1),
        (x - side * 0.0, 0.26),
        (x + side * 0.09, 0.16),
    )
    sketch.shape(lamp, mix(LIGHT, WHITE, part), palette.ink, 0.016)
    for turn in (25, 60, 95):
        way = np.array((-side * np.cos(np.radians(turn)), np.sin(np.radians(turn))))
        start = np.array((x - side * 0.03, 0.18)) + way * 0.06
        sketch.line((start, start + way * (0.04 + 0.1 * part)), 0.022, palette.mark)


LIGHT = (255, 214, 92)


def draw_lamps_change(sketch: Sketch, part: float, palette: Palette) -> None:
    """Draw two lamps, of which one becomes darker and the other brighter."""
    _draw_lamp(sketch, -1, 1 - part, palette)
    _draw_lamp(sketch, 1, part, palette)


def draw_lamp_on(side: Literal[-1, 1]) -> Draw:
    """A lamp that is mirrored, on the left (-1) or right."""

    def draw(sketch: Sketch, _: float, palette: Palette) -> None:
        _draw_lamp(sketch, side, 1.0, palette)

    return draw


def draw_lens_glass(sketch: Sketch, part: float, palette: Palette) -> None:
    """Draw a magnifying glass that goes over the face."""
    x, y = 0.36 + 0.28 * part, 0.4 + 0.08 * np.sin(part * np.pi)
    sketch.line(((x + 0.1, y + 0.1), (x + 0.25, y + 0.27)), 0.06, palette.line)
    sketch.line(ellipse((x, y), (0.15, 0.15)), 0.05, palette.ground, closed=True)
    sketch.line(ellipse((x, y), (0.15, 0.15)), 0.034, palette.mark, closed=True)


def draw_look(side: Side) -> Draw:
    """How it is shown that the eyes go to the lens, which is on a side of the screen."""
    places = {"top": (0.5, 0.1), "bottom": (0.5, 0.92), "left": (0.1, 0.5), "right": (0.9, 0.5)}
    x, y = places[side]

    def draw(sketch: Sketch, part: float, palette: Palette) -> None:
        draw_lens(sketch, x, y, 0.085, palette)
        for way in (-1, 1):
            if side in ("top", "bottom"):
                end = y + (0.0 if side == "top" else -0.02)
                line = curve(
                    (0.5 + way * 0.36, 0.5), (0.5 + way * 0.37, end), (0.5 + way * 0.15, end)
                )
            else:
                middle = 0.5 + way * 0.4
                line = curve((0.5, middle), (x, middle), (x, 0.5 + way * 0.15))
            draw_arrow(sketch, line, palette.mark, palette.ground, 0.036)

    return draw


def draw_lens(sketch: Sketch, x: float, y: float, radius: float, palette: Palette) -> None:
    """Draw the camera's lens."""
    sketch.disc(x, y, radius * 1.3, palette.ground)
    sketch.disc(x, y, radius * 1.12, palette.ink)
    sketch.disc(x, y, radius * 0.86, mix(palette.ink, WHITE, 0.35))
    sketch.disc(x, y, radius * 0.62, palette.ink)
    sketch.disc(x + radius * 0.22, y - radius * 0.24, radius * 0.17, WHITE)


def draw_camera_again(sketch: Sketch, part: float, palette: Palette) -> None:
    """Draw that the camera looks once more."""
    draw_lens(sketch, 0.5, 0.8, 0.1, palette)
    turn = 30 * part
    for half in (0, 180):
        arc = ellipse((0.5, 0.8), (0.2, 0.17), half + 205 + turn, half + 350 + turn)
        draw_arrow(sketch, arc, palette.mark, palette.ground, 0.03)


def draw_eye_arrows(sketch: Sketch, part: float, palette: Palette) -> None:
    """Draw that the lids go up."""
    for side in (-1, 1):
        x = 0.5 + side * 0.385
        draw_arrow(sketch, curve((x, 0.56), (x, 0.34)), palette.mark, palette.ground, 0.04)


def draw_lip_arrows(sketch: Sketch, part: float, palette: Palette) -> None:
    """Draw that the lips come together."""
    for side in (-1, 1):
        x = 0.5 + side * 0.33
        for start, end in ((0.55, 0.68), (0.87, 0.74)):
            draw_arrow(sketch, curve((x, start), (x, end)), palette.mark, palette.ground, 0.036)


def draw_smile_mark(sketch: Sketch, part: float, palette: Palette) -> None:
    """Draw that the corners of the mouth come down."""
    for side in (-1, 1):
        x = 0.5 + side * 0.33
        draw_arrow(
            sketch,
            curve((x, 0.56), (x + side * 0.02, 0.66), (x - side * 0.03, 0.77)),
            palette.mark,
            palette.ground,
            0.038,
        )


def draw_tissue(sketch: Sketch, part: float, palette: Palette) -> None:
    """Draw a tissue that wipes over the forehead."""
    x, y = 0.3 + 0.42 * part, 0.33 + 0.1 * np.sin(part * np.pi)
    tissue = np.array(
        ((-0.13, -0.09), (0.02, -0.12), (0.13, -0.06), (0.11, 0.1), (-0.02, 0.08), (-0.12, 0.11))
    )
    sketch.shape(shift(tissue, x, y), WHITE, palette.ink)
    sketch.line(shift(((-0.06, -0.05), (0.0, 0.02), (-0.03, 0.06)), x, y), 0.01, palette.ink)


def draw_exchange(sketch: Sketch, part: float, palette: Palette) -> None:
    """Draw that one thing takes the place of another, below."""
    for half in (0, 180):
        arc = ellipse((0.5, 0.84), (0.13, 0.1), half + 200, half + 350)
        draw_arrow(sketch, arc, palette.mark, palette.ground, 0.032)


def draw_tick(sketch: Sketch, x: float, y: float, radius: float, palette: Palette) -> None:
    """Draw a tick on a disc: so it is right."""
    sketch.disc(x, y, radius * 1.18, palette.ground)
    sketch.disc(x, y, radius, palette.good)
    tick = shift(np.array(((-0.45, 0.05), (-0.1, 0.4), (0.5, -0.35))) * radius, x, y)
    sketch.line(tick, radius * 0.26, palette.ground)


def rounded(left: float, top: float, right: float, foot: float, radius: float = 0.05) -> Points:
    """A rectangle with round corners."""
    corners = (
        (left + radius, top + radius, 180),
        (right - radius, top + radius, 270),
        (right - radius, foot - radius, 0),
        (left + radius, foot - radius, 90),
    )
    return np.concatenate(
        [ellipse((x, y), (radius, radius), turn, turn + 90) for x, y, turn in corners]
    )

"""The drawn person of the guide: head and shoulders in any pose, as a mirror would show them."""

import numpy as np
from numpy.typing import ArrayLike

from kiosk.display.drawn_head import DrawnHead
from kiosk.display.pose import EDGE, HEAD_AT, WHITE, Palette, Pose, mix
from kiosk.display.sketch import Points, Sketch, curve, flip, shift
from kiosk.display.theme import Colour
from kiosk.display.worn import draw_worn

BACKGROUND_BLUE: Colour = (100, 197, 255)
"""Of the photo: what a top must not have."""

NECK = np.array(((0.42, 0.55), (0.58, 0.55), (0.58, 0.86), (0.42, 0.86)))
SHOULDER = curve((0.05, 2.2), (0.05, 1.4), (0.02, 0.9), (0.14, 0.815), (0.4, 0.755))
SLOPE = np.linspace(1, 0.2, len(SHOULDER))[:, None]
"""How much of a shoulder's lift its outline takes part in, from the arm to the neck."""
NECKLINE = curve((0.4, 0.755), (0.45, 0.85), (0.55, 0.85), (0.6, 0.755))
COLLAR = np.array(((0.4, 0.74), (0.5, 0.86), (0.435, 0.915), (0.355, 0.785)))
STRIPES = (0.215, 0.155, 0.12, 0.105)
"""How far from the sides the top's stripes begin."""


def draw_figure(sketch: Sketch, pose: Pose, palette: Palette) -> None:
    """Draw the person."""
    _draw_torso(sketch, pose, palette)
    head = DrawnHead(sketch, pose, palette)
    head.draw()
    draw_worn(head)


def _draw_torso(sketch: Sketch, pose: Pose, palette: Palette) -> None:
    def place(points: ArrayLike) -> Points:
        moved = (np.asarray(points, float) - HEAD_AT) * pose.size + HEAD_AT
        return shift(moved, pose.x, pose.y)

    edge = EDGE * pose.size
    sketch.shape(place(NECK), palette.shade, palette.ink, edge)
    left, right = (np.array((0.0, lift)) for lift in (pose.left, pose.right))
    outline = np.concatenate(
        (
            SHOULDER - left * SLOPE,
            NECKLINE,
            flip(SHOULDER)[::-1] - right * SLOPE[::-1],
        )
    )
    colour = mix(palette.top, BACKGROUND_BLUE, pose.blue_top)
    colour = mix(colour, palette.other_top, pose.other_top)
    sketch.fill(place(outline), colour)
    if pose.stripes > 0:
        for number, inset in enumerate(STRIPES):
            y = 0.865 + 0.058 * number
            stripe = np.array(((inset, y), (0.5, y + 0.012), (1 - inset, y)))
            stripe[0] -= left
            stripe[2] -= right
            sketch.line(place(stripe), 0.026 * pose.size, mix(colour, WHITE, pose.stripes))
    sketch.line(place(outline), edge, palette.ink)
    for collar in (COLLAR, flip(COLLAR)):
        sketch.shape(place(collar), mix(colour, WHITE, 0.45), palette.ink, edge)

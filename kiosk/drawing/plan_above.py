"""The booth from above, to scale."""

import math

from kiosk.building.arrangement import (
    BACKDROP,
    KEY_LAMP,
    KEY_LAMP_ANGLE,
    KEYS,
    LEDGE,
    READER,
    WITH_LEDGE,
)
from kiosk.building.lens import HQ_10
from kiosk.drawing.plan_shapes import (
    AMBER,
    BLUE,
    BODY,
    DARK,
    GREEN,
    PALE,
    RED,
    SEEN,
    SEEN_EDGE,
    SKIN,
    STEEL,
    View,
    draw_balloon,
    draw_box,
)
from kiosk.drawing.svg import FAINT, Drawing


def draw_above(drawing: Drawing, view: View, screen: tuple[float, float]) -> None:
    """The booth with who sits; `screen` is its width and height."""
    at, lens = view.at, WITH_LEDGE.lens
    drawing.path([at(BACKDROP, -1), at(BACKDROP, 1)], ink=BLUE, thick=6)
    half = HQ_10.field(lens - BACKDROP)[0] / 2
    drawing.path([at(lens, 0), at(BACKDROP, half), at(BACKDROP, -half)], ink=SEEN_EDGE,
                 fill=SEEN, thick=1, closed=True)  # fmt: skip
    draw_box(drawing, view, -0.68, -0.5, -0.58, 0.5, fill=AMBER)
    floor = [(-0.55, -0.45), (0.85, -0.45), (0.85, 0.45), (-0.55, 0.45)]
    drawing.path([at(*corner) for corner in floor], ink=FAINT, dashes="7 5", closed=True)
    x, y = at(-0.08, 0)
    drawing.circle(x, y, 0.17 * view.scale, ink=DARK, fill="#eef0f3")
    shoulders = [
        at(-0.1 + 0.10 * math.cos(turn * math.pi / 16), 0.22 * math.sin(turn * math.pi / 16))
        for turn in range(32)
    ]
    drawing.path(shoulders, ink=BODY, fill=BODY, closed=True)
    drawing.circle(x, y, 0.095 * view.scale, ink=DARK, fill=SKIN)
    wide = LEDGE.width / 2
    draw_box(drawing, view, LEDGE.front, -wide, LEDGE.back, wide, fill=STEEL)
    draw_box(drawing, view, LEDGE.back, -0.04, LEDGE.post + 0.08, 0.04, fill=STEEL)
    for key in range(4):
        across = 0.135 - 0.09 * key
        draw_box(drawing, view, KEYS[0] - 0.025, across - 0.025, KEYS[0] + 0.025, across + 0.025,
             fill=GREEN)  # fmt: skip
    draw_box(drawing, view, READER[0] - 0.05, -0.05, READER[0] + 0.05, 0.05, fill=RED)
    draw_box(drawing, view, lens + 0.06, -0.12, lens + 0.14, 0.12, fill=PALE)
    draw_box(drawing, view, lens, -screen[0] / 2, lens + 0.05, screen[0] / 2, fill=DARK)
    for side in (-1, 1):
        _draw_key_lamp(drawing, view, side)
    for number, thing, place in (
        (1, (BACKDROP, -0.8), (-0.84, -0.8)), (2, (-0.6, 0.42), (-0.46, 0.62)),
        (4, (KEYS[0], 0.14), (0.34, 0.36)), (5, (0.58, -0.18), (0.70, -0.30)),
        (7, (lens, -0.08), (lens - 0.16, -0.22)), (10, (-0.3, -0.45), (-0.3, -0.6)),
        (3, (-0.2, -0.1), (-0.34, -0.3)),
        (9, (1.02, 1.1), (0.8, 1.12)),
    ):  # fmt: skip
        drawing.path([at(*thing), at(*place)], ink=FAINT, thick=1)
        draw_balloon(drawing, *at(*place), number)
    x, y = at(0.44, 0.62)
    drawing.label(x, y, "45°", size=13)
    drawing.dimension(at(BACKDROP - 0.12, -1), at(BACKDROP - 0.12, 1), "2.00", above=False)


def _draw_key_lamp(drawing: Drawing, view: View, side: int) -> None:
    turn = math.radians(KEY_LAMP_ANGLE)
    centre = (KEY_LAMP * math.cos(turn), side * KEY_LAMP * math.sin(turn))
    drawing.path([view.at(0, 0), view.at(*centre)], ink="#b45f06", thick=1, dashes="6 4")
    across = (-math.sin(turn), side * math.cos(turn))
    away = (math.cos(turn), side * math.sin(turn))
    corners = [
        (
            centre[0] + half * across[0] + deep * away[0],
            centre[1] + half * across[1] + deep * away[1],
        )
        for half, deep in ((-0.2, 0), (0.2, 0), (0.2, 0.05), (-0.2, 0.05))
    ]
    drawing.path([view.at(*corner) for corner in corners], ink=DARK, fill=AMBER, closed=True)
    if side < 0:
        x, y = view.at(centre[0] / 2 + 0.05, centre[1] / 2)
        drawing.label(x + 8, y - 4, f"{KEY_LAMP:.2f}", size=12)

"""Small scenes of gestures that are more than one person's head: others, a stool, the staff."""

from dataclasses import replace
from typing import Literal

import numpy as np

from kiosk.display.figure import draw_figure
from kiosk.display.pose import EDGE, WHITE, Palette, Pose, mix
from kiosk.display.props import Draw, draw_tick, rounded
from kiosk.display.sketch import Sketch, curve, draw_arrow, ellipse, flip, shift


def draw_leaving_person(sketch: Sketch, part: float, palette: Palette) -> None:
    """Draw a second person, who goes out to the right."""
    pale = palette._replace(
        top=mix(palette.ground, palette.line, 0.35), hair=mix(palette.hair, palette.ground, 0.25)
    )
    draw_figure(sketch, Pose(x=0.27 + 0.55 * part, y=0.02, size=0.72), pale)


def draw_leaving_things(sketch: Sketch, part: float, palette: Palette) -> None:
    """Draw what stands behind somebody and goes: a person on the right, a plant on the left."""
    pale = palette._replace(
        top=mix(palette.ground, palette.line, 0.35),
        skin=mix(palette.skin, palette.ground, 0.3),
        hair=mix(palette.hair, palette.ground, 0.3),
    )
    draw_figure(sketch, Pose(x=0.3 + 0.45 * part, y=-0.04, size=0.45), pale)
    x = 0.14 - 0.4 * part
    leaf = mix(palette.good, palette.ground, 0.3)
    for lean in (-0.09, 0.0, 0.09):
        sketch.fill(
            np.concatenate(
                (
                    curve((x, 0.5), (x + lean - 0.06, 0.32), (x + lean * 1.3, 0.16)),
                    curve((x + lean * 1.3, 0.16), (x + lean + 0.06, 0.32), (x, 0.5)),
                )
            ),
            leaf,
        )
    pot = ((x - 0.09, 0.48), (x + 0.09, 0.48), (x + 0.065, 0.66), (x - 0.065, 0.66))
    sketch.shape(pot, mix(palette.ground, palette.line, 0.45), palette.ink)


def draw_swaying(sketch: Sketch, part: float, palette: Palette) -> None:
    """Draw somebody who sways less and less."""
    sway = float(np.cos(part * 5 * np.pi)) * (1 - part)
    for ghost in (-1, 1):
        if part < 0.85:
            ghosted = Palette(palette.ground, *(mix(c, palette.ground, 0.72) for c in palette[1:]))
            draw_figure(
                sketch, Pose(x=ghost * 0.1 * (1 - part), tilt=ghost * 7 * (1 - part)), ghosted
            )
    draw_figure(sketch, Pose(x=0.1 * sway, tilt=7 * sway), palette)
    for side in (-1, 1):
        for number in range(2):
            reach = 0.36 + 0.08 * number
            arc = ellipse((0.5, 0.42), (reach, 0.34), -28, 28)
            arc = flip(arc) if side < 0 else arc
            sketch.line(arc, 0.022, mix(palette.mark, palette.ground, part))


def draw_sitting(sketch: Sketch, part: float, palette: Palette) -> None:
    """Draw somebody who sits down on a stool before the booth, from the side."""
    grey = mix(palette.ground, palette.line, 0.55)
    # The booth: a screen on a post, and the stool.
    sketch.line(((0.86, 0.3), (0.86, 0.93)), 0.035, grey)
    sketch.shape(rounded(0.81, 0.16, 0.89, 0.5, 0.02), palette.mark, palette.ink)
    sketch.line(((0.16, 0.66), (0.42, 0.66)), 0.05, palette.line)
    for top, end in ((0.2, 0.15), (0.38, 0.43)):
        sketch.line(((top, 0.68), (end, 0.92)), 0.03, palette.line)
    sketch.line(((0.04, 0.945), (0.96, 0.945)), 0.014, grey)

    def way(*points: tuple[float, float]) -> tuple[float, float]:
        (x0, y0), (x1, y1) = points
        return x0 + (x1 - x0) * part, y0 + (y1 - y0) * part

    hip = way((0.47, 0.57), (0.31, 0.6))
    knee = way((0.51, 0.74), (0.53, 0.63))
    foot, toe = (0.5, 0.915), (0.575, 0.915)
    neck = way((0.46, 0.3), (0.32, 0.33))
    hand = way((0.54, 0.52), (0.47, 0.58))
    elbow = way((0.45, 0.44), (0.33, 0.48))
    head = way((0.475, 0.16), (0.335, 0.19))
    trousers = mix(palette.top, palette.ink, 0.5)
    for colour, grown in ((palette.ink, 0.022), (None, 0.0)):
        sketch.line((hip, knee, foot, toe), 0.085 + grown, colour or trousers)
        sketch.line((neck, hip), 0.12 + grown, colour or palette.top)
        sketch.disc(*head, 0.1 + grown / 2, colour or palette.skin)
    sketch.line((neck, elbow, hand), 0.07, palette.ink)
    sketch.line((neck, elbow, hand), 0.048, mix(palette.top, WHITE, 0.2))
    cap = ellipse(head, (0.1, 0.1), 150, 320)
    sketch.fill(cap, palette.hair)
    nose = shift(((0.095, 0.0), (0.12, 0.035), (0.095, 0.04)), *head)
    sketch.fill(nose, palette.ink)
    sketch.disc(head[0] + 0.05, head[1] - 0.005, 0.013, palette.ink)
    if part < 0.98:
        draw_arrow(
            sketch, curve((0.2, 0.26), (0.12, 0.4), (0.16, 0.56)), palette.mark, palette.ground
        )
    else:
        draw_tick(sketch, 0.15, 0.42, 0.09, palette)


def draw_asking(
    what: Literal["dark", "bright", "uneven", "colours"],
) -> Draw:
    """How it is shown that the staff are to be asked, and about what."""

    def draw(sketch: Sketch, part: float, palette: Palette) -> None:
        person = Pose(x=-0.22, size=0.62, y=0.14)
        shown = palette
        if what == "dark":
            shown = Palette(palette.ground, *(mix(c, palette.ink, 0.62) for c in palette[1:]))
        elif what == "bright":
            shown = Palette(palette.ground, *(mix(c, WHITE, 0.68) for c in palette[1:]))
        elif what == "uneven":
            person = replace(person, shadow=1.0)
        else:
            shown = palette._replace(
                skin=(120, 190, 150), shade=(90, 160, 120), hair=(120, 40, 110)
            )
        draw_figure(sketch, person, shown)
        helper = Pose(x=0.26, size=0.62, y=0.14, other_top=1.0, turn=-18 * part)
        draw_figure(sketch, helper, palette)
        badge = rounded(0.79, 0.66 + 0.14, 0.87, 0.9, 0.01)
        sketch.shape(badge, WHITE, palette.ink)
        bubble = rounded(0.4, 0.06, 0.62, 0.26, 0.04)
        sketch.shape(bubble, WHITE, palette.ink)
        sketch.fill(((0.42, 0.22), (0.38, 0.33), (0.5, 0.25)), WHITE)
        sketch.line(((0.43, 0.26), (0.38, 0.33), (0.5, 0.26)), EDGE, palette.ink)
        for number in range(3):
            lit = part * 3 >= number
            sketch.disc(
                0.455 + 0.055 * number,
                0.16,
                0.018,
                palette.mark if lit else mix(palette.mark, WHITE, 0.6),
            )

    return draw

"""The guide's chips: the five groups of rules by name, and how each stands, by sign and word."""

from collections.abc import Mapping

from kiosk.display.canvas import Box, Canvas
from kiosk.display.fonts import Weight
from kiosk.display.monitor import TEXT_ARC
from kiosk.display.theme import Colour
from kiosk.display.typesetting import LEADING, Setting, measure_phrase
from kiosk.pipeline.judge.groups import GROUPS, GroupState
from kiosk.pipeline.judge.rules import Group, find_rule
from kiosk.visit import Stage, Visit

SIGN = 1.6
"""A sign's diameter, in units."""

GAP = 0.5
"""Between sign and word, in units."""

PADDING = 0.3

ROW = 2.0
"""A chip's least height, in units."""


class Chips:
    """All five, above each other."""

    grows = 0.0

    def __init__(self, visit: Visit) -> None:
        self._states = find_states(visit)
        told = visit.instruction
        self._told = None if told is None else find_rule(told.rule).group

    def measure(self, canvas: Canvas, width: float) -> float:
        """Five rows."""
        return len(GROUPS) * self._row(canvas)

    def draw(self, canvas: Canvas, box: Box, paper: Colour) -> None:
        """Draw them evenly over the box's height."""
        height = box.height / len(GROUPS)
        for number, group in enumerate(GROUPS):
            row = Box(box.x, box.y + number * height, box.width, height)
            self._draw_chip(canvas, row, group)

    def _row(self, canvas: Canvas) -> float:
        words = (canvas.texts(f"chip.{group}")[0] for group in GROUPS)
        em = max(canvas.em(word, TEXT_ARC, "bold") for word in words)
        return max(ROW * canvas.unit, em * LEADING)

    def _draw_chip(self, canvas: Canvas, row: Box, group: Group) -> None:
        theme, unit = canvas.theme, canvas.unit
        told = group == self._told
        ground = theme.paper
        if told:
            ground = theme.tint
            canvas.panel(row.inset(0.06 * unit), ground, border=theme.accent, radius=0.5 * unit)
        x = row.x + (PADDING + SIGN / 2) * unit
        draw_sign(canvas, self._states[group], x, row.centre[1], SIGN * unit / 2, ground)
        name = f"chip.{group}"
        canvas.phrases.append(name)
        word = canvas.texts(name)[0]
        weight: Weight = "bold" if told else "regular"
        left = x + (SIGN / 2 + GAP) * unit
        canvas.line(
            word, Box(left, row.y, row.right - left, row.height), canvas.em(word, TEXT_ARC, "bold"),
            ink=theme.ink, paper=ground, weight=weight, align="left",
        )  # fmt: skip


def find_states(visit: Visit) -> Mapping[Group, GroupState]:
    """How each group stands; at the shutter all hold, or it would not have come to it."""
    if visit.stage is Stage.SHUTTER:
        return dict.fromkeys(GROUPS, "holds")
    return visit.groups


def draw_sign(
    canvas: Canvas, state: GroupState, x: float, y: float, radius: float, paper: Colour
) -> None:
    """Draw a tick, a mark of exclamation, or a ring that waits: no colour is needed to tell."""
    theme = canvas.theme
    if state == "holds":
        canvas.badge("check", x, y, radius, theme.good)
    elif state == "broken":
        # A pointed one, so that its outline is another too.
        canvas.icon("mend", x, y, 2.1 * radius, theme.alert, paper)
    else:
        canvas.ring(x, y, 0.8 * radius, 1.0, theme.quiet, 0.18 * radius)


def chips_width(canvas: Canvas) -> float:
    """How wide all chips' words need them to be, in pixels."""
    canvas.setting = Setting(1.0)
    words = (canvas.texts(f"chip.{group}")[0] for group in GROUPS)
    widest = max(measure_phrase(word, canvas.em(word, TEXT_ARC, "bold"), "bold") for word in words)
    return widest + (2 * PADDING + SIGN + GAP) * canvas.unit + 2

"""The drawn gestures on the screen: a moving one in its frame, and one as it begins and ends."""

from functools import lru_cache

import pygame

from kiosk.display.canvas import Box, Canvas
from kiosk.display.gestures import STEPS, draw_gesture, motion_step
from kiosk.display.pose import Palette
from kiosk.display.theme import HIGH_CONTRAST, Theme

PADDING = 0.25
"""Between a drawing and its frame, in units."""


def draw_motion(canvas: Canvas, gesture: str, box: Box, since: float) -> None:
    """Draw a gesture's motion, so many seconds after it began, as large as a box lets it be."""
    _draw_framed(canvas, gesture, motion_step(since), box)


def draw_done(canvas: Canvas, gesture: str, box: Box) -> None:
    """Draw how it ends, ticked."""
    frame = _draw_framed(canvas, gesture, STEPS, box)
    _tick(canvas, frame, 0.2)


def draw_before_and_after(canvas: Canvas, gesture: str, box: Box, since: float) -> None:
    """Draw how a gesture begins, and beside it the motion to how it ends."""
    theme, unit = canvas.theme, canvas.unit
    canvas.panel(box, theme.card, border=theme.accent, line=0.12 * unit)
    inner = box.inset(0.35 * unit)
    gap = 1.5 * unit
    side = min((inner.width - gap) / 2, inner.height)
    top = inner.centre[1] - side / 2
    left = Box(inner.centre[0] - gap / 2 - side, top, side, side)
    right = left._replace(x=inner.centre[0] + gap / 2)
    _draw_framed(canvas, gesture, 0, left)
    step = motion_step(since)
    frame = _draw_framed(canvas, gesture, step, right)
    canvas.icon("onward", *inner.centre, 1.3 * unit, theme.accent, theme.card)
    canvas.badge("cross", left.x + 0.9 * unit, left.y + 0.9 * unit, 0.65 * unit, theme.alert)
    if step == STEPS:
        _tick(canvas, frame, 0.16)


def _tick(canvas: Canvas, frame: Box, part: float) -> None:
    radius = part * frame.width
    x, y = frame.right - 1.15 * radius, frame.bottom - 1.15 * radius
    canvas.disc(x, y, 1.15 * radius, canvas.theme.tint)
    canvas.badge("check", x, y, radius, canvas.theme.good)


def _draw_framed(canvas: Canvas, gesture: str, step: int, box: Box) -> Box:
    """Draw one step on a ground of its own, square, in a box's middle; where that is."""
    side = min(box.width, box.height)
    x, y = box.centre
    frame = Box(x - side / 2, y - side / 2, side, side)
    canvas.panel(frame, canvas.theme.tint)
    inner = frame.inset(PADDING * canvas.unit)
    drawn = _gesture(gesture, step, inner.rect.width, canvas.theme)
    canvas.paste(drawn, inner)
    return frame


@lru_cache(maxsize=64)
def _gesture(gesture: str, step: int, side: int, theme: Theme) -> pygame.Surface:
    pixels = draw_gesture(gesture, step, side, palette_of(theme)).pixels
    return pygame.image.frombytes(pixels.tobytes(), (side, side), "RGB")


def palette_of(theme: Theme) -> Palette:
    """The colours in which a person is drawn. On black, ink is told from the ground by a paler
    hair and top."""
    dark = theme is HIGH_CONTRAST
    return Palette(
        ground=theme.tint,
        ink=(20, 32, 44),
        line=theme.quiet,
        skin=(255, 226, 204),
        shade=(236, 196, 170),
        hair=(140, 116, 104) if dark else (52, 44, 44),
        top=(150, 164, 178) if dark else (92, 108, 124),
        other_top=(64, 148, 104) if dark else (52, 96, 72),
        mark=theme.accent,
        good=theme.good,
    )

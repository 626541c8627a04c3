"""Every screen as it is laid out, without its pixels: what is written where, and what is tapped."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import cast

import numpy as np
import pygame
import pytest

from kiosk.display import canvas, drawings, guide
from kiosk.display.canvas import Canvas
from kiosk.display.fonts import Weight
from kiosk.display.gallery import SERVED, screen_states
from kiosk.display.monitor import Monitor, usual_distance
from kiosk.display.screens import draw_on, open_canvas
from kiosk.display.state import ScreenState
from kiosk.display.text import load_font
from kiosk.visit import View

PREVIEW = np.full((64, 48, 3), 120, np.uint8)

STATES = dict(screen_states(PREVIEW))

MONITORS = {size: Monitor(size, inches, usual_distance(inches)) for size, inches in SERVED.items()}

ELSEWHERE = ("guide", "shutter")
"""What tests/display/test_guide.py lays out in every size."""


class NoSurface:
    """A surface that takes everything and keeps nothing."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size

    def get_size(self) -> tuple[int, int]:
        return self._size

    def get_width(self) -> int:
        return self._size[0]

    def get_rect(self, left: int, top: int) -> pygame.Rect:
        return pygame.Rect(left, top, *self._size)

    def blit(self, *_: object) -> None:
        pass

    def fill(self, *_: object) -> None:
        pass


@contextmanager
def unpainted() -> Iterator[None]:
    """Lay out, and paint nothing: pixels take most of the time."""

    @lru_cache(4096)
    def draw_line(line: str, em: int, weight: Weight, _: object, height: int) -> NoSurface:
        return NoSurface((round(load_font(weight).width(line, em)) + 1, height))

    with pytest.MonkeyPatch.context() as patch:
        for name in ("draw_line", "draw_phrase_line"):
            patch.setattr(canvas, name, draw_line)
        for name in ("draw_icon", "draw_panel", "draw_ring"):
            patch.setattr(canvas, name, lambda *_: None)
        for name in ("picture", "paste", "dim"):
            patch.setattr(Canvas, name, lambda *_, **__: None)
        patch.setattr(guide, "draw_mirror", lambda *_, **__: None)
        patch.setattr(drawings, "_gesture", lambda *_: None)
        patch.setattr("kiosk.display.sketch.Sketch.fill", lambda *_: None)
        patch.setattr("kiosk.display.sketch.Sketch.line", lambda *_, **__: None)
        yield


def lay_out(state: ScreenState) -> Canvas:
    """A state's canvas, once all is on it; within `unpainted`."""
    surface = cast(pygame.Surface, NoSurface(state.monitor.pixels))
    page = open_canvas(surface, state)
    draw_on(page, state)
    return page


def lay_out_all(size: tuple[int, int], view: View) -> Mapping[str, Canvas]:
    """Every screen on a monitor, by its name; raises TextOverflow."""
    found = {}
    for name, state in STATES.items():
        if not name.startswith(ELSEWHERE):
            visit = replace(state.visit, view=view)
            found[name] = lay_out(replace(state, visit=visit, monitor=MONITORS[size]))
    return found

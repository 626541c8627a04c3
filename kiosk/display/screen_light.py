"""The screen as a lamp: it can be drawn darker, and one place knows how dark it was when."""

from bisect import bisect_right
from collections import deque

import pygame

from kiosk.display.theme import Colour

LEAST = 0.3
"""The least level. In a room that adds 5 % of the full screen's light to everything, as WCAG 2.2
assumes, what must be read keeps a contrast of 5.4 to 1 of 14 (4.5 is asked for, 1.4.3), and what is
written large in another colour one of 3.2 of 4.9 (3)."""

KEPT = 3.0
"""Seconds that are remembered."""

PANEL = 0.03
"""Seconds from a picture's drawing to its light: an LCD shows it a picture later."""


class ScreenLight:
    """How bright the screen is drawn: by whoever has the lamps, on any thread."""

    def __init__(self) -> None:
        """As bright as it is."""
        self._level = 1.0
        self._drawn: deque[tuple[float, float]] = deque([(float("-inf"), 1.0)])

    @property
    def level(self) -> float:
        """The share of its light that the screen goes to, linear, LEAST to 1."""
        return self._level

    def set(self, level: float) -> None:
        """Go there with the next picture that is drawn."""
        self._level = min(max(level, LEAST), 1.0)

    def note_drawn(self, level: float, at: float) -> None:
        """Take down that a picture was drawn so bright, at monotonic seconds."""
        if level == self._drawn[-1][1]:
            return
        self._drawn.append((at + PANEL, level))
        while len(self._drawn) > 1 and self._drawn[1][0] <= at - KEPT:
            self._drawn.popleft()

    def level_at(self, time: float) -> float:
        """How bright it was when a frame of that `Frame.time` was taken."""
        drawn = tuple(self._drawn)
        return drawn[max(bisect_right(drawn, time, key=lambda one: one[0]) - 1, 0)][1]


GAMMA = 2.2
"""A screen's light is about this power of what is drawn."""


def darken(surface: pygame.Surface, brightness: float) -> None:
    """Leave of a drawn screen this share of its light, linear: letters and ground alike, so that
    the screen's own contrast stays, and only the room's light weighs more."""
    if brightness < 1.0:
        surface.fill(_kept(brightness), special_flags=pygame.BLEND_RGB_MULT)


def _kept(brightness: float) -> Colour:
    kept = round(255 * brightness ** (1 / GAMMA))
    return kept, kept, kept

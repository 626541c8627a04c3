"""The focus: which button the four keys are at, and the ring that shows it."""

from collections.abc import Sequence

import pygame

from kiosk.display.shown import Target
from kiosk.display.theme import Theme
from kiosk.visit import DESTRUCTIVE

LEADING_ON: tuple[str, ...] = (
    *("stay", "go_on", "start", "agree", "yes", "ready", "approve", "close"),
)
"""Buttons that lead on; where a screen has several the first of them."""

LOOKS = ("language", "contrast", "larger")
"""Buttons that only change how screens look."""

RING_MM, LEAST_RING = 1.6, 3
"""The ring's width, and its least in pixels; within it lies another, half as wide, in the paper's
colour, so that it is seen on a filled button too."""


def order_targets(targets: Sequence[Target]) -> tuple[Target, ...]:
    """The targets as the keys go through them: what leads on first, what leads out last.

    Others, and the staff's, stay as they were drawn.
    """
    return tuple(sorted(targets, key=lambda target: _rank(target.button)))


def _rank(button: str) -> int:
    if button in LEADING_ON:
        return LEADING_ON.index(button)
    beyond = len(LEADING_ON)
    return beyond + (2 if button in DESTRUCTIVE else 1 if button in LOOKS else 0)


class Focus:
    """Where the keys are. It is seen from the first key on until somebody touches the screen, and
    always where nobody can."""

    def __init__(self, *, in_reach: bool = True) -> None:
        """`in_reach`: whether the screen can be touched from where students are."""
        self._in_reach = in_reach
        self._seen = not in_reach
        self._place = 0

    def hide(self) -> None:
        """Somebody touches the screen."""
        self._seen = not self._in_reach

    def reset(self) -> None:
        """Another screen is shown: begin with what leads on."""
        self._place = 0

    def move(self, by: int, targets: Sequence[Target]) -> None:
        """Go on or back by so many; the first key only shows where the focus is."""
        if self._seen and targets:
            self._place = (self._place + by) % len(targets)
        self._seen = True

    def find(self, targets: Sequence[Target]) -> Target | None:
        """The button that the focus is at; None while it is not seen, or where there is none."""
        if not self._seen or not targets:
            return None
        return order_targets(targets)[self._place % len(targets)]

    def draw(
        self,
        surface: pygame.Surface,
        targets: Sequence[Target],
        theme: Theme,
        pixels_per_mm: float,
    ) -> None:
        """Lay the ring around the button."""
        target = self.find(targets)
        if target is None:
            return
        wide = max(round(RING_MM * pixels_per_mm), LEAST_RING)
        ring = target.rect.inflate(wide, wide).clamp(surface.get_rect()).clip(surface.get_rect())
        radius = 2 * wide
        pygame.draw.rect(surface, theme.ink, ring, wide, border_radius=radius)
        inner = ring.inflate(-2 * wide, -2 * wide)
        pygame.draw.rect(surface, theme.card, inner, max(wide // 2, 2), border_radius=radius)

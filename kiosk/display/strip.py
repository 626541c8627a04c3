"""A strip of plain buttons beside the booth's screen, for who plays the twin's student."""

from collections.abc import Mapping

import pygame

from kiosk.display import theme
from kiosk.display.canvas import drawn_line
from kiosk.words.phrase import Words

WIDTH = 340
"""Pixels."""

COLUMNS = 2
GAP = 8
TALLEST = 64


class Strip:
    """Buttons in two columns, in the order given; keeps what was pressed until it is taken."""

    def __init__(self, title: Words, buttons: Mapping[str, Words]) -> None:
        """`buttons` maps what a button stands for to what is written on it."""
        self._title, self._buttons = title, dict(buttons)
        self._places: dict[str, pygame.Rect] = {}
        self._pressed: list[str] = []

    def draw(self, surface: pygame.Surface, area: pygame.Rect) -> None:
        """Draw the strip into an area of the window."""
        surface.fill(theme.TINT, area)
        _write(surface, self._title.zh, 20, area.move(0, 10), bold=True)
        _write(surface, self._title.en, 13, area.move(0, 38))
        rows = -(-len(self._buttons) // COLUMNS)
        height = min((area.height - 80) // rows - GAP, TALLEST)
        width = (area.width - GAP) // COLUMNS - GAP
        for number, (name, label) in enumerate(self._buttons.items()):
            row, column = divmod(number, COLUMNS)
            place = pygame.Rect(
                area.x + GAP + column * (width + GAP), area.y + 72 + row * (height + GAP),
                width, height,
            )  # fmt: skip
            self._places[name] = place
            pygame.draw.rect(surface, theme.CARD, place, border_radius=10)
            pygame.draw.rect(surface, theme.LINE, place, width=1, border_radius=10)
            _write(surface, label.zh, height * 0.36, place.move(0, round(height * 0.06)), bold=True)
            _write(surface, label.en, height * 0.24, place.move(0, round(height * 0.60)))

    def press(self, where: tuple[float, float]) -> bool:
        """Tell whether a button lies at a point of the window; if so it counts as pressed."""
        name = next((n for n, place in self._places.items() if place.collidepoint(where)), None)
        if name is not None:
            self._pressed.append(name)
        return name is not None

    def taken(self) -> list[str]:
        """Give what was pressed since the last call, in order."""
        pressed, self._pressed = self._pressed, []
        return pressed


def _write(
    surface: pygame.Surface, text: str, size: float, place: pygame.Rect, *, bold: bool = False
) -> None:
    """Write one line at the top of a place, in its middle."""
    colour = theme.INK if bold else theme.QUIET
    line = drawn_line(text, round(size), "bold" if bold else "regular", colour, round(size * 1.3))
    surface.blit(line, (place.centerx - line.get_width() // 2, place.y))

"""A strip of plain buttons beside the booth's screen, to play the simulated student with."""

from collections.abc import Mapping

import pygame

from kiosk.display import theme
from kiosk.display.fonts import Weight
from kiosk.display.shapes import draw_phrase_line
from kiosk.display.text import load_font
from kiosk.words import USUAL_LANGUAGES, Languages, phrase

STRIP_WIDTH = 340
"""Pixels."""

COLUMNS = 2
GAP = 8
TALLEST_BUTTON = 64


class Strip:
    """Buttons in two columns, in the order given; keeps what was pressed until it is asked for."""

    def __init__(self, title: str, buttons: Mapping[str, str]) -> None:
        """`title` is a phrase's name; `buttons` maps what a button stands for to another's."""
        self._title, self._buttons = title, dict(buttons)
        self._places: dict[str, pygame.Rect] = {}
        self._pressed: list[str] = []

    def draw(
        self, surface: pygame.Surface, area: pygame.Rect, languages: Languages = USUAL_LANGUAGES
    ) -> None:
        """Draw the strip into an area of the window."""
        surface.fill(theme.USUAL.tint, area)
        large, small = phrase(self._title).in_both(languages)
        _write(surface, large, 20, area.move(0, 10), bold=True)
        _write(surface, small, 13, area.move(0, 38))
        rows = -(-len(self._buttons) // COLUMNS)
        height = min((area.height - 80) // rows - GAP, TALLEST_BUTTON)
        width = (area.width - GAP) // COLUMNS - GAP
        for number, (name, label) in enumerate(self._buttons.items()):
            row, column = divmod(number, COLUMNS)
            place = pygame.Rect(
                area.x + GAP + column * (width + GAP), area.y + 72 + row * (height + GAP),
                width, height,
            )  # fmt: skip
            self._places[name] = place
            pygame.draw.rect(surface, theme.USUAL.card, place, border_radius=10)
            pygame.draw.rect(surface, theme.USUAL.line, place, width=1, border_radius=10)
            large, small = phrase(label).in_both(languages)
            _write(surface, large, height * 0.36, place.move(0, round(height * 0.06)), bold=True)
            _write(surface, small, height * 0.24, place.move(0, round(height * 0.60)))

    def press(self, where: tuple[float, float]) -> bool:
        """Press the button at a point of the window; whether there is one."""
        name = next((n for n, place in self._places.items() if place.collidepoint(where)), None)
        if name is not None:
            self._pressed.append(name)
        return name is not None

    def pop_pressed(self) -> list[str]:
        """What was pressed since the last call, in order."""
        pressed, self._pressed = self._pressed, []
        return pressed


def _write(
    surface: pygame.Surface, text: str, size: float, place: pygame.Rect, *, bold: bool = False
) -> None:
    """Write one line at the top of a place, in its middle; shrunk where it is too wide."""
    weight: Weight = "bold" if bold else "regular"
    colour = theme.USUAL.ink if bold else theme.USUAL.quiet
    size *= min(0.98 * place.width / load_font(weight).width(text, round(size)), 1)
    line = draw_phrase_line(text, round(size), weight, colour, round(size * 1.3))
    surface.blit(line, (place.centerx - line.get_width() // 2, place.y))

"""The canvas: a surface of real pixels on a monitor of known size, and what can be put on it."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import cv2
import numpy as np
import pygame

from kiosk.camera.frame import Picture
from kiosk.display.fonts import Weight
from kiosk.display.monitor import TEXT_ARC, Monitor
from kiosk.display.shapes import (
    crop_and_scale,
    draw_icon,
    draw_line,
    draw_panel,
    draw_phrase_line,
    draw_ring,
)
from kiosk.display.shown import Shown, StaffKey, Target
from kiosk.display.text import load_font
from kiosk.display.theme import USUAL, Colour, Theme
from kiosk.display.typesetting import LEADING, Setting, find_em
from kiosk.visit import Button
from kiosk.words import USUAL_LANGUAGES, Languages, has_phrase, phrase

Align = Literal["left", "centre", "right"]


class Box(NamedTuple):
    """A rectangle in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    def inset(self, by: float) -> "Box":
        """The same, smaller by so much at each side."""
        return Box(self.x + by, self.y + by, self.width - 2 * by, self.height - 2 * by)

    @property
    def rect(self) -> pygame.Rect:
        """Its whole pixels; neighbours meet without a gap."""
        left, top = round(self.x), round(self.y)
        return pygame.Rect(left, top, round(self.right) - left, round(self.bottom) - top)


@dataclass(frozen=True, slots=True)
class Written:
    """One line of text as it was written."""

    text: str
    rect: pygame.Rect
    """What it may cover."""
    letters: float
    """How high its letters are, in pixels."""
    arc: float
    """How high they must be at least, in minutes of arc."""
    ink: Colour
    paper: Colour


class Canvas:
    """A surface to draw on, in pixels; gathers what is shown."""

    def __init__(
        self,
        surface: pygame.Surface,
        monitor: Monitor,
        languages: Languages = USUAL_LANGUAGES,
        theme: Theme = USUAL,
        *,
        larger: bool = False,
    ) -> None:
        """`languages`: the one chosen first."""
        self._surface = surface
        self.width, self.height = surface.get_size()
        self.monitor = replace(monitor, pixels=(self.width, self.height))
        self.languages = languages
        self.theme = theme
        self.larger = larger
        self.setting = Setting(1.0)
        """How texts are set now: `layout.compose` chooses it."""
        self._arcs: dict[float, float] = {}
        self.heights: dict[Hashable, float] = {}
        """How high the layout's elements are, as far as they were measured."""
        self.unit = self.monitor.from_arc(TEXT_ARC)
        """The height of the smallest letters: distances are given in it."""
        self.targets: list[Target] = []
        self.written: list[Written] = []
        self.phrases: list[str] = []
        self.spoken: list[str] = []
        self.press_zone: pygame.Rect | None = None

    @property
    def shown(self) -> Shown:
        """What was drawn."""
        spoken = tuple(dict.fromkeys(self.spoken))
        return Shown(tuple(self.targets), frozenset(self.phrases), spoken, self.press_zone)

    @property
    def whole(self) -> Box:
        """All of it."""
        return Box(0, 0, self.width, self.height)

    def mm(self, length: float) -> float:
        """Pixels that are so many millimetres long."""
        return self.monitor.from_mm(length)

    def clear(self, colour: Colour) -> None:
        """Fill the whole surface."""
        self._surface.fill(colour)

    def cover(self, opacity: int = 150) -> None:
        """Dim all, and forget what was shown: something else is to be read and tapped now.

        `opacity` of 255.
        """
        self.dim(opacity)
        for gathered in (self.targets, self.written, self.phrases, self.spoken):
            gathered.clear()

    def dim(self, opacity: int) -> None:
        """Lay black over all, so opaque of 255."""
        shade = pygame.Surface((self.width, self.height))
        shade.set_alpha(opacity)
        self._surface.blit(shade, (0, 0))

    # ---- text ----

    def phrase(self, name: str) -> tuple[str, str]:
        """The texts of a phrase in the display's languages, which is written: the chosen first."""
        self.phrases.append(name)
        return self.texts(name)

    def texts(self, name: str) -> tuple[str, str]:
        """The same, of a phrase that is only measured; its brief form where so set."""
        if self.setting.brief and has_phrase(f"{name}_brief"):
            name = f"{name}_brief"
        return phrase(name).in_both(self.languages)

    def speak(self, *names: str) -> None:
        """Have phrases read aloud, after those before."""
        self.spoken += names

    def em(self, text: str, arc: float, weight: Weight) -> int:
        """The em of a text whose letters are to look so many minutes of arc high, as set now."""
        if arc not in self._arcs:
            self._arcs[arc] = self.monitor.from_arc(arc)
        height = self._arcs[arc] * self.setting.scale
        return find_em(text, height, weight, even=self.setting.even)

    def line(
        self,
        text: str,
        box: Box,
        em: int,
        *,
        ink: Colour,
        paper: Colour,
        weight: Weight = "regular",
        align: Align = "centre",
        arc: float = TEXT_ARC,
        keep: bool = True,
    ) -> None:
        """Write one line, in the middle of a box's height.

        `keep`: that it was drawn may be remembered; of what others set nothing is.
        """
        rect = box.rect
        drawn = (draw_phrase_line if keep else draw_line)(text, em, weight, ink, rect.height)
        spare = rect.width - drawn.get_width()
        shift = {"left": 0, "centre": spare // 2, "right": spare}[align]
        self._surface.blit(drawn, (rect.x + shift, rect.y))
        covered = drawn.get_rect(left=rect.x + shift, top=rect.y)
        letters = em * load_font(weight).letter_height(text)
        if not keep:
            text = ""
        self.written.append(
            Written(text, covered.inflate(0, em - rect.height), letters, arc, ink, paper)
        )

    def lines(
        self,
        lines: tuple[str, ...],
        box: Box,
        em: int,
        *,
        ink: Colour,
        paper: Colour,
        weight: Weight = "regular",
        align: Align = "centre",
        arc: float = TEXT_ARC,
        keep: bool = True,
    ) -> float:
        """Write lines from a box's top on; the y at which they end."""
        y = box.y
        for line in lines:
            self.line(
                line,
                Box(box.x, y, box.width, em * LEADING),
                em,
                ink=ink,
                paper=paper,
                weight=weight,
                align=align,
                arc=arc,
                keep=keep,
            )
            y += em * LEADING
        return y

    # ---- shapes ----

    def panel(
        self,
        box: Box,
        colour: Colour,
        *,
        radius: float | None = None,
        border: Colour | None = None,
        line: float | None = None,
    ) -> None:
        """Fill a rectangle with round corners."""
        rect = box.rect
        if rect.width < 1 or rect.height < 1:
            return
        radius = min(0.8 * self.unit if radius is None else radius, rect.width / 2, rect.height / 2)
        thick = max(round(self.unit * 0.09 if line is None else line), 1)
        self._surface.blit(draw_panel(rect.size, colour, round(radius, 1), border, thick), rect)

    def block(self, box: Box, colour: Colour) -> None:
        """Fill a rectangle."""
        self._surface.fill(colour, box.rect)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Fill a circle."""
        self.panel(Box(x - radius, y - radius, 2 * radius, 2 * radius), colour, radius=radius)

    def ring(
        self, x: float, y: float, radius: float, part: float, colour: Colour, line: float
    ) -> None:
        """Draw a part (0 to 1) of a circle, clockwise from the top."""
        size = max(round(2 * (radius + line)), 1)
        drawn = draw_ring(size, round(part * 90), colour, round(line, 1))
        self._surface.blit(drawn, (round(x) - size // 2, round(y) - size // 2))

    def icon(
        self, name: str, x: float, y: float, size: float, colour: Colour, paper: Colour
    ) -> None:
        """Draw an icon about a middle; `paper` is the colour that it stands on."""
        pixels = max(round(size), 1)
        drawn = draw_icon(name, pixels, colour, paper)
        self._surface.blit(drawn, (round(x - size / 2), round(y - size / 2)))

    def badge(
        self, name: str, x: float, y: float, radius: float, colour: Colour | None = None
    ) -> None:
        """Draw an icon on a filled circle."""
        colour = colour or self.theme.accent
        self.disc(x, y, radius, colour)
        self.icon(name, x, y, radius * 1.2, self.theme.on_fill, colour)

    # ---- pictures ----

    def picture(self, picture: Picture, box: Box, *, mirrored: bool = False) -> None:
        """Show a picture so that it covers a box, its sides cut alike; nothing of it is kept."""
        rect = box.rect
        fitted = crop_and_scale(picture, rect.size)
        if mirrored:
            fitted = np.asarray(cv2.flip(fitted, 1), np.uint8)
        shown = pygame.image.frombuffer(fitted.data, rect.size, "RGB")
        self._surface.blit(shown, rect)

    def paste(self, drawn: pygame.Surface, box: Box) -> None:
        """Put what was drawn elsewhere at a box's upper left corner."""
        self._surface.blit(drawn, box.rect)

    # ---- buttons ----

    def target(self, button: Button | StaffKey, box: Box) -> None:
        """Make a box tappable."""
        self.targets.append(Target(box.rect, button))

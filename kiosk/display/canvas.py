"""The canvas: 1080 × 1920 units, whatever the window, and what can be put on it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import cv2
import numpy as np
import pygame
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from kiosk.camera.frame import Picture
from kiosk.display import theme
from kiosk.display.fonts import Weight
from kiosk.display.icons import icon_image
from kiosk.display.text import Font, load_font
from kiosk.display.theme import Colour
from kiosk.errors import KioskError
from kiosk.visit import Button
from kiosk.words import USUAL_LANGUAGES, Languages, phrase

WIDTH, HEIGHT = 1080, 1920

LEADING = 1.28
"""From line to line, in em."""

SMALLEST = 0.5
"""How small a phrase may be written, as a share of its place's size: a language that takes more
room than those the screens were laid out for is shrunk."""

MOST_DATUM_LINES = 3
"""Lines into which a text may go that others set, before it is cut."""

SUPERSAMPLING = 3
"""Shapes are drawn larger by this, and reduced, so that their edges are smooth."""

Align = Literal["left", "centre", "right"]

Overlay = NDArray[np.uint8]
"""Height × width × 4: R, G, B, and a straight (not premultiplied) alpha."""


class TextOverflow(KioskError):
    """A phrase does not fit its place, even at its smallest."""


class Box(NamedTuple):
    """A rectangle in canvas units."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height


_DrawLine = Callable[[str, float, Weight, Colour, int], pygame.Surface]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a tap means a button; in pixels of the surface."""

    rect: pygame.Rect
    button: Button


class Canvas:
    """A surface to draw on in canvas units, centred; gathers the buttons' targets."""

    def __init__(self, surface: pygame.Surface, languages: Languages = USUAL_LANGUAGES) -> None:
        width, height = surface.get_size()
        self._languages = languages
        self._surface = surface
        self._scale = min(width / WIDTH, height / HEIGHT)
        self._left = (width - WIDTH * self._scale) / 2
        self._top = (height - HEIGHT * self._scale) / 2
        self.targets: list[Target] = []

    def clear(self, colour: Colour) -> None:
        """Fill the whole surface, what lies beside the canvas too."""
        self._surface.fill(colour)

    def pixels(self, box: Box) -> pygame.Rect:
        """Where a box lies on the surface; neighbours meet without a gap."""
        left, top = self._point(box.x, box.y)
        right, bottom = self._point(box.x + box.width, box.bottom)
        return pygame.Rect(left, top, right - left, bottom - top)

    # ---- text ----

    def phrase(self, name: str) -> tuple[str, str]:
        """The texts of a phrase in the display's languages: the large one and the small one."""
        return phrase(name).in_both(self._languages)

    def measure(self, text: str, size: float, weight: Weight) -> float:
        """The width of one line."""
        return load_font(weight).width(text, size)

    def wrap(self, text: str, size: float, width: float, weight: Weight) -> tuple[str, ...]:
        """The lines in which `text` would write a phrase at this size."""
        return wrap_phrase(text, size, width, weight)

    def fit(self, text: str, size: float, width: float, weight: Weight, lines: int) -> float:
        """The size, `size` or less, at which a phrase fits in so many lines of a width.

        Raises TextOverflow where it does not fit at SMALLEST of `size`.
        """
        return fit_phrase(text, size, width, weight, lines, SMALLEST)

    def text(
        self,
        text: str,
        x: float,
        y: float,
        width: float,
        size: float,
        *,
        weight: Weight = "regular",
        colour: Colour = theme.INK,
        align: Align = "centre",
        lines: int = 2,
    ) -> float:
        """Write a phrase, shrunk where it needs more than `lines`; the y at which it ends.

        Raises TextOverflow where it does not fit at its smallest.
        """
        size = self.fit(text, size, width, weight, lines)
        wrapped = wrap_phrase(text, size, width, weight)
        for number, line in enumerate(wrapped):
            box = Box(x, y + number * size * LEADING, width, size * LEADING)
            self._line(line, box, size, weight, colour, align, draw_phrase_line)
        return y + len(wrapped) * size * LEADING

    def datum(
        self,
        text: str,
        x: float,
        y: float,
        width: float,
        size: float,
        *,
        weight: Weight = "regular",
        colour: Colour = theme.INK,
        align: Align = "centre",
    ) -> float:
        """Write what others set (a name, a telephone number); the y at which its place ends.

        Its place is one line high. What is too long shrinks, then goes into two smaller lines or
        three; what is longer still is cut. Nothing of it is kept in memory.
        """
        lines, fitted = _fit_datum(text, width, size, load_font(weight))
        top = y + (size - len(lines) * fitted) * LEADING / 2
        for number, line in enumerate(lines):
            box = Box(x, top + number * fitted * LEADING, width, fitted * LEADING)
            self._line(line, box, fitted, weight, colour, align, _draw_line)
        return y + size * LEADING

    def _line(
        self,
        line: str,
        box: Box,
        size: float,
        weight: Weight,
        colour: Colour,
        align: Align,
        draw_line: _DrawLine,
    ) -> None:
        rect = self.pixels(box)
        drawn = draw_line(line, round(size * self._scale, 2), weight, colour, rect.height)
        if drawn.get_width() > rect.width:
            # Hinting rounds small letters up; drawn a little smaller, they keep to their place.
            narrower = size * self._scale * rect.width / drawn.get_width()
            drawn = draw_line(line, round(narrower, 2), weight, colour, rect.height)
        spare = rect.width - drawn.get_width()
        shift = {"left": 0, "centre": spare // 2, "right": spare}[align]
        self._surface.blit(drawn, (rect.x + shift, rect.y))

    # ---- shapes ----

    def panel(
        self,
        box: Box,
        colour: Colour = theme.CARD,
        *,
        radius: float = 36,
        border: Colour | None = None,
        line: float = 3,
    ) -> None:
        """Fill a rectangle with round corners."""
        rect = self.pixels(box)
        drawn = _panel(
            rect.size,
            colour,
            round(radius * self._scale, 1),
            border,
            max(round(line * self._scale), 1),
        )
        self._surface.blit(drawn, rect)

    def block(self, box: Box, colour: Colour) -> None:
        """Fill a rectangle."""
        self._surface.fill(colour, self.pixels(box))

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Fill a circle."""
        self.panel(Box(x - radius, y - radius, 2 * radius, 2 * radius), colour, radius=radius)

    def ring(
        self, x: float, y: float, radius: float, part: float, colour: Colour, line: float
    ) -> None:
        """Draw a part (0 to 1) of a circle, clockwise from the top."""
        size = max(round(2 * (radius + line) * self._scale), 1)
        drawn = _ring(size, round(part * 90), colour, line * self._scale)
        left, top = self._point(x, y)
        self._surface.blit(drawn, (left - size // 2, top - size // 2))

    def icon(
        self,
        name: str,
        x: float,
        y: float,
        size: float,
        colour: Colour = theme.INK,
        paper: Colour = theme.PAPER,
    ) -> None:
        """Draw an icon about a middle; `paper` is the colour that it stands on."""
        pixels = max(round(size * self._scale), 1)
        left, top = self._point(x - size / 2, y - size / 2)
        self._surface.blit(_icon(name, pixels, colour, paper), (left, top))

    def badge(
        self, name: str, x: float, y: float, radius: float, colour: Colour = theme.ACCENT
    ) -> None:
        """Draw an icon in white on a filled circle."""
        self.disc(x, y, radius, colour)
        self.icon(name, x, y, radius * 1.2, theme.CARD, colour)

    # ---- pictures ----

    def picture(self, picture: Picture, box: Box, *, mirrored: bool = False) -> None:
        """Show a picture so that it covers a box, its sides cut alike; nothing of it is kept."""
        rect = self.pixels(box)
        fitted = _crop_and_scale(picture, rect.size)
        if mirrored:
            fitted = np.asarray(cv2.flip(fitted, 1), np.uint8)
        shown = pygame.image.frombuffer(fitted.data, rect.size, "RGB")
        self._surface.blit(shown, rect)

    def overlay(self, make: Callable[[int, int], Overlay], box: Box) -> None:
        """Lay an overlay over a box: `make` is called once for each width and height in pixels."""
        rect = self.pixels(box)
        self._surface.blit(_overlay(make, rect.size), rect)

    def round_off(self, box: Box, radius: float) -> None:
        """Cover the corners of a box, to make them round."""
        rect = self.pixels(box)
        self._surface.blit(_corners(rect.size, round(radius * self._scale, 1)), rect)

    # ---- buttons ----

    def target(self, button: Button, box: Box) -> None:
        """Make a box tappable."""
        self.targets.append(Target(self.pixels(box), button))

    def _point(self, x: float, y: float) -> tuple[int, int]:
        return round(self._left + x * self._scale), round(self._top + y * self._scale)


# ---- phrases, icons and shapes: drawn once, and kept while they are in use; nothing of a student
# comes into these caches ----


@lru_cache(maxsize=512)
def wrap_phrase(text: str, size: float, width: float, weight: Weight) -> tuple[str, ...]:
    """Break a phrase into lines."""
    return load_font(weight).wrap(text, size, width)


@lru_cache(maxsize=512)
def fit_phrase(
    text: str, size: float, width: float, weight: Weight, lines: int, smallest: float
) -> float:
    """The largest size, from `size` down to `smallest` of it, at which a phrase fits its place."""
    for percent in range(100, round(100 * smallest) - 1, -5):
        fitted = size * (percent / 100)
        wrapped = wrap_phrase(text, fitted, width, weight)
        font = load_font(weight)
        if len(wrapped) <= lines and all(font.width(line, fitted) <= width for line in wrapped):
            return fitted
    raise TextOverflow(f'"{text}" does not fit {lines} × {width:.0f} at {size:.0f}')


def _fit_datum(text: str, width: float, size: float, font: Font) -> tuple[tuple[str, ...], float]:
    """The lines of a text, and the largest size at which they fit where one line was meant."""
    single = 0.98 * size * width / max(font.width(text, size), 1)
    if single >= size / 2:
        return (text,), min(single, size)
    lines: tuple[str, ...] = ()
    for count in range(2, MOST_DATUM_LINES + 1):
        lines = font.wrap(text, size / count, width)
        if len(lines) <= count and all(font.width(line, size / count) <= width for line in lines):
            return lines, size / count
    smallest = size / MOST_DATUM_LINES
    lines = (*lines[: MOST_DATUM_LINES - 1], "".join(lines[MOST_DATUM_LINES - 1 :]))
    return tuple(_truncate(line, width, smallest, font) for line in lines), smallest


def _truncate(line: str, width: float, size: float, font: Font) -> str:
    wide = font.width(line, size)
    return line if wide <= width else line[: int(len(line) * width / wide) - 1] + "…"


def _draw_line(
    line: str, size: float, weight: Weight, colour: Colour, height: int
) -> pygame.Surface:
    return _fill_mask(load_font(weight).mask(line, size, height), colour)


draw_phrase_line = lru_cache(maxsize=128)(_draw_line)


@lru_cache(maxsize=96)
def _icon(name: str, size: int, colour: Colour, paper: Colour) -> pygame.Surface:
    image = icon_image(name, size, colour, paper)
    return pygame.image.frombytes(image.tobytes(), image.size, "RGBA")


@lru_cache(maxsize=64)
def _panel(
    size: tuple[int, int], colour: Colour, radius: float, border: Colour | None, line: int
) -> pygame.Surface:
    width, height = size
    image = Image.new(
        "RGBA", (width * SUPERSAMPLING, height * SUPERSAMPLING), (*(border or colour), 0)
    )
    ImageDraw.Draw(image).rounded_rectangle(
        (0, 0, image.width - 1, image.height - 1),
        radius * SUPERSAMPLING,
        fill=colour,
        outline=border,
        width=line * SUPERSAMPLING if border else 0,
    )
    small = image.reduce(SUPERSAMPLING)
    return _accelerate(pygame.image.frombytes(small.tobytes(), small.size, "RGBA"))


@lru_cache(maxsize=128)
def _ring(size: int, parts: int, colour: Colour, line: float) -> pygame.Surface:
    """Draw so many ninetieths of a circle."""
    mask = Image.new("L", (size * SUPERSAMPLING, size * SUPERSAMPLING))
    ImageDraw.Draw(mask).arc(
        (0, 0, mask.width - 1, mask.height - 1),
        -90,
        -90 + 4 * parts,
        fill=255,
        width=round(line * SUPERSAMPLING),
    )
    return _fill_mask(mask.reduce(SUPERSAMPLING), colour)


@lru_cache(maxsize=8)
def _overlay(make: Callable[[int, int], Overlay], size: tuple[int, int]) -> pygame.Surface:
    return _accelerate(pygame.image.frombytes(make(*size).tobytes(), size, "RGBA"))


@lru_cache(maxsize=16)
def _corners(size: tuple[int, int], radius: float) -> pygame.Surface:
    """Draw what lies outside a rectangle's round corners, in the paper's colour."""
    mask = Image.new("L", (size[0] * SUPERSAMPLING, size[1] * SUPERSAMPLING), 255)
    ImageDraw.Draw(mask).rounded_rectangle(
        (0, 0, mask.width - 1, mask.height - 1), radius * SUPERSAMPLING, fill=0
    )
    return _fill_mask(mask.reduce(SUPERSAMPLING), theme.PAPER)


def _fill_mask(mask: Image.Image, colour: Colour) -> pygame.Surface:
    surface = pygame.Surface(mask.size, pygame.SRCALPHA)
    surface.fill(colour)
    alpha = pygame.surfarray.pixels_alpha(surface)
    alpha[:] = np.asarray(mask).T
    del alpha  # it locks the surface
    return _accelerate(surface)


def _accelerate(surface: pygame.Surface) -> pygame.Surface:
    """Let SDL skip what is clear and copy what is opaque, which takes a third of the time."""
    surface.set_alpha(255, pygame.RLEACCEL)
    return surface


def _crop_and_scale(picture: Picture, size: tuple[int, int]) -> Picture:
    """Crop a picture about its middle to the shape of `size` (width, height), and scale it."""
    height, width = picture.shape[:2]
    scale = max(size[0] / width, size[1] / height)
    across, down = min(round(size[0] / scale), width), min(round(size[1] / scale), height)
    left, top = (width - across) // 2, (height - down) // 2
    cut = picture[top : top + down, left : left + across]
    how = cv2.INTER_LINEAR if scale >= 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(cut, size, interpolation=how), np.uint8)

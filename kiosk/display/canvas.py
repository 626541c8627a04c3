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
from kiosk.display.icons import icon_image
from kiosk.display.text import Face, Weight, face
from kiosk.display.theme import Colour
from kiosk.errors import KioskError
from kiosk.visit import Button

WIDTH, HEIGHT = 1080, 1920

LEADING = 1.28
"""From line to line, in em."""

MOST = 3
"""Into how many lines a text may go that was not written for its place, before it is cut."""

SMOOTH = 3
"""Shapes are drawn larger by this, and reduced, so that their edges are smooth."""

Align = Literal["left", "centre", "right"]

Overlay = NDArray[np.uint8]
"""Height × width × 4: R, G, B, and alpha that they are not multiplied with."""


class TextOverflow(KioskError):
    """A text of the booth's own does not fit where it was put."""


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


_MakeLine = Callable[[str, float, Weight, Colour, int], pygame.Surface]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a tap means a button; in pixels of the surface."""

    rect: pygame.Rect
    button: Button


class Canvas:
    """A surface to draw on in canvas units, centred; gathers the buttons' targets."""

    def __init__(self, surface: pygame.Surface) -> None:
        width, height = surface.get_size()
        self._surface = surface
        self._scale = min(width / WIDTH, height / HEIGHT)
        self._left = (width - WIDTH * self._scale) / 2
        self._top = (height - HEIGHT * self._scale) / 2
        self.targets: list[Target] = []

    def clear(self, colour: Colour) -> None:
        """Begin with one colour, beside the canvas too."""
        self._surface.fill(colour)

    def pixels(self, box: Box) -> pygame.Rect:
        """Give where a box lies on the surface; neighbours meet without a gap."""
        left, top = self._point(box.x, box.y)
        right, bottom = self._point(box.x + box.width, box.bottom)
        return pygame.Rect(left, top, right - left, bottom - top)

    # ---- text ----

    def measure(self, text: str, size: float, weight: Weight) -> float:
        """Give the width of one line."""
        return face(weight).width(text, size)

    def wrapped(self, text: str, size: float, width: float, weight: Weight) -> tuple[str, ...]:
        """Give the lines in which `text` would write this."""
        return wrap(text, size, width, weight)

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
        """Write one of the booth's own texts, and give where it ends below.

        Raises TextOverflow if it needs more lines, or a word is too wide.
        """
        broken = wrap(text, size, width, weight)
        if len(broken) > lines or any(face(weight).width(b, size) > width for b in broken):
            raise TextOverflow(f'"{text}" does not fit {lines} × {width:.0f} at {size:.0f}')
        for number, line in enumerate(broken):
            box = Box(x, y + number * size * LEADING, width, size * LEADING)
            self._line(line, box, size, weight, colour, align, drawn_line)
        return y + len(broken) * size * LEADING

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
        """Write what others set (a name, a telephone number), and give where its place ends.

        Its place is one line high. What is too long shrinks, then goes into two smaller lines or
        three; what is longer still is cut. Nothing of it is kept in memory.
        """
        lines, fitted = _fit(text, width, size, face(weight))
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
        make: _MakeLine,
    ) -> None:
        rect = self.pixels(box)
        drawn = make(line, round(size * self._scale, 2), weight, colour, rect.height)
        if drawn.get_width() > rect.width:
            # Hinting rounds small letters up; a hair smaller they keep to their place.
            narrower = size * self._scale * rect.width / drawn.get_width()
            drawn = make(line, round(narrower, 2), weight, colour, rect.height)
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
        fitted = _cover(picture, rect.size)
        if mirrored:
            fitted = np.ascontiguousarray(fitted[:, ::-1])
        shown = pygame.image.frombuffer(fitted.data, rect.size, "RGB")
        self._surface.blit(shown, rect)

    def overlay(self, make: Callable[[int, int], Overlay], box: Box) -> None:
        """Lay over a box what `make` gives for its width and height in pixels; made once."""
        rect = self.pixels(box)
        self._surface.blit(_overlay(make, rect.size), rect)

    def round_off(self, box: Box, radius: float) -> None:
        """Lay paper over a box's corners."""
        rect = self.pixels(box)
        self._surface.blit(_corners(rect.size, round(radius * self._scale, 1)), rect)

    # ---- buttons ----

    def target(self, button: Button, box: Box) -> None:
        """Make a box tappable."""
        self.targets.append(Target(self.pixels(box), button))

    def _point(self, x: float, y: float) -> tuple[int, int]:
        return round(self._left + x * self._scale), round(self._top + y * self._scale)


# ---- drawn once, and kept while they are in use ----


@lru_cache(maxsize=512)
def wrap(text: str, size: float, width: float, weight: Weight) -> tuple[str, ...]:
    """Break one of the booth's own texts into lines."""
    return face(weight).wrap(text, size, width)


def _fit(text: str, width: float, size: float, font: Face) -> tuple[tuple[str, ...], float]:
    """Give the lines of a text, and the largest size at which they fit where one line was meant."""
    single = 0.98 * size * width / max(font.width(text, size), 1)
    if single >= size / 2:
        return (text,), min(single, size)
    lines: tuple[str, ...] = ()
    for count in range(2, MOST + 1):
        lines = font.wrap(text, size / count, width)
        if len(lines) <= count and all(font.width(line, size / count) <= width for line in lines):
            return lines, size / count
    smallest = size / MOST
    lines = (*lines[: MOST - 1], "".join(lines[MOST - 1 :]))
    return tuple(_cut(line, width, smallest, font) for line in lines), smallest


def _cut(line: str, width: float, size: float, font: Face) -> str:
    wide = font.width(line, size)
    return line if wide <= width else line[: int(len(line) * width / wide) - 1] + "…"


def _draw_line(
    line: str, size: float, weight: Weight, colour: Colour, height: int
) -> pygame.Surface:
    return _coloured(face(weight).mask(line, size, height), colour)


drawn_line = lru_cache(maxsize=128)(_draw_line)


@lru_cache(maxsize=96)
def _icon(name: str, size: int, colour: Colour, paper: Colour) -> pygame.Surface:
    image = icon_image(name, size, colour, paper)
    return pygame.image.frombytes(image.tobytes(), image.size, "RGBA")


@lru_cache(maxsize=64)
def _panel(
    size: tuple[int, int], colour: Colour, radius: float, border: Colour | None, line: int
) -> pygame.Surface:
    width, height = size
    image = Image.new("RGBA", (width * SMOOTH, height * SMOOTH), (*(border or colour), 0))
    ImageDraw.Draw(image).rounded_rectangle(
        (0, 0, image.width - 1, image.height - 1),
        radius * SMOOTH,
        fill=colour,
        outline=border,
        width=line * SMOOTH if border else 0,
    )
    small = image.reduce(SMOOTH)
    return _quick(pygame.image.frombytes(small.tobytes(), small.size, "RGBA"))


@lru_cache(maxsize=128)
def _ring(size: int, parts: int, colour: Colour, line: float) -> pygame.Surface:
    """Draw so many ninetieths of a circle."""
    mask = Image.new("L", (size * SMOOTH, size * SMOOTH))
    ImageDraw.Draw(mask).arc(
        (0, 0, mask.width - 1, mask.height - 1),
        -90,
        -90 + 4 * parts,
        fill=255,
        width=round(line * SMOOTH),
    )
    return _coloured(mask.reduce(SMOOTH), colour)


@lru_cache(maxsize=8)
def _overlay(make: Callable[[int, int], Overlay], size: tuple[int, int]) -> pygame.Surface:
    return _quick(pygame.image.frombytes(make(*size).tobytes(), size, "RGBA"))


@lru_cache(maxsize=16)
def _corners(size: tuple[int, int], radius: float) -> pygame.Surface:
    """Give what lies outside a rectangle's round corners, in the paper's colour."""
    mask = Image.new("L", (size[0] * SMOOTH, size[1] * SMOOTH), 255)
    ImageDraw.Draw(mask).rounded_rectangle(
        (0, 0, mask.width - 1, mask.height - 1), radius * SMOOTH, fill=0
    )
    return _coloured(mask.reduce(SMOOTH), theme.PAPER)


def _coloured(mask: Image.Image, colour: Colour) -> pygame.Surface:
    surface = pygame.Surface(mask.size, pygame.SRCALPHA)
    surface.fill(colour)
    alpha = pygame.surfarray.pixels_alpha(surface)
    alpha[:] = np.asarray(mask).T
    del alpha  # it locks the surface
    return _quick(surface)


def _quick(surface: pygame.Surface) -> pygame.Surface:
    """Let SDL pass over what is clear and copy what is opaque: a third of the time to draw."""
    surface.set_alpha(255, pygame.RLEACCEL)
    return surface


def _cover(picture: Picture, size: tuple[int, int]) -> Picture:
    """Cut a picture to the shape of `size`, about its middle, and scale it."""
    height, width = picture.shape[:2]
    scale = max(size[0] / width, size[1] / height)
    across, down = min(round(size[0] / scale), width), min(round(size[1] / scale), height)
    left, top = (width - across) // 2, (height - down) // 2
    cut = picture[top : top + down, left : left + across]
    how = cv2.INTER_LINEAR if scale >= 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(cut, size, interpolation=how), np.uint8)

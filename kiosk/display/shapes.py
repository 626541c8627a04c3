"""What screens are drawn from: lines of text, icons, panels, rings; drawn once, and kept while in
use. Nothing of a student comes into these caches."""

from functools import lru_cache

import cv2
import numpy as np
import pygame
from PIL import Image, ImageDraw

from kiosk.camera.frame import Picture
from kiosk.display.fonts import Weight
from kiosk.display.icons import icon_image
from kiosk.display.text import load_font
from kiosk.display.theme import Colour

SUPERSAMPLING = 3
"""Shapes are drawn larger by this, and reduced, so that their edges are smooth."""


def draw_line(line: str, em: int, weight: Weight, colour: Colour, height: int) -> pygame.Surface:
    """One line of text, its middle at the middle of `height` pixels."""
    return _fill_mask(load_font(weight).mask(line, em, height), colour)


draw_phrase_line = lru_cache(maxsize=192)(draw_line)


@lru_cache(maxsize=96)
def draw_icon(name: str, size: int, colour: Colour, paper: Colour) -> pygame.Surface:
    """An icon on nothing; `paper` is the colour that it will stand on."""
    image = icon_image(name, size, colour, paper)
    return _accelerate(pygame.image.frombytes(image.tobytes(), image.size, "RGBA"))


@lru_cache(maxsize=64)
def draw_panel(
    size: tuple[int, int], colour: Colour, radius: float, border: Colour | None, line: int
) -> pygame.Surface:
    """A rectangle with round corners."""
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
def draw_ring(size: int, parts: int, colour: Colour, line: float) -> pygame.Surface:
    """So many ninetieths of a circle, clockwise from the top."""
    mask = Image.new("L", (size * SUPERSAMPLING, size * SUPERSAMPLING))
    ImageDraw.Draw(mask).arc(
        (0, 0, mask.width - 1, mask.height - 1),
        -90,
        -90 + 4 * parts,
        fill=255,
        width=round(line * SUPERSAMPLING),
    )
    return _fill_mask(mask.reduce(SUPERSAMPLING), colour)


def crop_and_scale(picture: Picture, size: tuple[int, int]) -> Picture:
    """Crop a picture about its middle to the shape of `size` (width, height), and scale it."""
    height, width = picture.shape[:2]
    scale = max(size[0] / width, size[1] / height)
    across, down = min(round(size[0] / scale), width), min(round(size[1] / scale), height)
    left, top = (width - across) // 2, (height - down) // 2
    cut = picture[top : top + down, left : left + across]
    how = cv2.INTER_LINEAR if scale >= 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(cut, size, interpolation=how), np.uint8)


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

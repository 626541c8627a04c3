"""A screen that hangs turned: the picture is turned as it is shown, and touches are turned back.

SDL on KMS draws in the panel's own direction and heeds no rotation of the console's. Turning 1080 ×
1920 pixels takes cv2.rotate 6 ms of one of a laptop's cores (by 180° 2 ms), and
pygame.transform.rotate 28 ms.
"""

from typing import Literal

import cv2
import numpy as np
import pygame
from numpy.typing import NDArray

Rotation = Literal[0, 90, 180, 270]
"""Degrees clockwise: at 90 the picture's upper edge is at the panel's right."""

Place = tuple[float, float]

_TURNS = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


def turn_size(size: tuple[int, int], rotation: Rotation) -> tuple[int, int]:
    """The size of what is turned, width × height: upright from the panel's, or the other way."""
    width, height = size
    return (height, width) if rotation in (90, 270) else size


def turn_picture(upright: pygame.Surface, panel: pygame.Surface, rotation: Rotation) -> None:
    """Lay an upright picture over the whole panel. Both have 32 bits a pixel, of one order."""
    cv2.rotate(_pixels(upright), _TURNS[rotation], dst=_pixels(panel))


def turn_back(place: Place, panel: tuple[int, int], rotation: Rotation) -> Place:
    """Where a place of the panel is in the upright picture, in pixels."""
    (x, y), (width, height) = place, panel
    match rotation:
        case 0:
            return x, y
        case 90:
            return y, width - 1 - x
        case 180:
            return width - 1 - x, height - 1 - y
        case 270:
            return height - 1 - y, x


def _pixels(surface: pygame.Surface) -> NDArray[np.int32]:
    """Height × width, in the surface's own memory."""
    return pygame.surfarray.pixels2d(surface).T.view(np.int32)

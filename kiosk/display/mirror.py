"""The mirror: the preview mirrored, dimmed beside the outline to fill, the own outline on it."""

from functools import lru_cache

import cv2
import numpy as np
import pygame
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.display.canvas import Box, Canvas
from kiosk.display.outline import (
    cut_dashes,
    find_goals,
    head_outline,
    place_head,
    target_outline,
)
from kiosk.display.sketch import FRACTION_BITS, Points
from kiosk.display.theme import Colour
from kiosk.pipeline.assessment import Assessment
from kiosk.visit import Head

ASPECT = 0.75
"""The mirror's width over its height: as the camera's preview."""

LIGHT_LEFT = 0.55
"""Of what lies beside the outline: darkened, so that the outline stands out, and still seen."""

DARK: Colour = (12, 20, 28)
LIGHT: Colour = (255, 255, 255)
"""Lines on a picture are light and edged in dark, so that they are seen on anything."""

TICK_AT = (0.83, 0.53)
"""Where the tick is, above the shoulder on the right: parts of the mirror."""

Mask = NDArray[np.uint8]


def draw_mirror(
    canvas: Canvas,
    box: Box,
    preview: Picture | None,
    *,
    head: Head | None = None,
    assessment: Assessment | None = None,
    praising: bool = False,
    tick_left: bool = False,
) -> None:
    """Draw the mirror into a box; nothing of the preview is kept.

    `head` is in the picture that the preview is of, not mirrored. `praising`: all fits, so the
    outline to fill is solid, of the good colour, and ticked; on the left where
    something else is on the right.
    """
    theme, size = canvas.theme, box.rect.size
    if preview is None:
        canvas.block(box, theme.tint)
    else:
        outline = None
        if head is not None and not praising:
            outline = head_outline(place_head(head, find_goals(assessment)), ASPECT)
        pixels = _reflect(preview, size, outline)
        canvas.paste(pygame.image.frombuffer(pixels.data, size, "RGB"), box)
    canvas.paste(_target_overlay(size, theme.good if praising else None, theme.paper), box)
    if praising:
        x, y = TICK_AT
        x = 1 - x if tick_left else x
        canvas.badge(
            "check", box.x + x * box.width, box.y + y * box.height, 0.07 * box.width, theme.good
        )


def _reflect(preview: Picture, size: tuple[int, int], outline: Points | None) -> Picture:
    """Crop to the mirror's shape, mirror, dim, draw a head's outline, and scale."""
    height, width = preview.shape[:2]
    across = min(width, round(height * ASPECT))
    down = min(height, round(across / ASPECT))
    left, top = (width - across) // 2, (height - down) // 2
    cut = preview[top : top + down, left : left + across]
    mirrored = cv2.flip(cut, 1)
    # All before it is scaled: there are fewer pixels.
    drawn = cv2.multiply(mirrored, _light((across, down)), scale=1 / 255)
    if outline is not None:
        fixed = [_to_fixed_point(outline * (across, down))]
        for colour, wide in ((DARK, 0.02), (LIGHT, 0.012)):
            thick = max(round(across * wide), 1)
            cv2.polylines(drawn, fixed, True, colour, thick, cv2.LINE_AA, FRACTION_BITS)
    return np.asarray(cv2.resize(drawn, size, interpolation=cv2.INTER_LINEAR), np.uint8)


@lru_cache(maxsize=4)
def _light(size: tuple[int, int]) -> Mask:
    """How much light each pixel keeps, of 255; height × width × 3."""
    inside = np.zeros(size[::-1], np.uint8)
    outline = target_outline(ASPECT) * size
    cv2.fillPoly(inside, [_to_fixed_point(outline)], 255, cv2.LINE_AA, FRACTION_BITS)
    kept = LIGHT_LEFT * 255 + inside * (1 - LIGHT_LEFT)
    return np.repeat(kept.astype(np.uint8)[..., None], 3, axis=2)


@lru_cache(maxsize=6)
def _target_overlay(size: tuple[int, int], good: Colour | None, paper: Colour) -> pygame.Surface:
    """The outline to fill, dashed, or closed and solid where it is filled; and round corners."""
    width, height = size
    target = target_outline(ASPECT) * size
    overlay = np.zeros((height, width, 4), np.uint8)
    if good is None:
        lines = list(cut_dashes(target, width * 0.035))
        _lay_lines(overlay, lines, DARK, width * 0.018)
        _lay_lines(overlay, lines, LIGHT, width * 0.01)
    else:
        _lay_lines(overlay, [target], LIGHT, width * 0.034)
        _lay_lines(overlay, [target], good, width * 0.02)
    _lay_corners(overlay, paper, 0.045 * width)
    drawn = pygame.image.frombytes(overlay.tobytes(), size, "RGBA")
    drawn.set_alpha(255, pygame.RLEACCEL)  # SDL skips what is clear
    return drawn


def _lay_lines(overlay: Mask, lines: list[Points], colour: Colour, width: float) -> None:
    drawn = np.zeros(overlay.shape[:2], np.uint8)
    fixed = [_to_fixed_point(line) for line in lines]
    cv2.polylines(drawn, fixed, False, 255, max(round(width), 1), cv2.LINE_AA, FRACTION_BITS)
    _lay(overlay, drawn, colour)


def _lay_corners(overlay: Mask, colour: Colour, radius: float) -> None:
    height, width = overlay.shape[:2]
    corners = np.full((height, width), 255, np.uint8)
    reach, scale = round(radius), 2**FRACTION_BITS
    for x in (reach, width - 1 - reach):
        for y in (reach, height - 1 - reach):
            centre = (x * scale, y * scale)
            cv2.circle(corners, centre, reach * scale, 0, -1, cv2.LINE_AA, FRACTION_BITS)
    corners[reach:-reach] = 0
    corners[:, reach:-reach] = 0
    _lay(overlay, corners, colour)


def _lay(overlay: Mask, drawn: Mask, colour: Colour) -> None:
    touched = drawn > 0
    cover = drawn[touched][:, None] / 255
    overlay[touched, :3] = overlay[touched, :3] * (1 - cover) + np.array(colour) * cover
    overlay[..., 3] = np.maximum(overlay[..., 3], drawn)


def _to_fixed_point(line: Points) -> NDArray[np.int32]:
    return np.asarray(np.rint(line * 2**FRACTION_BITS), np.int32)

"""The chart of 24 colours before the twin, held where the grey card stands."""

from collections.abc import Mapping

import cv2
import numpy as np

from kiosk.twin.grey_card import WHITE, Colour, light_on_white
from kiosk.twin.light_stage import Light
from kiosk.twin.shutter import RowLevels
from kiosk.upkeep.colour_chart import COLUMNS, MIDDLE, PATCH, ROWS, SIZE, true_lights

FRAME = 0.04
"""What the chart's frame reflects: matt black."""

OVERSAMPLED = 4
"""Points across and down that a pixel of it is averaged over."""


def hold_chart(
    light: Light, levels: RowLevels, white: Mapping[str, Colour] = WHITE, tilt: float = 0.0
) -> Light:
    """Light with the chart in it, under the same lamps; `light` itself is not changed.

    Its middle and size are those of `kiosk.upkeep.colour_chart`; `tilt` is in degrees, clockwise.
    What sRGB does not have of cyan reads as no red at all.
    """
    rows, columns, lit = light_on_white(levels, light.shape[:2], white)
    held = light.copy()
    cover, reflects = _reflectance(light.shape[:2], tilt)
    cover, reflects = cover[rows, columns], reflects[rows, columns]
    field = held[rows, columns]
    held[rows, columns] = field * (1 - cover) + lit * reflects
    return held


def _reflectance(shape: tuple[int, int], tilt: float) -> tuple[Light, Light]:
    """How much of each pixel the chart covers, and what that reflects; height × width × 1 and 3."""
    height, width = shape
    step = SIZE[0] * width / COLUMNS
    fine = np.full(
        (round(ROWS * step * OVERSAMPLED), round(COLUMNS * step * OVERSAMPLED), 3), FRAME
    )
    side = PATCH / 2
    for number, colour in enumerate(np.clip(true_lights(), 0, 1)):
        row, column = divmod(number, COLUMNS)
        top, bottom = ((row + 0.5 + by * side) * step * OVERSAMPLED for by in (-1, 1))
        left, right = ((column + 0.5 + by * side) * step * OVERSAMPLED for by in (-1, 1))
        fine[round(top) : round(bottom), round(left) : round(right)] = colour
    painted = np.dstack([fine, np.ones(fine.shape[:2])]).astype(np.float32)
    size = fine.shape[1] / 2 - 0.5, fine.shape[0] / 2 - 0.5
    move = cv2.getRotationMatrix2D(size, -tilt, 1 / OVERSAMPLED)
    middle = np.array([MIDDLE[0] * width, MIDDLE[1] * height]) - 0.5
    move[:, 2] += middle - np.array(size)
    smooth = cv2.blur(painted, (OVERSAMPLED, OVERSAMPLED))
    placed = np.asarray(
        cv2.warpAffine(smooth, move, (width, height), flags=cv2.INTER_LINEAR), np.float32
    )
    return placed[..., 3:], placed[..., :3]

"""The calibration card before the twin: 18 % grey, on a stand where a face would be."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from kiosk.twin.light_stage import Light
from kiosk.twin.shutter import RowLevels

PLACE = (0.36, 0.3, 0.64, 0.52)
"""Left, top, right and bottom, in the picture's widths and heights."""

ALBEDO = 0.18
"""What the grey card reflects, in all colours alike and to all sides (Lambert)."""

Colour = tuple[float, float, float]
"""R, G, B."""

WHITE: Mapping[str, Colour] = {
    "key_left": (0.4035, 0.4042, 0.4049),
    "key_right": (0.4035, 0.4042, 0.4050),
    "fill": (0.2085, 0.2085, 0.2089),
    "room": (0.0918, 0.0959, 0.1001),
}
"""Linear light of a card that reflects everything, under each lamp at full level: rendered among
the lamps of tools/render/scene.py, where a face is, facing the lens. Those of the backdrop stand
behind it. A disk of P watts and area A has the radiance P / (π A), and reckoned so the lamps agree
within 3 %."""

SLOPE: Mapping[str, tuple[float, float]] = {
    "key_left": (-0.065, 0.0),
    "key_right": (0.065, 0.0),
    "fill": (0.0, -0.055),
}
"""By which share the light grows from the card's middle to its right and to its lower edge, 5 cm
away: reckoned for the same lamps. It is nearer to them on one side."""


def light_on_white(
    levels: RowLevels, shape: tuple[int, int], white: Mapping[str, Colour] = WHITE
) -> tuple[slice, slice, NDArray[np.float64]]:
    """The light of an all-white card at PLACE in a picture of `shape` (height, width).

    Returns the rows and columns that it covers, and rows × columns × 3 of linear light. `levels`
    are those of the picture's rows where a lamp flickers; a lamp that `white` leaves out adds none.
    """
    height, width = shape
    left, top, right, bottom = PLACE
    rows = slice(round(top * height), round(bottom * height))
    columns = slice(round(left * width), round(right * width))
    across = np.linspace(-1, 1, columns.stop - columns.start)[None, :, None]
    down = np.linspace(-1, 1, rows.stop - rows.start)[:, None, None]
    light = np.zeros((down.shape[0], across.shape[1], 3))
    for lamp, level in levels.items():
        if lamp not in white:
            continue
        seen = level[rows][:, None, None] if isinstance(level, np.ndarray) else level
        right_by, down_by = SLOPE.get(lamp, (0.0, 0.0))
        light += seen * (1 + right_by * across + down_by * down) * np.array(white[lamp])
    return rows, columns, light


def hold_card(light: Light, levels: RowLevels, white: Mapping[str, Colour] = WHITE) -> Light:
    """Light with the card in it, under the same lamps; `light` itself is not changed.

    `white` is as WHITE, for other lamps than those.
    """
    rows, columns, lit = light_on_white(levels, light.shape[:2], white)
    held = light.copy()
    held[rows, columns] = ALBEDO * lit
    return held

"""The calibration card before the twin: 18 % grey, on a stand where a face would be."""

from collections.abc import Mapping

import numpy as np

from kiosk.twin.light_stage import Light
from kiosk.twin.shutter import Levels

PLACE = (0.36, 0.3, 0.64, 0.52)
"""Left, top, right and bottom, in the picture's widths and heights."""

LIGHT: Mapping[str, float] = {
    "key_left": 0.105,
    "key_right": 0.105,
    "fill": 0.06,
    "backdrop": 0.015,
    "room": 0.028,
}
"""Linear light of the card under each lamp at full level. In proportion as a rendered forehead
there; in all, under the lamps as a visit starts, what 18 % grey should have."""


def hold_card(light: Light, levels: Levels) -> Light:
    """Light with the card in it, under the same lamps; `light` itself is not changed."""
    height, width = light.shape[:2]
    left, top, right, bottom = PLACE
    rows = slice(round(top * height), round(bottom * height))
    columns = slice(round(left * width), round(right * width))
    card: float | np.ndarray[tuple[int], np.dtype[np.float64]] = 0.0
    for lamp, level in levels.items():
        seen = level[rows] if isinstance(level, np.ndarray) else level
        card = card + LIGHT.get(lamp, 0.0) * seen
    held = light.copy()
    held[rows, columns] = card[:, None, None] if isinstance(card, np.ndarray) else card
    return held

"""The control law: how the key lamps move until both cheeks are lit alike."""

import math
from collections.abc import Mapping
from types import MappingProxyType

IDLE: Mapping[str, float] = MappingProxyType(
    {"key_left": 0.05, "key_right": 0.05, "fill": 0.1, "backdrop": 0.1}
)
"""Levels while nobody is photographed, but somebody near: the booth is inviting, and stays cool.
Asleep it is dark."""

WORKING: Mapping[str, float] = MappingProxyType(
    {"key_left": 0.6, "key_right": 0.6, "fill": 0.5, "backdrop": 0.25}
)
"""Levels from which a visit starts. Where a grey card at the face has its 18 %, the backdrop's
blue, which the key lamps light as well, has 0.8 of what saturates the sensor."""

GAIN = 0.06
"""Share of the imbalance that one step takes away.

A loop that only adds up its error, and sees the answer n frames late, comes to rest without
swinging while its gain is below n**n / (n + 1)**(n + 1): 0.067 for 5 frames.
"""

DEAD_BAND = 0.03
"""Imbalance, as the natural logarithm of the cheeks' ratio, that nobody can see."""

LARGEST_STEP = 0.02
"""Most that a lamp moves in one step, so that nobody sees it move."""

DARK_CHEEK = 1e-3
"""Linear light below which a cheek tells nothing."""


def balance_key_lamps(
    levels: Mapping[str, float],
    light_picture_left: float,
    light_picture_right: float,
    gain: float = GAIN,
    bounds: tuple[float, float] = (0.02, 1.0),
) -> dict[str, float]:
    """Move the key lamps one step towards cheeks that are lit alike; returns all lamps' levels.

    The lights are the cheeks' mean linear light (0 to 1) on the picture's left and right. Only
    `key_left` and `key_right`, the lamps on these sides, move, by the same amount in opposite
    directions: their sum stays, and with it the exposure. Both stay within `bounds`. Call it once
    for each frame that was looked at. Where a key lamp is not there, or a cheek is in the dark,
    nothing moves.
    """
    settled = dict(levels)
    if not {"key_left", "key_right"} <= settled.keys():
        return settled
    if min(light_picture_left, light_picture_right) < DARK_CHEEK:
        return settled
    imbalance = math.log(light_picture_left / light_picture_right)
    if abs(imbalance) < DEAD_BAND:
        return settled
    left, right = settled["key_left"], settled["key_right"]
    low, high = bounds
    if left + right <= 0 or not (low <= left <= high and low <= right <= high):
        return settled
    # With no other light the cheeks' logarithmic ratio changes by 1/left + 1/right for each unit
    # that moves from one lamp to the other; more light from elsewhere only makes it slower.
    shift = gain * imbalance * left * right / (left + right)
    shift = max(-LARGEST_STEP, min(LARGEST_STEP, shift))
    shift = max(shift, left - high, low - right)
    shift = min(shift, left - low, high - right)
    settled["key_left"], settled["key_right"] = left - shift, right + shift
    return settled

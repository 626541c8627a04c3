"""The control law's peer: one that only adds up its error, a small step a frame, as is usual.

It moves light from one key lamp to the other, knows nothing of what a lamp does, and of no lag.
"""

import math
from collections.abc import Mapping

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

LOW, HIGH = 0.02, 1.0
"""Between which levels the key lamps stay."""


def balance_key_lamps(levels: Mapping[str, float], left: float, right: float) -> dict[str, float]:
    """All lamps' levels after one step towards cheeks lit alike.

    `left` and `right` are the mean linear light, 0 to 1, of the cheeks on the picture's sides. Only
    `key_left` and `key_right` move, by the same amount in opposite directions.
    """
    settled = dict(levels)
    if min(left, right) < DARK_CHEEK:
        return settled
    imbalance = math.log(left / right)
    if abs(imbalance) < DEAD_BAND:
        return settled
    one, other = settled["key_left"], settled["key_right"]
    if not (LOW <= one <= HIGH and LOW <= other <= HIGH):
        return settled
    shift = GAIN * imbalance * one * other / (one + other)
    shift = max(-LARGEST_STEP, min(LARGEST_STEP, shift))
    shift = max(shift, one - HIGH, LOW - other)
    shift = min(shift, one - LOW, HIGH - other)
    settled["key_left"], settled["key_right"] = one - shift, other + shift
    return settled

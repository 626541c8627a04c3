"""Clouds that pass before a window: how bright it is, as a function of time alone."""

import math
from functools import lru_cache

import numpy as np

DARKEST = 0.45
"""Share of a window's light that is left behind a cloud."""

PERIODS = (13.0, 29.0, 47.0)
"""Seconds after which clouds come again, were each kind alone."""

EDGE = 0.8
"""How far the waves that clouds are made of rise from clear sky to cloud: less is a harder edge.
So a window loses half its light, or has it back, within one to three seconds."""


def window_share(at: float, seed: int) -> float:
    """Share of a window's light that clouds leave at a time in seconds, DARKEST to 1.

    Clouds follow from the seed, another one for another day; with 0 the sky is clear.
    """
    if seed == 0:
        return 1.0
    wave = sum(
        math.sin(2 * math.pi * at / period + phase)
        for period, phase in zip(PERIODS, _phases(seed), strict=True)
    )
    cover = min(max(wave / EDGE + 0.5, 0.0), 1.0)
    return 1.0 - (1.0 - DARKEST) * cover * cover * (3 - 2 * cover)


@lru_cache(maxsize=8)
def _phases(seed: int) -> tuple[float, ...]:
    drawn = np.random.default_rng((seed, 11)).uniform(0, 2 * math.pi, len(PERIODS))
    return tuple(map(float, drawn))

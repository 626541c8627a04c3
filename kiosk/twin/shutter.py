"""The rolling shutter: when each row is exposed, and how it then sees light that flickers."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from kiosk.twin.wires import Lighting

Rows = NDArray[np.float64]
"""A value for each row of a picture, from the top."""

RowLevels = Mapping[str, float | Rows]
"""Each lamp's level; one for each row of the picture where it flickers."""

READOUT = 1 / 60
"""Seconds that the shutter takes from the first row to the last."""

MAINS_FLICKER = 100.0
"""How often a second light that hangs on the mains' 50 Hz brightens, Hz."""

LEAST_BANDING = 0.002
"""Share of a lamp's level below which its bands drown in 8 bits."""


def row_starts(taken: float, height: int) -> Rows:
    """When each of `height` rows begins to be exposed, the first at `taken`; in seconds."""
    return taken + READOUT * np.arange(height) / height


def banded_levels(lighting: Lighting, starts: Rows, exposure: float) -> RowLevels:
    """Each lamp's level, as rows see it that are exposed from `starts` on for `exposure` seconds.

    It is one number where no row differs from it by a share of LEAST_BANDING.
    """
    rippled = ripple_level(lighting.ripple, starts, exposure)

    def seen(lamp: str) -> float | Rows:
        driven = pwm_level(lighting.driven[lamp], lighting.frequencies[lamp], starts, exposure)
        ambient = lighting.ambient[lamp]
        return driven + ambient * rippled if ambient else driven

    return {lamp: seen(lamp) for lamp in lighting.driven}


def pwm_level(level: float, frequency: float, starts: Rows, exposure: float) -> float | Rows:
    """The level at which rows see a lamp that PWM switches on and off.

    The lamp is on for the first `level` (0 to 1) of each period of 1/`frequency` seconds; 0 Hz is
    steady. Other arguments as for `banded_levels`.
    """
    if frequency <= 0 or level in (0.0, 1.0):
        return level

    def lit(until: Rows) -> Rows:
        periods, part = np.divmod(until * frequency, 1.0)
        return (periods * level + np.minimum(part, level)) / frequency

    return _steady_or_banded(level, (lit(starts + exposure) - lit(starts)) / exposure)


def ripple_level(depth: float, starts: Rows, exposure: float) -> float | Rows:
    """How bright rows see a light that swells with the mains, as a sine, its mean being 1.

    `depth` is (highest - lowest) / (highest + lowest), from 0 to 1: what IEEE 1789 calls percent
    flicker. Other arguments as for `banded_levels`.
    """
    if depth <= 0:
        return 1.0
    turning = 2 * np.pi * MAINS_FLICKER
    swell = np.cos(turning * starts) - np.cos(turning * (starts + exposure))
    return _steady_or_banded(1.0, 1 + depth * swell / (turning * exposure))


def _steady_or_banded(level: float, rows: Rows) -> float | Rows:
    return rows if np.abs(rows - level).max() > LEAST_BANDING * level else level

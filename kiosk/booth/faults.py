"""Which faults the booth feels now. To add one: its name in kiosk/visit/stages.py, a line here."""

from collections.abc import Mapping

import numpy as np

from kiosk.booth.parts import Parts
from kiosk.camera.frame import Picture
from kiosk.pipeline.light import to_linear
from kiosk.visit import FaultName

LEAST_LIGHT = 0.002
"""Linear light of the empty booth's brightest channel below which its colour cannot be told: half
of an 8-bit code."""

BLUE_OVER_RED, GREEN_OVER_RED, BLUE_OVER_GREEN = (1.2, 6.0), (0.3, 5.0), (-0.3, 3.0)
"""Bounds of a light blue backdrop's light, as base-2 logarithms of ratios. sRGB (100, 197, 255) has
3.0, 2.1 and 0.8: there is room for any white that lamps have, and no exchange of two channels, grey
or missing channel falls within."""


def feel_faults(parts: Parts) -> Mapping[FaultName, bool]:
    """What can be told at each picture of the screen: whether each of these faults is there."""
    return {
        "camera": parts.camera.fault is not None,
        "lamps": not parts.lamps.available,
        "reader": not parts.reader.available,
    }


def look_for_faults(parts: Parts) -> Mapping[FaultName, bool]:
    """What fails silently and takes a moment to tell. For the worker: a disk may hold it up."""
    return {
        "clock": not parts.registrar.has_right_clock(),
        "disk": not parts.registrar.can_keep_photos(),
    }


def shows_wrong_colours(empty: Picture) -> bool | None:
    """Whether a picture of the empty booth shows its light blue backdrop in another colour.

    A driver that exchanges channels, or gives none, does. None in the dark.
    """
    upper = to_linear(np.ascontiguousarray(empty[: max(len(empty) // 4, 1) : 4, ::4]))
    light = upper.reshape(-1, 3).mean(0)
    if light.max() < LEAST_LIGHT:
        return None
    red, green, blue = np.log2(np.maximum(light, 1e-6)).tolist()
    ratios = (
        (blue - red, BLUE_OVER_RED),
        (green - red, GREEN_OVER_RED),
        (blue - green, BLUE_OVER_GREEN),
    )
    return not all(least <= ratio <= most for ratio, (least, most) in ratios)

"""The clean plate: the empty booth as the camera sees it, one picture of light a lamp.

Light adds up, so the plate under any levels follows from one picture of each lamp alone and one of
what light there is without them; the lamps may be set anew for each student.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import Linear, to_linear

_Half = NDArray[np.float16]
"""Linear light in half the memory: 11 bits of precision, where the camera has 8."""


@dataclass(frozen=True, slots=True)
class Plate:
    """The empty booth's light, at the controls under which it was taken."""

    dark: _Half
    """Height × width × 3: with all lamps out."""
    lamps: Mapping[str, _Half]
    """What each lamp adds at full level."""
    taken: float
    """When, in seconds of the booth's clock."""

    def at(self, levels: Mapping[str, float]) -> Linear:
        """The empty booth under lamps at levels, 0 to 1; a lamp it does not know is dark."""
        light = self.dark.astype(np.float32)
        for name, level in levels.items():
            if level > 0 and name in self.lamps:
                light += np.float32(level) * self.lamps[name]
        return light


def make_plate(
    dark: list[Picture], lit: Mapping[str, tuple[float, list[Picture]]], taken: float
) -> Plate:
    """Make a plate of pictures with no lamp, and with each lamp alone at the level beside them."""
    without = mean_light(dark)
    lamps = {
        name: ((mean_light(pictures) - without) / level).astype(np.float16)
        for name, (level, pictures) in lit.items()
    }
    return Plate(without.astype(np.float16), lamps, taken)


def mean_light(pictures: list[Picture]) -> Linear:
    """Average pictures in linear light."""
    total = np.zeros(pictures[0].shape, np.float32)
    for picture in pictures:
        total += to_linear(picture)
    return np.asarray(total / len(pictures), np.float32)

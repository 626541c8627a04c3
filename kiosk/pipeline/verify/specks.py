"""Specks in a finished photo: bits that float off the person, and pin-holes in them."""

from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.camera.frame import Picture
from kiosk.pipeline.mask import Mask
from kiosk.pipeline.specification import Codes
from kiosk.pipeline.verify.silhouette import measure_off

PERSON_OFF = 40
"""Codes off the background, of the worst channel, above which a pixel is seen as the person: at
arm's length less is not seen on a single pixel."""

SPECK_SHARE = 20 / (480 * 640)
"""Share of a photo's pixels up to which a bit is a speck: 20 of 480 × 640. Larger ones are gaps
between an arm and the body, or locks, or faults that `background` tells."""


@dataclass(frozen=True, slots=True)
class Speck:
    """One bit: its middle, in whole pixels, and its area in pixels."""

    x: int
    y: int
    area: int


@dataclass(frozen=True, slots=True)
class Specks:
    """All specks of a photo, from above to below."""

    islands: tuple[Speck, ...]
    """Bits of something else that lie on the background by themselves."""
    holes: tuple[Speck, ...]
    """Bits of the background's colour within the person."""

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.islands) + len(self.holes)


def find_specks(picture: Picture, colour: Codes) -> Specks:
    """Find the specks of a photo (H × W × 3 sRGB, uint8) on a background's `colour`.

    Pixels that touch at a corner belong to one island, and part two holes.
    """
    person = measure_off(picture, colour) > PERSON_OFF
    largest = max(round(SPECK_SHARE * person.size), 1)
    return Specks(_small_parts(person, 8, largest), _small_parts(~person, 4, largest))


def _small_parts(mask: Mask, connectivity: int, largest: int) -> tuple[Speck, ...]:
    _, _, stats, middles = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=connectivity
    )
    areas = stats[:, cv2.CC_STAT_AREA]
    # The first is what lies outside the mask.
    small = 1 + np.flatnonzero(areas[1:] <= largest)
    return tuple(
        Speck(round(middles[n][0]), round(middles[n][1]), int(areas[n])) for n in small.tolist()
    )

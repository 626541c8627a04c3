"""Specks in a finished photo: bits that float off the person, and pin-holes in them."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.mask import Mask
from kiosk.pipeline.specification import Codes
from kiosk.pipeline.verify.silhouette import CodesOff, measure_off

PERSON_OFF = 40
"""Codes off the background, of the worst channel, above which a pixel is seen as the person: at
arm's length less is not seen on a single pixel."""

SPECK_SHARE = 20 / (480 * 640)
"""Share of a photo's pixels up to which a bit is a speck: 20 of 480 × 640. Larger ones are gaps
between an arm and the body, or locks, or faults that `background` tells."""

DISTINCT_BY = 40
"""Codes by which a distinct speck stands off whatever links it to what is larger: a strand that
fades and comes again, or a gap in curls, is linked by less."""

BARE_OFF = 24
"""Codes off the background up to which it lies bare in a hole. In curls the gaps are dimmer."""

LEAST_CHROMA = 30
"""Codes between a background's channels from which it is coloured. Eyes' glints, teeth and white
clothes are of the others' colours: on these no pin-hole can be told."""

LINK_REACH = 12
"""Pixels around a speck within which its link is looked for."""


@dataclass(frozen=True, slots=True)
class Speck:
    """One bit: its most differing pixel, and its area in pixels."""

    x: int
    y: int
    area: int
    distinct: bool
    """Whether it is no strand's end and no gap in curls: nothing links it to what is larger."""


@dataclass(frozen=True, slots=True)
class Specks:
    """All specks of a photo, from above to below."""

    islands: tuple[Speck, ...]
    """Bits of something else that lie on the background by themselves."""
    holes: tuple[Speck, ...]
    """Bits of the background's colour within the person."""

    @property
    def count(self) -> int:
        """How many there are, distinct or not."""
        return len(self.islands) + len(self.holes)

    @property
    def distinct(self) -> tuple[Speck, ...]:
        """Those that no true photo has."""
        return tuple(speck for speck in self.islands + self.holes if speck.distinct)


def find_specks(picture: Picture, colour: Codes) -> Specks:
    """Find the specks of a photo (H × W × 3 sRGB, uint8) on a background's `colour`.

    Pixels that touch at a corner belong to one island, and part two holes. On a background that is
    white or grey there are no holes.
    """
    off = measure_off(picture, colour)
    person = off > PERSON_OFF
    largest = max(round(SPECK_SHARE * person.size), 1)
    islands = tuple(_small_parts(person, off, 8, largest, PERSON_OFF))
    if max(colour) - min(colour) < LEAST_CHROMA:
        return Specks(islands, ())
    near = np.asarray(~off, np.uint8)
    return Specks(islands, tuple(_small_parts(~person, near, 4, largest, 255 - BARE_OFF)))


def _small_parts(
    mask: Mask, height: CodesOff, connectivity: int, largest: int, least: int
) -> Iterator[Speck]:
    """The parts of a mask up to an area; `height` is greater within it than around it.

    Distinct ones reach the height `least`.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=connectivity
    )
    # The first is what lies outside the mask.
    for number in (1 + np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] <= largest)).tolist():
        left, top, wide, high, area = stats[number].tolist()
        own = labels[top : top + high, left : left + wide] == number
        inside = height[top : top + high, left : left + wide] * own
        y, x = divmod(int(inside.argmax()), wide)
        x, y = left + x, top + y
        seen = int(height[y, x]) >= least
        alone = seen and _stands_alone(height, (x, y), connectivity, 2 * largest)
        yield Speck(x, y, area, alone)


def _stands_alone(
    height: NDArray[np.uint8], peak: tuple[int, int], connectivity: int, most: int
) -> bool:
    """Whether what is linked to a peak, down to DISTINCT_BY codes below it, stays near it and has
    no more than `most` pixels.
    """
    x, y = peak
    reach = LINK_REACH + most // 4
    left, top = max(x - reach, 0), max(y - reach, 0)
    near = height[top : y + reach + 1, left : x + reach + 1]
    seen = np.zeros((near.shape[0] + 2, near.shape[1] + 2), np.uint8)
    how = connectivity | cv2.FLOODFILL_FIXED_RANGE | cv2.FLOODFILL_MASK_ONLY
    area, _, _, (first, above, wide, high) = cv2.floodFill(
        near.copy(), seen, (x - left, y - top), 1, DISTINCT_BY, 255, how
    )
    farthest = max(x - left - first, first + wide - (x - left), y - top - above)
    return area <= most and max(farthest, above + high - (y - top)) < reach

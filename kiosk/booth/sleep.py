"""When the booth sleeps, its lamps dark, and what wakes it: whatever moves before the camera."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Frame, Picture

SLEEP_AFTER = 60.0
"""Seconds for which the lamps are worth their light after somebody has walked by."""

CELLS = (24, 32)
"""Width × height of the picture that is compared: each cell is the mean of some 400 pixels, so that
noise stays below one 8-bit code (0.7 at most, measured on the twin)."""

STIRRED = 1.5
"""8-bit codes by which a cell differs at least where something has moved."""

LEAST_STIRRED = 16
"""Cells in which something has moved, of 768: a head 2 m away has some 40, an insect one."""

FADING = 0.3
"""Share of the newest picture in what is remembered."""

SETTLING = 1.0
"""Seconds after the lamps have changed for which pictures may still show what was before."""


@dataclass
class Sleep:
    """Whether anything stirs. Times are monotonic seconds."""

    after: float = SLEEP_AFTER
    """Seconds without anything that stirs after which it sleeps."""
    asleep: bool = False
    _stirred_at: float | None = None
    """When something stirred last; None before the first look at the clock."""
    _lit: Mapping[str, float] = field(default_factory=dict)
    """The lamps' levels when a frame was seen last."""
    _settled_at: float = 0.0
    """From when on pictures can be compared."""
    _before: NDArray[np.float32] | None = None
    """What was seen before: 768 cells, of which nobody can be told."""

    def stir(self, at: float) -> None:
        """Somebody does something."""
        self._stirred_at = at

    def see(self, frame: Frame, levels: Mapping[str, float], at: float) -> None:
        """See whether something has moved since the frames before, under lamps at these levels."""
        if levels != self._lit:
            self._lit, self._settled_at, self._before = levels, at + SETTLING, None
        if at < self._settled_at:
            return
        seen = _in_cells(frame.preview)
        if self._before is None:
            self._before = seen
        elif _has_stirred(self._before, seen):
            self._stirred_at = at
        self._before += FADING * (seen - self._before)

    def forget(self) -> None:
        """Forget what was seen."""
        self._before = None

    def changes(self, at: float) -> bool:
        """Whether the booth falls asleep or wakes now."""
        if self._stirred_at is None:
            self._stirred_at = at
        asleep = at - self._stirred_at >= self.after
        changed, self.asleep = asleep is not self.asleep, asleep
        return changed


def _in_cells(picture: Picture) -> NDArray[np.float32]:
    """The picture's mean in each of CELLS."""
    return np.asarray(cv2.resize(picture, CELLS, interpolation=cv2.INTER_AREA).mean(2), np.float32)


def _has_stirred(before: NDArray[np.float32], seen: NDArray[np.float32]) -> bool:
    """Whether more has changed than the light of all."""
    light = np.median(seen / np.maximum(before, 1))  # a cloud is not somebody
    return int(np.count_nonzero(np.abs(seen - light * before) > STIRRED)) >= LEAST_STIRRED

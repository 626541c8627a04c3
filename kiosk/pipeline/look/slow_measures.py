"""Measures too slow for every frame of a stream: they take turns, one a frame."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from kiosk.camera.frame import Picture
from kiosk.pipeline.look.face import Mesh
from kiosk.pipeline.observation import Face

STALE = 1.0
"""Seconds for which a finding stands in for the frames on which it was not its measure's turn."""

REST = 0.5
"""Seconds for which a measure rests once it has looked: most frames are left to the mesh alone, and
followed as fast as that is found."""

SLOWEST = 6.0
"""The same, at most, where frames come so seldom that all measures need longer to look once."""

Finding = TypeVar("Finding")


@dataclass(frozen=True, slots=True)
class FrameView:
    """A frame with a face, as the measures look at it. Coordinates are in px of `picture`."""

    picture: Picture
    """The frame, made small for looking."""
    scale: float
    """Its size, as a share of the frame's."""
    mesh: Mesh
    face: Face


class SlowMeasure(Generic[Finding]):
    """One measure with its last finding, and the time of that."""

    def __init__(self, measure: Callable[[FrameView], Finding | None]) -> None:
        self._measure = measure
        self.last: Finding | None = None
        """What was found last, however long ago; None where it could not look."""
        self.measured_at = -math.inf
        """When the frame was taken in which it was found, s."""

    def look(self, view: FrameView, at: float) -> None:
        """Measure a frame that was taken at `at` s, and keep what is found."""
        self.last, self.measured_at = self._measure(view), at

    def is_stale(self, at: float, after: float = STALE) -> bool:
        """Whether its last finding says nothing of a frame taken at `at` s.

        `after` is for how many seconds a finding stands.
        """
        return at - self.measured_at > after

    def finding(self, at: float, after: float = STALE) -> Finding | None:
        """What it says of a frame taken at `at` s."""
        return None if self.is_stale(at, after) else self.last


def choose_due(measures: Sequence[SlowMeasure[Any]], at: float) -> SlowMeasure[Any] | None:
    """The measure that looks at the frame taken at `at` s: whichever has not looked for longest, of
    those that have rested. None while all rest.
    """
    longest = min(measures, key=lambda measure: measure.measured_at)
    return longest if at - longest.measured_at >= REST else None


def stands_for(measures: Sequence[SlowMeasure[Any]], interval: float) -> float:
    """Seconds for which a finding stands where a frame comes every `interval` s.

    Each measure must come round once before the first is stale, or nothing is ever complete.
    """
    return min(max(STALE, (len(measures) + 1) * interval), SLOWEST)

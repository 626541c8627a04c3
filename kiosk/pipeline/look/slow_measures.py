"""Measures too slow for every frame of a stream: one of them looks at each frame, in turn."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from kiosk.camera.frame import Picture
from kiosk.pipeline.look.face import Mesh
from kiosk.pipeline.observation import Face

STALE = 1.0
"""Seconds for which a finding stands in for the frames on which it was not its measure's turn."""

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
        self._measured_at = -math.inf

    def look(self, view: FrameView, at: float) -> None:
        """Measure a frame that was taken at `at` s, and keep what is found."""
        self.last, self._measured_at = self._measure(view), at

    def is_stale(self, at: float, after: float = STALE) -> bool:
        """Whether its last finding says nothing of a frame taken at `at` s.

        `after` is for how many seconds a finding stands.
        """
        return at - self._measured_at > after

    def finding(self, at: float, after: float = STALE) -> Finding | None:
        """What it says of a frame taken at `at` s."""
        return None if self.is_stale(at, after) else self.last


def choose_due(
    turns: Sequence[SlowMeasure[Any]], turn: int, at: float, after: float = STALE
) -> SlowMeasure[Any]:
    """The measure that looks at the frame taken at `at` s: one that is stale, else the next.

    `turns` is the order in which they take turns, over and over; `turn` counts the frames.
    """
    stale = (measure for measure in turns if measure.is_stale(at, after))
    return next(stale, turns[turn % len(turns)])


def stands_for(turns: Sequence[SlowMeasure[Any]], interval: float) -> float:
    """Seconds for which a finding stands where a frame comes every `interval` s.

    Each measure must come round once before the first is stale, or nothing is ever complete.
    """
    return min(max(STALE, (len(turns) + 1) * interval), SLOWEST)

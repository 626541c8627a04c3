"""Which levels the lamps had when: a frame was taken under those of its time, less the lag."""

from bisect import bisect_right
from collections import deque
from types import MappingProxyType

from kiosk.lighting.response import Levels

KEPT = 3.0
"""Seconds that are remembered: longer than any frame waits to be looked at."""

_NONE: Levels = MappingProxyType({})


class LevelHistory:
    """The levels as they changed, for the last KEPT seconds. Times are monotonic seconds."""

    def __init__(self, lag: float = 0.0) -> None:
        """`lag` is how many seconds a change of the levels is older than the `Frame.time` of the
        first frame that shows it, as calibrated."""
        self.lag = lag
        self._changes: deque[tuple[float, Levels]] = deque()

    def note(self, at: float, levels: Levels) -> None:
        """Take down that the lamps have these levels from a time on, or from the last change's."""
        if self._changes and levels == self._changes[-1][1]:
            return
        at = max(at, self._changes[-1][0]) if self._changes else at
        self._changes.append((at, MappingProxyType(dict(levels))))
        # The last change before what is kept tells the levels at its beginning.
        while len(self._changes) > 1 and self._changes[1][0] <= at - KEPT - self.lag:
            self._changes.popleft()

    def levels_at(self, time: float) -> Levels:
        """The levels that a frame of that `Frame.time` was taken under; before the first that is
        remembered the lamps had that. Empty where nothing was noted."""
        if not self._changes:
            return _NONE
        after = bisect_right(self._changes, time - self.lag, key=lambda change: change[0])
        return self._changes[max(after - 1, 0)][1]

    @property
    def changes(self) -> tuple[tuple[float, Levels], ...]:
        """Each time from which on the levels were others, and these, oldest first."""
        return tuple(self._changes)

"""Flashes: how many there were in a second, and what keeps lamps from making more. Pure.

A flash is a pair of opposing changes of light, each of a tenth or more of the most there is; no
more than three may come in any second (WCAG 2.2, success criterion 2.3.1 and "general flash").
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

CONTRAST = 0.1
"""Share of the most light by which it must change to count (WCAG 2.2: 10 % of the maximum relative
luminance). WCAG spares what stays above 0.8 of it; here that counts, too."""

MOST_FLASHES = 3
"""Flashes in any second that are still no danger."""

WINDOW = 1.0
"""Seconds."""


@dataclass
class Swings:
    """The opposing changes of one light, as it goes up and down.

    A change counts as soon as the light is CONTRAST away from where it last turned.
    """

    times: deque[float] = field(default_factory=deque)
    """When each change within the last WINDOW counted, s."""
    _lowest: float | None = None
    _highest: float | None = None
    """Since the last change that counted: where the light turned last, as far as it was away."""
    _way: int = 0
    """Of the last change: 1 up, -1 down, 0 before the first."""

    def follow(self, at: float, light: float) -> None:
        """Take in the light, 0 to 1, at a time in monotonic seconds."""
        if self._lowest is None or self._highest is None:
            self._lowest = self._highest = light
        self._lowest, self._highest = min(self._lowest, light), max(self._highest, light)
        if self._way <= 0 and light - self._lowest >= CONTRAST - _NOTHING:
            self._count(at, 1, light)
        elif self._way >= 0 and self._highest - light >= CONTRAST - _NOTHING:
            self._count(at, -1, light)
        self.forget(at)

    def forget(self, at: float) -> None:
        """Drop what is older than WINDOW."""
        while self.times and self.times[0] <= at - WINDOW + _NOTHING:
            self.times.popleft()

    def bound(self, at: float, light: float) -> float:
        """The light nearest to what is wanted that makes no flash too many."""
        self.forget(at)
        if len(self.times) < 2 * MOST_FLASHES or self._lowest is None or self._highest is None:
            return light
        if self._way > 0:
            return max(light, self._highest - _UNCOUNTED)
        return min(light, self._lowest + _UNCOUNTED)

    def _count(self, at: float, way: int, light: float) -> None:
        self.times.append(at)
        self._way, self._lowest, self._highest = way, light, light


_NOTHING = 1e-9
_UNCOUNTED = 0.99 * CONTRAST


def count_flashes(history: Iterable[tuple[float, float]]) -> int:
    """The most flashes that came in any second of a history of (time, light), oldest first.

    Times are seconds; light is a share of the most there is. Half a flash, a change that nothing
    has answered yet, does not count.
    """
    swings, most = Swings(), 0
    for at, light in history:
        swings.follow(at, light)
        most = max(most, len(swings.times))
    return most // 2


class FlashGuard:
    """Holds lamps back from a fourth flash in a second: of each by itself, and of all together.

    All together are taken as the mean of their levels, so that lamps that flash in turns are seen.
    """

    def __init__(self) -> None:
        self._each: dict[str, Swings] = {}
        self._together = Swings()

    def bound(
        self, at: float, given: Mapping[str, float], wanted: Mapping[str, float]
    ) -> dict[str, float]:
        """What is wanted, or as much of the way there as makes no flash too many.

        `given` are the levels that the lamps have, all of those that are wanted.
        """
        held = {
            name: self._each[name].bound(at, level) if name in self._each else level
            for name, level in wanted.items()
        }
        now, then = _mean({name: given[name] for name in held}), _mean(held)
        allowed = self._together.bound(at, then)
        if allowed == then:
            return held
        share = min(max((allowed - now) / (then - now), 0.0), 1.0)
        return {name: given[name] + share * (held[name] - given[name]) for name in held}

    def follow(self, at: float, given: Mapping[str, float]) -> None:
        """Take in the levels that the lamps have from a time on."""
        for name, level in given.items():
            self._each.setdefault(name, Swings()).follow(at, level)
        self._together.follow(at, _mean(given))


def _mean(levels: Mapping[str, float]) -> float:
    return sum(levels.values()) / len(levels) if levels else 0.0

"""A lamp's response curve: which share of its light it gives at which duty cycle."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Self


@dataclass(frozen=True, slots=True)
class Curve:
    """Points of duty cycle and light, both 0 to 1, that rise together; straight lines between."""

    points: tuple[tuple[float, float], ...] = ((0.0, 0.0), (1.0, 1.0))
    """From (0, 0) to (1, 1), by duty cycle."""

    @classmethod
    def through(cls, points: Iterable[tuple[float, float]]) -> Self:
        """The curve through points of (duty, light), and through (0, 0) and (1, 1).

        Raises ValueError where a value is outside 0 to 1, or light does not rise with the duty
        cycle: a curve that falls or stands still cannot be turned round.
        """
        between = sorted((float(duty), float(light)) for duty, light in points)
        for duty, light in between:
            if not (isfinite(duty) and isfinite(light) and 0 <= duty <= 1 and 0 <= light <= 1):
                raise ValueError(f"[{duty:g}, {light:g}]: duty cycle and light go from 0 to 1")
        inner = [point for point in between if point not in ((0.0, 0.0), (1.0, 1.0))]
        whole = ((0.0, 0.0), *inner, (1.0, 1.0))
        for (duty, light), (later, lighter) in pairwise(whole):
            if not (duty < later and light < lighter):
                raise ValueError(
                    f"light must rise with the duty cycle: [{later:g}, {lighter:g}] comes after"
                    f" [{duty:g}, {light:g}]"
                )
        return cls(whole)

    def duty_for(self, light: float) -> float:
        """The duty cycle that gives a share of the lamp's light, 0 to 1."""
        lights = [each for _, each in self.points]
        return _between(light, lights, [duty for duty, _ in self.points])

    def light_of(self, duty: float) -> float:
        """The share of its light that the lamp gives at a duty cycle, 0 to 1."""
        duties = [each for each, _ in self.points]
        return _between(duty, duties, [light for _, light in self.points])


LINEAR = Curve()
"""PWM switches a lamp at one current, so its light follows the duty cycle: drivers that smooth, or
switch slowly, bend that."""


def _between(value: float, known: list[float], wanted: list[float]) -> float:
    if value <= known[0]:
        return wanted[0]
    if value >= known[-1]:
        return wanted[-1]
    after = bisect_left(known, value)
    share = (value - known[after - 1]) / (known[after] - known[after - 1])
    return wanted[after - 1] + share * (wanted[after] - wanted[after - 1])

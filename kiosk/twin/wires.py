"""The simulated wires between the booth's process and the camera's: lamps, person, faults."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from multiprocessing import get_context

from kiosk.twin.sky import window_share


class Fault(IntEnum):
    """What is wrong with the simulated camera."""

    NONE = 0
    FROZEN = 1
    """Neither frames nor errors come, for as long as it lasts."""
    BLACK = 2
    GREEN = 3
    """Its buffers are never filled: zeros in YUV are green."""
    UNPLUGGED = 4
    DROPPING = 5
    """One frame in three gets lost: the frames' numbers go on, and some never come."""
    SWAPPED = 6
    """Its driver gives blue, green, red instead of red, green, blue."""
    GREY = 7
    """Its driver gives no colour."""


class Card(IntEnum):
    """What stands where a face would be, to calibrate the camera by."""

    NONE = 0
    GREY = 1
    """The 18 % grey card."""
    CHART = 2
    """The chart of 24 colours."""


@dataclass(frozen=True, slots=True)
class Posture:
    """How the person stands before the camera."""

    pose: str = "neutral"
    """One of the subject's poses."""
    dx: float = 0.0
    """How far off the place they were rendered in, to the picture's right, in its widths."""
    dy: float = 0.0
    """The same downwards, in the picture's heights."""
    scale: float = 1.0
    """How large they are: above 1 is nearer."""
    present: bool = True
    second: float = 0.0
    """How far a second person leans in from the picture's left: at 1 their whole face is there."""
    other_shirt: bool = False
    """Whether they have put on another shirt, plain and dark (kiosk.twin.mends)."""
    glasses_tilted: bool = False
    """Whether their glasses sit so that they mirror no lamp (kiosk.twin.mends)."""

    def but(self, **changes: str | float | bool) -> "Posture":
        """The same posture with these changes."""
        return replace(self, **changes)  # type: ignore[arg-type]


AWAY = Posture(present=False)
"""Nobody there."""


@dataclass(frozen=True, slots=True)
class Lighting:
    """What lights the booth at one moment; each lamp's name with its level, 0 to 1."""

    driven: Mapping[str, float]
    """What the lamps give of what the pins drive."""
    frequencies: Mapping[str, float]
    """How many times a second PWM switches each lamp on and off, Hz; 0 is steady."""
    ambient: Mapping[str, float]
    """The light that no pin drives, as levels of the lamps' pictures."""
    ripple: float
    """How deep the ambient light flickers on the mains: 0 not at all, 1 down to dark."""

    @property
    def levels(self) -> dict[str, float]:
        """All light there is, as levels of the lamps' pictures."""
        return {lamp: level + self.ambient[lamp] for lamp, level in self.driven.items()}


class Wires:
    """A block of shared memory that both processes hold, each number written by one side only.

    It reaches the camera process as an argument of that process, and no other way: it cannot be
    pickled outside of a process being spawned.
    """

    def __init__(
        self,
        lamps: Sequence[str],
        poses: Sequence[str],
        ambient: Mapping[str, float],
    ) -> None:
        """Connect dark lamps, an empty booth and a sound camera.

        `ambient` is the light that is there whatever the pins do, as levels of the lamps'
        pictures: `room` for daylight all around, some `key_left` for a window on the left.
        """
        self.lamps = tuple(lamps)
        self.poses = tuple(poses)
        self._levels = get_context("spawn").Array("d", len(lamps), lock=False)
        self._outputs = get_context("spawn").Array("d", [1.0] * len(lamps), lock=False)
        self._exponents = get_context("spawn").Array("d", [1.0] * len(lamps), lock=False)
        self._ambient = get_context("spawn").Array("d", len(lamps), lock=False)
        self._person = get_context("spawn").Array("d", 8, lock=False)
        self._frequencies = get_context("spawn").Array("d", len(lamps), lock=False)
        self._ripple = get_context("spawn").Array("d", 1, lock=False)
        self._given = get_context("spawn").Array("d", len(lamps), lock=False)
        self._rise = get_context("spawn").Array("d", 1, lock=False)
        self._clouds = get_context("spawn").Array("i", len(lamps), lock=False)
        self._time = get_context("spawn").Array("d", [math.nan], lock=False)
        self._fault = get_context("spawn").Array("i", 1, lock=False)
        self._card = get_context("spawn").Array("i", 1, lock=False)
        self.posture = AWAY
        self.ambient = ambient

    def set_level(self, lamp: str, level: float) -> None:
        """Drive a lamp, 0 to 1."""
        self._levels[self._index(lamp)] = level

    def set_frequency(self, lamp: str, frequency: float) -> None:
        """Set how many times a second a lamp's PWM switches it on and off, Hz; 0 is steady."""
        self._frequencies[self._index(lamp)] = frequency

    @property
    def levels(self) -> dict[str, float]:
        """What the pins drive, lamp by lamp."""
        return dict(zip(self.lamps, self._levels, strict=True))

    @property
    def outputs(self) -> dict[str, float]:
        """What share of its light each lamp still gives: 1 when it is new, 0 when it is dead."""
        return dict(zip(self.lamps, self._outputs, strict=True))

    def set_output(self, lamp: str, share: float) -> None:
        """Wear a lamp down to a share of its light, or mend it by 1; its pin knows nothing."""
        self._outputs[self._index(lamp)] = share

    @property
    def ambient(self) -> dict[str, float]:
        """The light that no pin drives, as levels of the lamps' pictures."""
        return dict(zip(self.lamps, self._ambient, strict=True))

    @ambient.setter
    def ambient(self, levels: Mapping[str, float]) -> None:
        places = {self._index(lamp): level for lamp, level in levels.items()}
        for place in range(len(self.lamps)):
            self._ambient[place] = places.get(place, 0.0)

    @property
    def ripple(self) -> float:
        """How deep the ambient light flickers on the mains: 0 not at all, 1 down to dark."""
        return float(self._ripple[0])

    @ripple.setter
    def ripple(self, depth: float) -> None:
        if not 0 <= depth <= 1:
            raise ValueError(f"light cannot flicker {depth} deep: give 0 (steady) to 1")
        self._ripple[0] = depth

    def set_exponent(self, lamp: str, exponent: float) -> None:
        """Let a lamp give its duty cycle to this power of its light; 1 is a straight driver."""
        if exponent <= 0:
            raise ValueError(f"a lamp's exponent is above 0, and not {exponent}")
        self._exponents[self._index(lamp)] = exponent

    @property
    def _shone(self) -> list[float]:
        """What new lamps give in the end of what pins drive now."""
        return [x**power for x, power in zip(self._levels, self._exponents, strict=True)]

    @property
    def rise(self) -> float:
        """Seconds in which the lamps' drivers go 63 % of the way to what pins drive (first order);
        0 at once."""
        return float(self._rise[0])

    @rise.setter
    def rise(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError(f"drivers cannot rise in {seconds} s: give 0 (at once) or more")
        self._rise[0] = seconds

    def set_screen(self, level: float) -> None:
        """Let the booth's screen shine, 0 dark to 1 all white.

        Only a rigged booth has pictures of it.
        """
        self._ambient[self._index("screen")] = level

    def set_clouds(self, lamp: str, seed: int) -> None:
        """Let clouds pass before the part of the ambient light that is as `lamp`'s; 0 is none."""
        self._clouds[self._index(lamp)] = seed

    def pass_time(self, at: float) -> None:
        """Let drivers and clouds come to a time, in seconds on the camera's clock.

        The side that exposes calls it before each frame. Where lamps fade meanwhile, whoever
        advances a virtual clock calls it at each step too.
        """
        since, rise = at - self._time[0], self.rise
        self._time[0] = at
        there = rise == 0 or math.isnan(since)
        share = 1.0 if there else -math.expm1(-max(since, 0.0) / rise)
        for place, level in enumerate(self._shone):
            self._given[place] += share * (level - self._given[place])

    @property
    def lighting(self) -> Lighting:
        """All that lights the booth now: what drivers give by the last time told, if they rise."""
        frequencies = dict(zip(self.lamps, self._frequencies, strict=True))
        given = dict(zip(self.lamps, self._given if self.rise else self._shone, strict=True))
        worn = {lamp: level * self.outputs[lamp] for lamp, level in given.items()}
        at = 0.0 if math.isnan(self._time[0]) else self._time[0]
        skies = zip(self.ambient.items(), self._clouds, strict=True)
        ambient = {lamp: level * window_share(at, seed) for (lamp, level), seed in skies}
        return Lighting(worn, frequencies, ambient, self.ripple)

    @property
    def posture(self) -> Posture:
        """How the person stands."""
        pose, dx, dy, scale, present, second, shirt, tilted = self._person
        return Posture(
            self.poses[int(pose)], dx, dy, scale, bool(present), second, bool(shirt), bool(tilted)
        )

    @posture.setter
    def posture(self, posture: Posture) -> None:
        if posture.pose not in self.poses:
            raise ValueError(f"no pose {posture.pose}: there are {', '.join(self.poses)}")
        pose = self.poses.index(posture.pose)
        self._person[:] = [
            pose, posture.dx, posture.dy, posture.scale, posture.present, posture.second,
            posture.other_shirt, posture.glasses_tilted,
        ]  # fmt: skip

    @property
    def card(self) -> Card:
        """What stands where a face would be."""
        return Card(self._card[0])

    @card.setter
    def card(self, held: Card) -> None:
        self._card[0] = held

    @property
    def fault(self) -> Fault:
        """What is wrong with the camera."""
        return Fault(self._fault[0])

    @fault.setter
    def fault(self, fault: Fault) -> None:
        self._fault[0] = fault

    def _index(self, lamp: str) -> int:
        if lamp not in self.lamps:
            raise ValueError(f"no lamp {lamp}: there are {', '.join(self.lamps)}")
        return self.lamps.index(lamp)

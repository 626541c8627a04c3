"""The booth's lamps by name: where each goes, what it has now, and what it had when.

Levels fade, never jump, and never flash (`kiosk.lighting.flicker`); a limit holds for each lamp.
"""

import math
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from gpiozero.pins import Factory

from kiosk.board.drivers import DRIVERS, DriverSettings
from kiosk.lighting.channels import Channels
from kiosk.lighting.curve import LINEAR, Curve
from kiosk.lighting.flicker import FlashGuard
from kiosk.lighting.history import LevelHistory

FADE = 6.0
"""Most that a level changes in a second, of full scale: dark to full in a sixth of one. The lamp
with the longest way goes so fast, and the others in step with it."""

TICK = 1 / 60
"""Seconds between two steps of a fade. A lamp at rest takes its first step, a tenth of full scale,
as it is set: so a dither of some per cent passes at once."""

NONE: Mapping[str, float] = {}


class LampSettings(DriverSettings, Protocol):
    """The configuration's section about the lamps."""

    @property
    def pins(self) -> Mapping[str, int]:
        """Each lamp's pin: its BCM number, or its channel on the chip."""
        ...

    @property
    def frequency(self) -> int:
        """The PWM's, in Hz."""
        ...

    @property
    def frequencies(self) -> Mapping[str, int]:
        """That of lamps with another, in Hz."""
        ...

    @property
    def limits(self) -> Mapping[str, float]:
        """The most that a lamp is driven to, where it is not 1."""
        ...

    @property
    def curves(self) -> Mapping[str, Curve]:
        """The response of each lamp whose light does not follow its duty cycle."""
        ...

    @property
    def thermometer(self) -> Path | None:
        """The kernel's file with their temperature; None where there is no sensor."""
        ...

    @property
    def hot(self) -> float:
        """°C above which their limits sink."""
        ...


class Lamps:
    """Lamps by name, with levels from 0 (dark) to 1 (full), linear in light. For any thread.

    A lamp whose pin cannot be claimed, or does not answer any more, is not there: staff are warned
    of it by name, the others go on, and levels meant for it are dropped, until `look_again` finds
    it.
    """

    def __init__(
        self,
        pins: Mapping[str, int],
        frequency: int,
        pin_factory: Factory | None = None,
        *,
        frequencies: Mapping[str, int] | None = None,
        limits: Mapping[str, float] = NONE,
        curves: Mapping[str, Curve] | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        """Claim the pins, all dark.

        `pins` maps each lamp's name to its pin's number; `frequency` is the PWM's, in Hz, but for
        lamps that `frequencies` names; `pin_factory` is gpiozero's, None for the one gpiozero finds
        on this machine. `limits` are the most that lamps are driven to, `curves` their responses.
        Raises ValueError for a limit outside 0 to 1.

        With a `clock`, in monotonic seconds, levels fade, and whoever lets its time pass calls
        `pass_time` (on a machine `kiosk.lighting.fader`). Without one they are set at once.
        """
        for name, limit in limits.items():
            if not 0 <= limit <= 1:
                raise ValueError(f"lamp {name} has a limit of {limit}: limits go from 0 to 1")
        self._pins = pins
        wanted = {name: (frequencies or {}).get(name, frequency) for name in pins}
        self._channels = Channels(pins, wanted, pin_factory)
        self._limits, self._share = {name: limits.get(name, 1.0) for name in pins}, 1.0
        self._held_back = ""
        self._curves = dict(curves or {})
        self._clock = clock
        self._lock = threading.RLock()
        self.moving = threading.Event()
        """Set while a level is still on its way."""
        self._asked = dict.fromkeys(self._channels.there, 0.0)
        """What was set, before limits."""
        self._given = self._asked.copy()
        self._passed: float | None = None
        """Up to when time has passed."""
        self._stepped = -math.inf
        """When levels moved last."""
        self._history, self._guard = LevelHistory(), FlashGuard()
        self._note()

    @classmethod
    def open(
        cls,
        settings: LampSettings,
        simulated: Factory | None = None,
        clock: Callable[[], float] | None = None,
        *,
        curves: Mapping[str, Curve] | None = None,
    ) -> Self:
        """The lamps that are configured, or `simulated` ones of the same names.

        `curves` are their responses in place of those configured: {} drives bare duty cycles.
        """
        there = settings.driver != "none"
        factory = (
            simulated if simulated is not None or not there else DRIVERS[settings.driver](settings)
        )
        return cls(
            settings.pins if there else {},
            settings.frequency,
            factory,
            frequencies=settings.frequencies,
            limits=settings.limits,
            curves=settings.curves if curves is None else curves,
            clock=clock,
        )

    @property
    def available(self) -> bool:
        """Whether every lamp is there."""
        return not self._channels.reasons

    @property
    def missing(self) -> frozenset[str]:
        """Names of the lamps that are not there."""
        return frozenset(self._channels.reasons)

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why each lamp is not there that is not, in words for staff."""
        return dict(self._channels.reasons)

    @property
    def levels(self) -> dict[str, float]:
        """Level that each lamp that is there goes to: as it was last set, within its limit.

        Not as the pin has it: lgpio's has whole percents, rounded down, and whoever goes on in
        small steps from what they read would go ever darker.
        """
        with self._lock:
            return {name: min(level, self._limit(name)) for name, level in self._asked.items()}

    @property
    def given(self) -> dict[str, float]:
        """Level that each lamp that is there has now, on its way to `levels`."""
        with self._lock:
            return self._given.copy()

    @property
    def limits(self) -> dict[str, float]:
        """The most that each lamp that is there is driven to now."""
        with self._lock:
            return {name: self._limit(name) for name in self._asked}

    @property
    def held_back(self) -> str:
        """Why the lamps are held below their limits, in words for staff; "" where they are not."""
        return self._held_back

    @property
    def frequency(self) -> float | None:
        """The frequency that the first lamp's PWM truly has, in Hz; None without a lamp."""
        return next(iter(self.frequencies.values()), None)

    @property
    def frequencies(self) -> dict[str, float]:
        """The frequency that each lamp's PWM truly has, in Hz."""
        with self._lock:
            return self._channels.frequencies

    def levels_at(self, time: float) -> dict[str, float]:
        """The levels that a frame of that `Frame.time` was taken under, of the last 3 seconds.

        Without a clock nothing is remembered: the lamps' levels now.
        """
        with self._lock:
            if self._clock is None:
                return self._given.copy()
            return dict(self._history.levels_at(time))

    def set(self, levels: Mapping[str, float]) -> None:
        """Say where lamps go; lamps not named keep their way. Above its limit no lamp goes.

        Raises ValueError for a name that is no lamp, or a level outside 0 to 1.
        """
        for name, level in levels.items():
            if name not in self._pins:
                raise ValueError(f"no lamp {name}: there are {', '.join(sorted(self._pins))}")
            if not 0 <= level <= 1:
                raise ValueError(f"lamp {name} cannot be set to {level}: levels go from 0 to 1")
        with self._lock:
            self._begin()
            for name, level in levels.items():
                if name in self._asked:
                    self._asked[name] = float(level)
            self._go()

    def derate(self, share: float, why: str = "") -> None:
        """Lower every limit to a share of what is configured, 0 to 1, or lift it again by 1.

        `why` is told to staff as `held_back`. Raises ValueError for any other share.
        """
        if not 0 <= share <= 1:
            raise ValueError(f"limits cannot be lowered to {share}: shares go from 0 to 1")
        with self._lock:
            self._begin()
            self._share, self._held_back = float(share), why
            self._go()

    def take_calibration(self, curves: Mapping[str, Curve], lag: float) -> None:
        """Go by what was calibrated: lamps' responses, in place of those there were, and by how
        many seconds pictures show a change later than their `Frame.time` says.

        Raises ValueError for a lag outside 0 to 1.
        """
        if not 0 <= lag <= 1:
            raise ValueError(f"frames cannot lag by {lag} s behind the lamps: 0 to 1 is known")
        with self._lock:
            self._curves.update({name: c for name, c in curves.items() if name in self._pins})
            self._history.lag = lag

    def pass_time(self, at: float) -> None:
        """Let the levels go on to where they were set; `at` is in the clock's seconds."""
        with self._lock:
            since = at if self._passed is None else self._passed
            while self.moving.is_set() and since < at:
                self._passed = min(since + TICK, at)
                self._move(self._passed - since)
                since = self._passed
            self._passed = max(at, since)

    def look_again(self) -> None:
        """Claim, dark, what was not there before and is now; for now and then."""
        with self._lock:
            for name in self._channels.look_again():
                self._asked[name] = self._given[name] = 0.0
            self._note()

    def give_up(self, why: str) -> None:
        """Put all lamps out, at once: none is there any more, until `look_again` finds it."""
        self.close()
        with self._lock:
            self._channels.reasons.update(dict.fromkeys(self._pins, why))

    def close(self) -> None:
        """Put all lamps out, at once, and let go of their pins; may be called twice."""
        with self._lock:
            self._channels.close()
            self._asked.clear()
            self._given.clear()
            self.moving.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _limit(self, name: str) -> float:
        return self._limits[name] * self._share

    def _begin(self) -> None:
        """Let pass what time has passed, before another way is taken."""
        if self._clock is not None:
            self.pass_time(self._clock())

    def _go(self) -> None:
        """Take the first step at once; without a clock, all of them."""
        if self._clock is None:
            for name, level in self.levels.items():
                self._drive(name, level)
        else:
            # Time at rest is no credit but for that step.
            rested = max((self._passed or 0.0) - self._stepped, 0.0)
            self._move(min(rested, TICK), after=True)

    def _move(self, seconds: float, *, after: bool = False) -> None:
        step, levels = FADE * seconds, self.levels
        if levels != self._given and step > 0:
            at = self._passed or 0.0
            ways = {name: level - self._given[name] for name, level in levels.items()}
            # All by the same share of their way: what two ends have alike stays alike between.
            share = min(step / max(abs(way) for way in ways.values()), 1.0)
            wanted = {
                name: levels[name] if share == 1 else self._given[name] + share * way
                for name, way in ways.items()
            }
            for name, level in self._guard.bound(at, self._given, wanted).items():
                self._drive(name, level)
            self._stepped = at
            self._guard.follow(at, self._given)
            self._note(after=after)
        if self.levels == self._given:
            self.moving.clear()
        else:
            self.moving.set()

    def _drive(self, name: str, level: float) -> None:
        if level == self._given[name]:
            return
        if self._channels.drive(name, self._curves.get(name, LINEAR).duty_for(level)):
            self._given[name] = level
        else:
            self._asked.pop(name)
            self._given.pop(name)

    def _note(self, *, after: bool = False) -> None:
        if self._clock is not None:
            at = self._clock() if self._passed is None else self._passed
            # What is set as a frame is looked at comes after it, though the clock may stand.
            self._history.note(math.nextafter(at, math.inf) if after else at, self._given)

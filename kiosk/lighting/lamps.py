"""The booth's lamps: one PWM channel each, through gpiozero, whatever makes it."""

import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Protocol, Self

from gpiozero import PWMLED
from gpiozero.exc import GPIOZeroError
from gpiozero.pins import Factory

from kiosk.board.drivers import DRIVERS, DriverSettings, explained

log = logging.getLogger(__name__)

OTHER_FREQUENCY = 0.005
"""Share by which the PWM's frequency may be another than the one asked for, untold."""


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


class Lamps:
    """Lamps by name, with levels from 0 (dark) to 1 (full), linear in light.

    A lamp whose pin cannot be claimed, or does not answer any more, is not there: staff are warned
    of it by name, the others go on, and levels meant for it are dropped, until `look_again` finds
    it.
    """

    def __init__(
        self, pins: Mapping[str, int], frequency: int, pin_factory: Factory | None = None
    ) -> None:
        """Claim the pins, all dark.

        `pins` maps each lamp's name to its pin's number; `frequency` is the PWM's, in Hz;
        `pin_factory` is gpiozero's, None for the one gpiozero finds on this machine.
        """
        self._pins, self._wanted_frequency, self._factory = pins, frequency, pin_factory
        self._leds: dict[str, PWMLED] = {}
        self._levels: dict[str, float] = {}
        self._reasons: dict[str, str] = {}
        """Why each lamp is not there that is not."""
        self._told_frequency: float | None = None
        for name in pins:
            self._claim(name)
        self._tell_frequency()

    @classmethod
    def open(cls, settings: LampSettings, simulated: Factory | None = None) -> Self:
        """The lamps that are configured, or `simulated` ones of the same names."""
        if settings.driver == "none":
            return cls({}, settings.frequency, simulated)
        factory = simulated if simulated is not None else DRIVERS[settings.driver](settings)
        return cls(settings.pins, settings.frequency, factory)

    @property
    def available(self) -> bool:
        """Whether every lamp is there."""
        return not self._reasons

    @property
    def missing(self) -> frozenset[str]:
        """Names of the lamps that are not there."""
        return frozenset(self._reasons)

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why each lamp is not there that is not, in words for staff."""
        return dict(self._reasons)

    @property
    def levels(self) -> dict[str, float]:
        """Level of each lamp that is there, as it was last set.

        Not as the pin has it: lgpio's has whole percents, rounded down, and whoever goes on in
        small steps from what they read would go ever darker.
        """
        return self._levels.copy()

    @property
    def frequency(self) -> float | None:
        """The frequency that the PWM truly has, in Hz; None without a lamp."""
        return next((float(led.frequency) for led in self._leds.values()), None)

    def set(self, levels: Mapping[str, float]) -> None:
        """Set lamps to levels, at once; lamps not named keep theirs.

        Raises ValueError for a name that is no lamp, or a level outside 0 to 1.
        """
        for name, level in levels.items():
            if name not in self._pins:
                raise ValueError(f"no lamp {name}: there are {', '.join(sorted(self._pins))}")
            if not 0 <= level <= 1:
                raise ValueError(f"lamp {name} cannot be set to {level}: levels go from 0 to 1")
        for name, level in levels.items():
            if name in self._leds:
                try:
                    self._leds[name].value = level
                except OSError as reason:
                    self._lose(name, reason)
                else:
                    self._levels[name] = float(level)

    def look_again(self) -> None:
        """Claim, dark, what was not there before and is now; for now and then."""
        for name in self.missing:
            self._claim(name)
            if name in self._leds:
                log.warning("lamp %s is there again", name)
        self._tell_frequency()

    def close(self) -> None:
        """Put all lamps out and let go of their pins; may be called twice."""
        for led in self._leds.values():
            led.close()
        self._leds.clear()
        self._levels.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _claim(self, name: str) -> None:
        pin = self._pins[name]
        try:
            with explained():
                led = PWMLED(pin, frequency=self._wanted_frequency, pin_factory=self._factory)
        except (GPIOZeroError, OSError, ValueError) as error:
            # As text: who kept the error would keep the half-made device, and its claim to the pin.
            reason = str(error)
            if self._reasons.get(name) != reason:
                log.warning("lamp %s is not there: pin %s: %s", name, pin, reason)
            self._reasons[name] = reason
        else:
            self._leds[name], self._levels[name] = led, 0.0
            self._reasons.pop(name, None)

    def _lose(self, name: str, reason: OSError) -> None:
        log.warning("lamp %s is not there any more: %s", name, reason)
        self._reasons[name] = str(reason)
        self._levels.pop(name)
        self._leds.pop(name).close()

    def _tell_frequency(self) -> None:
        wanted, made = self._wanted_frequency, self.frequency
        if made is not None and made != self._told_frequency:
            self._told_frequency = made
            if abs(made - wanted) > OTHER_FREQUENCY * wanted:
                log.warning(
                    "lamps: the PWM makes %.1f Hz, and not %d: an exposure without bands takes"
                    " whole periods of it",
                    made,
                    wanted,
                )

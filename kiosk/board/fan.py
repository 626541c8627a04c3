"""A fan that follows the processor's temperature, where the kernel does not drive one itself."""

import logging
from pathlib import Path
from typing import Protocol

from gpiozero import CPUTemperature, PWMOutputDevice
from gpiozero.exc import GPIOZeroError
from gpiozero.pins import Factory

from kiosk.board.drivers import explained

log = logging.getLogger(__name__)

THERMOMETER = Path("/sys/class/thermal/thermal_zone0/temp")

FREQUENCY = 100
"""Hz: what a fan of two wires behind a transistor takes, and software makes."""

SLOWEST = 0.4
"""Share of full power at which a fan surely starts."""

LOOK_EVERY = 5.0
"""Seconds: a heat sink changes no faster."""


class FanSettings(Protocol):
    """The configuration's section about the fan."""

    @property
    def pin(self) -> int | None:
        """Its BCM number; None: there is none."""
        ...

    @property
    def on(self) -> float:
        """°C from which on it turns."""
        ...

    @property
    def off(self) -> float:
        """°C below which it stops."""
        ...

    @property
    def full(self) -> float:
        """°C from which on it turns as fast as it can."""
        ...


def find_fan_level(degrees: float, before: float, settings: FanSettings) -> float:
    """How fast the fan is to turn at a temperature in °C, 0 to 1; `before` is how fast it does.

    Between `off` and `on` it goes on as it was, still or turning, so that it does not begin anew
    each minute.
    """
    if degrees < (settings.off if before > 0 else settings.on):
        return 0.0
    share = (degrees - settings.off) / (settings.full - settings.off)
    return min(SLOWEST + (1 - SLOWEST) * share, 1.0)


class Fan:
    """The fan that is configured."""

    def __init__(
        self,
        settings: FanSettings,
        pin_factory: Factory | None = None,
        thermometer: Path = THERMOMETER,
    ) -> None:
        """Claim its pin; of one that cannot be claimed the log tells, and there is none."""
        self._settings = settings
        self._device: PWMOutputDevice | None = None
        self._due = float("-inf")
        if settings.pin is None:
            return
        try:
            with explained():
                self._device = PWMOutputDevice(
                    settings.pin, frequency=FREQUENCY, pin_factory=pin_factory
                )
                self._temperature = CPUTemperature(str(thermometer), pin_factory=pin_factory)
        except (GPIOZeroError, OSError, ValueError) as reason:
            log.warning("fan is not there: pin %s: %s", settings.pin, reason)
            self.close()

    @property
    def level(self) -> float:
        """How fast it turns, 0 to 1."""
        return 0.0 if self._device is None else float(self._device.value)

    def follow(self, at: float) -> None:
        """Set the fan as the temperature wants it; `at` is a monotonic time in seconds."""
        if self._device is None or at < self._due:
            return
        self._due = at + LOOK_EVERY
        try:
            degrees = float(self._temperature.temperature)
        except (OSError, ValueError):  # no thermometer: better loud than hot
            degrees = self._settings.full
        self._device.value = find_fan_level(degrees, self.level, self._settings)

    def close(self) -> None:
        """Stop it and let go of its pin; may be called twice."""
        if self._device is not None:
            self._device.close()
        self._device = None

"""The lamps' PWM channels, through gpiozero, whatever makes them: claimed, driven, lost, found."""

import logging
from collections.abc import Mapping

from gpiozero import PWMLED
from gpiozero.exc import GPIOZeroError
from gpiozero.pins import Factory

from kiosk.board.drivers import explained

log = logging.getLogger(__name__)

OTHER_FREQUENCY = 0.005
"""Share by which the PWM's frequency may be another than the one asked for, untold."""


class Channels:
    """One channel a lamp, by the lamps' names. For one thread at a time."""

    def __init__(
        self, pins: Mapping[str, int], wanted: Mapping[str, int], pin_factory: Factory | None
    ) -> None:
        """Claim them, all dark. `wanted` are the PWM's frequencies, in Hz."""
        self._pins, self._wanted, self._factory = pins, wanted, pin_factory
        self._leds: dict[str, PWMLED] = {}
        self.reasons: dict[str, str] = {}
        """Why each lamp is not there that is not, in words for staff."""
        self._told: dict[str, float] = {}
        """The frequencies that the log has told of, or had no need to."""
        for name in pins:
            self._claim(name)
        self._tell_frequencies()

    @property
    def there(self) -> tuple[str, ...]:
        """Names of the lamps that are there."""
        return tuple(self._leds)

    @property
    def frequencies(self) -> dict[str, float]:
        """The frequency that each lamp's PWM truly has, in Hz."""
        return {name: float(led.frequency) for name, led in self._leds.items()}

    def drive(self, name: str, duty: float) -> bool:
        """Drive a lamp that is there at a duty cycle, 0 to 1; False where it is not any more."""
        try:
            self._leds[name].value = duty
        except OSError as reason:
            log.warning("lamp %s is not there any more: %s", name, reason)
            self.reasons[name] = str(reason)
            self._leds.pop(name).close()
            return False
        return True

    def look_again(self) -> tuple[str, ...]:
        """Claim, dark, what was not there before and is now; returns its names."""
        found = []
        for name in tuple(self.reasons):
            self._claim(name)
            if name in self._leds:
                log.warning("lamp %s is there again", name)
                found.append(name)
        self._tell_frequencies()
        return tuple(found)

    def close(self) -> None:
        """Put all out and let go of them; may be called twice."""
        for led in self._leds.values():
            led.close()
        self._leds.clear()

    def _claim(self, name: str) -> None:
        pin = self._pins[name]
        try:
            with explained():
                led = PWMLED(pin, frequency=self._wanted[name], pin_factory=self._factory)
        except (GPIOZeroError, OSError, ValueError) as error:
            # As text: who kept the error would keep the half-made device, and its claim to the pin.
            reason = str(error)
            if self.reasons.get(name) != reason:
                log.warning("lamp %s is not there: pin %s: %s", name, pin, reason)
            self.reasons[name] = reason
        else:
            self._leds[name] = led
            self.reasons.pop(name, None)

    def _tell_frequencies(self) -> None:
        for name, made in self.frequencies.items():
            wanted, told = self._wanted[name], made in self._told.values()
            self._told[name] = made
            if not told and abs(made - wanted) > OTHER_FREQUENCY * wanted:
                log.warning(
                    "lamps: the PWM makes %.1f Hz, and not %d: an exposure without bands takes"
                    " whole periods of it",
                    made,
                    wanted,
                )

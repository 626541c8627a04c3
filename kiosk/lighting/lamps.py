"""The booth's lamps: one PWM pin each, through gpiozero."""

import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from gpiozero import PWMLED
from gpiozero.exc import GPIOZeroError
from gpiozero.pins import Factory

log = logging.getLogger(__name__)


class Lamps:
    """Lamps by name, with levels from 0 (dark) to 1 (full), linear in light.

    A lamp whose pin cannot be claimed is not there: staff are warned of it by name, the others
    go on, and levels meant for it are dropped.
    """

    def __init__(
        self, pins: Mapping[str, int], frequency: int, pin_factory: Factory | None = None
    ) -> None:
        """Claim the pins, all dark.

        `pins` maps each lamp's name to its BCM number; `frequency` is the PWM's, in Hz;
        `pin_factory` is gpiozero's, None for the one gpiozero finds on this machine.
        """
        self._leds: dict[str, PWMLED] = {}
        for name, pin in pins.items():
            try:
                led = PWMLED(pin, frequency=frequency, pin_factory=pin_factory)
            except (GPIOZeroError, OSError, ValueError) as reason:
                log.warning("lamp %s is not there: GPIO%s: %s", name, pin, reason)
            else:
                self._leds[name] = led
        self._missing = frozenset(pins) - frozenset(self._leds)

    @property
    def available(self) -> bool:
        """Whether every lamp is there."""
        return not self._missing

    @property
    def missing(self) -> frozenset[str]:
        """Names of the lamps that are not there."""
        return self._missing

    @property
    def levels(self) -> dict[str, float]:
        """Level of each lamp that is there, as the pin was last set."""
        return {name: float(led.value) for name, led in self._leds.items()}

    def set(self, levels: Mapping[str, float]) -> None:
        """Set lamps to levels, at once; lamps not named keep theirs.

        Raises ValueError for a name that is no lamp, or a level outside 0 to 1.
        """
        known = self._leds.keys() | self._missing
        for name, level in levels.items():
            if name not in known:
                raise ValueError(f"no lamp {name}: there are {', '.join(sorted(known))}")
            if not 0 <= level <= 1:
                raise ValueError(f"lamp {name} cannot be set to {level}: levels go from 0 to 1")
        for name, level in levels.items():
            if name in self._leds:
                self._leds[name].value = level

    def close(self) -> None:
        """Put all lamps out and let go of their pins; may be called twice."""
        for led in self._leds.values():
            led.close()
        self._leds.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

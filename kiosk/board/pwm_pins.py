"""Pins for gpiozero's devices on a chip that does nothing but PWM.

A driver is a `PwmChip`. gpiozero's own factories and its mock take the same place in `PWMLED`.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from gpiozero.exc import PinInvalidFunction, PinInvalidPin
from gpiozero.pins import Factory, Pin, PinInfo

log = logging.getLogger(__name__)


class PwmChip(Protocol):
    """A chip with PWM channels that keep their level when this process ends."""

    def start(self, channel: int, frequency: float) -> float:
        """Begin PWM on a channel, dark; the frequency that is truly made, in Hz. Raises OSError."""
        ...

    def drive(self, channel: int, duty: float) -> None:
        """Set a channel that was started to a duty cycle, 0 to 1. Raises OSError."""
        ...

    def stop(self, channel: int) -> None:
        """Put a channel out, and end its PWM. Raises OSError."""
        ...

    def close(self) -> None:
        """Let go of the chip; may be called twice."""
        ...


class OpenedChip(NamedTuple):
    """A chip that was found, and its channels by the numbers of the configuration."""

    chip: PwmChip
    channels: Mapping[int, int]


class PwmFactory(Factory):  # type: ignore[misc]
    """gpiozero's pins on a chip, which is opened as the first of them is asked for.

    Two numbers of one channel (GPIO12 and GPIO18 of a Pi 4) are one pin, which gpiozero lets only
    one device have.
    """

    def __init__(self, open_chip: Callable[[], OpenedChip]) -> None:
        """`open_chip` may raise OSError; then it is called anew for the next pin."""
        super().__init__()
        self._open_chip = open_chip
        self._chip: PwmChip | None = None
        self._pins: Sequence[PwmPin] = ()

    def pin(self, name: int | str) -> "PwmPin":
        """The pin of a number of the configuration. Raises PinInvalidPin, OSError."""
        found = self._find(name)
        if found is None:
            numbers = ", ".join(str(number) for pin in self._pins for number in pin.numbers)
            raise PinInvalidPin(f"{name} is no channel here: there are {numbers}")
        return found

    def find_pin(self, name: int | str) -> Any:
        """gpiozero's way to ask what is behind a name."""
        found = self._find(name)
        return iter(()) if found is None else iter([(None, found.info)])

    def close(self) -> None:
        """Let go of the chip; may be called twice."""
        if self._chip is not None:
            self._chip.close()
        self._chip, self._pins = None, ()

    def _find(self, name: int | str) -> "PwmPin | None":
        if self._chip is None:
            self._chip, channels = self._open_chip()
            self._pins = [
                PwmPin(self._chip, each, [n for n, channel in channels.items() if channel == each])
                for each in sorted(set(channels.values()))
            ]
        return next((pin for pin in self._pins if name in pin.info.names), None)

    def _get_board_info(self) -> "PwmFactory":
        return self

    ticks = staticmethod(time.monotonic)

    @staticmethod
    def ticks_diff(later: float, earlier: float) -> float:
        """Seconds between two `ticks`."""
        return later - earlier


class PwmPin(Pin):  # type: ignore[misc]
    """One channel: an output with PWM, and nothing else."""

    def __init__(self, chip: PwmChip, channel: int, numbers: Sequence[int]) -> None:
        self.numbers = numbers
        self._chip, self._channel = chip, channel
        self._frequency: float | None = None
        self._duty = 0.0
        self._name = f"PWM channel {channel}"
        names = frozenset((self._name, *numbers))
        self._info = PinInfo(channel, self._name, names, "", 0, 0, frozenset())

    def __repr__(self) -> str:
        return self._name

    def _get_info(self) -> PinInfo:
        return self._info

    def _get_function(self) -> str:
        return "output"

    def _set_function(self, value: str) -> None:
        if value != "output":
            raise PinInvalidFunction(f"{self!r} is an output and nothing else")

    def _get_state(self) -> float:
        return self._duty

    def _set_state(self, value: float) -> None:
        if self._frequency is not None:
            self._chip.drive(self._channel, float(value))
            self._duty = float(value)

    def _get_frequency(self) -> float | None:
        return self._frequency

    def _set_frequency(self, value: float | None) -> None:
        if value is not None:
            self._frequency = self._chip.start(self._channel, value)
        elif self._frequency is not None:
            self._frequency = None
            try:
                self._chip.stop(self._channel)
            except OSError as error:  # gpiozero would never let the pin go
                log.error("%r may be left on: %s", self, error)
        self._duty = 0.0

"""A gpiozero pin factory whose pins light the twin's lamps, so that a lamp never driven is dark."""

from collections.abc import Mapping
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk.twin.wires import Wires


def exchanged(pins: Mapping[str, int], one: str, other: str) -> dict[str, int]:
    """The pins of lamps of which two were wired the wrong way round."""
    return {**pins, one: pins[other], other: pins[one]}


class LampPin(MockPWMPin):  # type: ignore[misc]
    """A PWM pin that tells the wires its duty cycle, where a lamp hangs on it.

    Unlike its parent it keeps no history, which would grow with every step of a lamp.
    """

    _state: float

    def _set_pull(self, value: str) -> None:
        super()._set_pull(value)
        if self.factory.is_switch_closed(self.info):
            self.drive_low()

    def _change_state(self, value: float) -> bool:
        if self._state == value:
            return False
        self._state = value
        self.factory.drive(self.info, float(value))
        return True

    def _set_frequency(self, value: float | None) -> None:
        super()._set_frequency(value)
        self.factory.switch(self.info, float(value or 0))


class LampFactory(MockFactory):  # type: ignore[misc]
    """Mock pins of a Raspberry Pi with the twin's lamps on some of them."""

    def __init__(self, wires: Wires, pins: Mapping[str, int]) -> None:
        """`pins` maps the lamps' names to the BCM numbers that they hang on."""
        # Given here, and not left to gpiozero's environment variables, which are for tests.
        super().__init__(revision="a02082", pin_class=LampPin)
        self._wires = wires
        self._lamps = {bcm: lamp for lamp, bcm in pins.items()}
        self._closed: set[int] = set()

    def close_switch(self, bcm: int) -> None:
        """Close the switch from a pin to ground: a door is shut, a button pressed."""
        self._closed.add(bcm)
        self._move_switch(bcm)

    def open_switch(self, bcm: int) -> None:
        """Open it again."""
        self._closed.discard(bcm)
        self._move_switch(bcm)

    def is_switch_closed(self, pin: Any) -> bool:
        """Whether a pin is joined to ground; `pin` is gpiozero's PinInfo."""
        return any(bcm in pin.names for bcm in self._closed)

    def _move_switch(self, bcm: int) -> None:
        pin = self.pin(bcm)
        if pin.function == "input":  # else it hangs on an output, as it should not
            pin.pull = pin.pull

    def drive(self, pin: Any, level: float) -> None:
        """Pass a pin's duty cycle on to its lamp; `pin` is gpiozero's PinInfo."""
        for lamp in self._on(pin):
            self._wires.set_level(lamp, level)

    def switch(self, pin: Any, frequency: float) -> None:
        """Pass a pin's PWM frequency on to its lamp, Hz."""
        for lamp in self._on(pin):
            self._wires.set_frequency(lamp, frequency)

    def _on(self, pin: Any) -> list[str]:
        return [lamp for bcm, lamp in self._lamps.items() if bcm in pin.names]

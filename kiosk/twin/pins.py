"""A gpiozero pin factory whose pins light the twin's lamps, so that a lamp never driven is dark."""

from collections.abc import Mapping
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk.twin.wires import Wires


class LampPin(MockPWMPin):  # type: ignore[misc]
    """A PWM pin that tells the wires its duty cycle, where a lamp hangs on it.

    Unlike its parent it keeps no history, which would grow with every step of a lamp.
    """

    _state: float

    def _change_state(self, value: float) -> bool:
        if self._state == value:
            return False
        self._state = value
        self.factory.drive(self.info, float(value))
        return True


class LampFactory(MockFactory):  # type: ignore[misc]
    """Mock pins of a Raspberry Pi with the twin's lamps on some of them."""

    def __init__(self, wires: Wires, pins: Mapping[str, int]) -> None:
        """`pins` maps the lamps' names to the BCM numbers that they hang on."""
        # Given here, and not left to gpiozero's environment variables, which are for tests.
        super().__init__(revision="a02082", pin_class=LampPin)
        self._wires = wires
        self._lamps = {bcm: lamp for lamp, bcm in pins.items()}

    def drive(self, pin: Any, level: float) -> None:
        """Pass a pin's duty cycle on to its lamp; `pin` is gpiozero's PinInfo."""
        for bcm, lamp in self._lamps.items():
            if bcm in pin.names:
                self._wires.set_level(lamp, level)

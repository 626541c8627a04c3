"""The two switches inside the booth: the service door's, and the reset button."""

import logging
from dataclasses import dataclass
from typing import Literal

from gpiozero import InputDevice
from gpiozero.exc import GPIOZeroError
from gpiozero.pins import Factory

from kiosk.board.drivers import explained

log = logging.getLogger(__name__)

Wish = Literal["end_visit", "restart"]
"""What whoever presses the reset button wants."""

END_VISIT, RESTART = 3.0, 10.0
"""Seconds for which the reset button is held, for each of these."""

STEADY = 0.3
"""Seconds for which a contact must stand before it counts: doors and their switches bounce."""


@dataclass
class SteadyContact:
    """A contact that counts once it stands. Times are monotonic seconds."""

    closed: bool
    _changed_at: float | None = None

    def follow(self, closed: bool, at: float) -> bool:
        """Take in how the contact is now; whether it counts as closed."""
        if closed is self.closed:
            self._changed_at = None
        elif self._changed_at is None:
            self._changed_at = at
        elif at - self._changed_at >= STEADY:
            self.closed, self._changed_at = closed, None
        return self.closed


@dataclass
class ResetButton:
    """What a press of the reset button asks for, as soon as it was held for long enough.

    A button that was never seen released is stuck, or its wire touches ground: it asks for nothing,
    or the booth would start anew for ever.
    """

    _released: bool = False
    _pressed_at: float | None = None
    _wished: Wish | None = None

    def follow(self, pressed: bool, at: float) -> Wish | None:
        """Take in how the button is now; each wish comes once a press."""
        if not pressed:
            self._released, self._pressed_at, self._wished = True, None, None
            return None
        if not self._released:
            return None
        if self._pressed_at is None:
            self._pressed_at = at
        held = at - self._pressed_at
        wish: Wish | None = (
            "restart" if held >= RESTART else "end_visit" if held >= END_VISIT else None
        )
        if wish == self._wished:
            return None
        self._wished = wish
        return wish


class Switches:
    """The switches that are configured, each from its GPIO to ground."""

    def __init__(
        self, door: int | None = None, reset: int | None = None, pin_factory: Factory | None = None
    ) -> None:
        """BCM numbers, None for a switch that there is not. Of one that cannot be claimed the log
        tells; then it is as if there were none.
        """
        self.reasons: dict[str, str] = {}
        """Why each switch cannot be asked that cannot, in words for staff."""
        self._door = self._claim("door", door, pin_factory)
        """Active while it is closed."""
        self._reset = self._claim("reset", reset, pin_factory)
        # Not open until it is seen so: the booth need not say as it starts that it is serviced.
        self._door_contact = SteadyContact(closed=True)
        self._reset_button = ResetButton()

    def is_door_open(self, at: float) -> bool:
        """Whether the service door stands open; a wire that came off is an open door, too."""
        if self._door is None:
            return False
        return not self._door_contact.follow(self._door.is_active, at)

    def find_wish(self, at: float) -> Wish | None:
        """What is asked for by the reset button; to be called some times a second."""
        if self._reset is None:
            return None
        return self._reset_button.follow(self._reset.is_active, at)

    def close(self) -> None:
        """Let go of the pins; may be called twice."""
        for contact in (self._door, self._reset):
            if contact is not None:
                contact.close()
        self._door = self._reset = None

    def _claim(self, name: str, pin: int | None, pin_factory: Factory | None) -> InputDevice | None:
        if pin is None:
            return None
        try:
            with explained():
                # Not a Button, whose threads are for who does not ask at each picture anyway.
                return InputDevice(pin, pull_up=True, pin_factory=pin_factory)
        except (GPIOZeroError, OSError, ValueError) as reason:
            log.warning("switch %s is not there: pin %s: %s", name, pin, reason)
            self.reasons[name] = f"pin {pin}: {reason}"
            return None

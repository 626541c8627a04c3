"""All that hangs on the board beside camera, lamps and reader, as one part of the booth."""

from typing import Protocol

from gpiozero.pins import Factory

from kiosk.board.backlight import Backlight, find_backlight
from kiosk.board.fan import Fan, FanSettings
from kiosk.board.switches import Switches, Wish


class SwitchSettings(Protocol):
    """The configuration's section about the switches."""

    @property
    def door(self) -> int | None:
        """The service door's BCM number; None: there is none."""
        ...

    @property
    def reset(self) -> int | None:
        """The reset button's."""
        ...


class Board:
    """Switches, fan and backlight; without any of them it does nothing. For one thread."""

    def __init__(
        self,
        switches: Switches | None = None,
        fan: Fan | None = None,
        backlight: Backlight | None = None,
    ) -> None:
        self._switches = switches or Switches()
        self._fan, self._backlight = fan, backlight or Backlight(None)
        self.door_open = False
        """Whether the service door stands open."""

    @classmethod
    def open(
        cls,
        switches: SwitchSettings,
        fan: FanSettings,
        backlight: str,
        pin_factory: Factory | None = None,
    ) -> "Board":
        """What is configured; `pin_factory` is gpiozero's, None for the one of this machine."""
        return cls(
            Switches(switches.door, switches.reset, pin_factory),
            Fan(fan, pin_factory),
            Backlight(find_backlight(backlight)),
        )

    def follow(self, at: float, *, somebody: bool) -> Wish | None:
        """Do a round: what the reset button asks for, if anything.

        `at` is a monotonic time in seconds, and `somebody` whether anybody is before the booth.
        """
        self.door_open = self._switches.is_door_open(at)
        self._backlight.follow(at, somebody=somebody or self.door_open)
        if self._fan is not None:
            self._fan.follow(at)
        return self._switches.find_wish(at)

    def close(self) -> None:
        """Let go of all of it; may be called twice."""
        self._switches.close()
        self._backlight.close()
        if self._fan is not None:
            self._fan.close()

"""What makes the lamps' PWM. To add a driver: a `PwmChip`, and its line here."""

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Protocol

from gpiozero.exc import BadPinFactory, GPIOZeroError
from gpiozero.pins import Factory

from kiosk.board.hardware_pwm import open_hardware_pwm
from kiosk.board.pca9685 import open_pca9685
from kiosk.board.pwm_pins import PwmFactory
from kiosk.errors import BoardError


class DriverSettings(Protocol):
    """The configuration's keys about what drives the lamps."""

    @property
    def driver(self) -> str:
        """One of DRIVERS, or "none"."""
        ...

    @property
    def bus(self) -> int:
        """N of /dev/i2c-N."""
        ...

    @property
    def address(self) -> int:
        """The chip's on that bus, of 7 bits."""
        ...


DRIVERS: Mapping[str, Callable[[DriverSettings], Factory | None]] = {
    "gpio": lambda _: None,  # gpiozero's own, made in software: lgpio's on a Pi
    "pwm": lambda _: PwmFactory(open_hardware_pwm),
    "pca9685": lambda settings: PwmFactory(partial(open_pca9685, settings.bus, settings.address)),
}
"""The factory of each driver's pins; None is the one that gpiozero finds on this machine."""


@contextmanager
def explained() -> Iterator[None]:
    """Claim a pin; where that fails, the error says why.

    gpiozero names no reason when it finds no factory, but warns of each that it tried: lgpio first.
    And lgpio's own error, of a pin that the kernel has given to another, is a bare Exception.
    Raises GPIOZeroError, OSError and ValueError.
    """
    with warnings.catch_warnings(record=True) as tried:
        warnings.simplefilter("always")
        try:
            yield
        except BadPinFactory as error:
            reason = next((str(each.message) for each in tried), str(error))
            raise BoardError(
                f"no GPIO can be used here ({reason.removeprefix('Falling back from ')}): on a"
                " Raspberry Pi install python3-lgpio, and let the booth's user into the group gpio"
            ) from error
        except (GPIOZeroError, OSError, ValueError):
            raise
        except Exception as error:
            raise BoardError(str(error)) from error

"""The processor's own PWM, through the kernel's sysfs (Documentation/driver-api/pwm.rst)."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from kiosk.board.pwm_pins import OpenedChip
from kiosk.errors import BoardError

SYSFS = Path("/sys/class/pwm")

_PI_4 = {12: 0, 13: 1, 18: 0, 19: 1}

CHANNELS: Mapping[str, Mapping[int, int]] = MappingProxyType(
    {
        "1f00098000.pwm": {12: 0, 13: 1, 18: 2, 19: 3},
        "fe20c000.pwm": _PI_4,
        "3f20c000.pwm": _PI_4,
    }
)
"""Each chip's channels by their GPIOs: of a Pi 5 (PWM0 of "RP1 Peripherals"), a Pi 4 and a Pi 3
("BCM2711 ARM Peripherals"). The device's name tells which chip it is: the number in pwmchipN
changes with the kernel, and another chip of a Pi 5 turns its fan."""

OVERLAYS = (
    "add dtoverlay=pwm-2chan,pin=12,func=4,pin2=13,func2=4 to /boot/firmware/config.txt and restart"
)

UDEV_PATIENCE = 2.0
"""Seconds that udev has to hand a channel that is new to the group gpio."""

_POLL = 0.02


def write_attribute(path: Path, value: int) -> None:
    """Write one of sysfs's attributes: one number by one write. Raises OSError."""
    with path.open("wb", buffering=0) as attribute:
        attribute.write(str(value).encode())


class HardwarePwm:
    """A chip of /sys/class/pwm. Its channels run on, as they were set, when this process ends."""

    def __init__(
        self,
        folder: Path,
        write: Callable[[Path, int], None] = write_attribute,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`folder` is the chip's, /sys/class/pwm/pwmchipN."""
        self._folder, self._write, self._sleep = folder, write, sleep
        self._periods: dict[int, int] = {}
        """Nanoseconds, by channel."""

    def start(self, channel: int, frequency: float) -> float:
        """Begin PWM on a channel, dark; the frequency that is truly made, in Hz. Raises OSError.

        What a process before left lit goes out first, since a period may not be shorter than the
        duty cycle.
        """
        folder = self._export(channel)
        self._put_out(folder)
        period = round(1e9 / frequency)
        self._write(folder / "period", period)
        self._write(folder / "duty_cycle", 0)
        self._write(folder / "enable", 1)
        self._periods[channel] = period
        return 1e9 / period

    def drive(self, channel: int, duty: float) -> None:
        """Set a channel that was started to a duty cycle, 0 to 1. Raises OSError."""
        path = self._folder / f"pwm{channel}" / "duty_cycle"
        self._write(path, round(duty * self._periods[channel]))

    def stop(self, channel: int) -> None:
        """Put a channel out, and end its PWM; it stays exported. Raises OSError."""
        folder = self._folder / f"pwm{channel}"
        self._put_out(folder)
        if int((folder / "enable").read_text()):
            self._write(folder / "enable", 0)

    def close(self) -> None:
        """Nothing is held."""

    def _put_out(self, folder: Path) -> None:
        # Of a channel that never had a period the kernel takes no duty cycle, not even none.
        if int((folder / "period").read_text()):
            self._write(folder / "duty_cycle", 0)

    def _export(self, channel: int) -> Path:
        folder = self._folder / f"pwm{channel}"
        if not folder.exists():
            self._write(self._folder / "export", channel)
        waited = 0.0
        while not os.access(folder / "enable", os.W_OK):
            if waited >= UDEV_PATIENCE:
                raise BoardError(
                    f"{folder} may not be written: let the booth's user into the group gpio, and"
                    " install systemd/71-kiosk-devices.rules"
                )
            self._sleep(_POLL)
            waited += _POLL
        return folder


def open_hardware_pwm(sysfs: Path = SYSFS) -> OpenedChip:
    """Find the chip whose channels are on the header. Raises BoardError."""
    for folder in sorted(sysfs.glob("pwmchip*")):
        channels = CHANNELS.get((folder / "device").resolve().name)
        if channels is not None:
            return OpenedChip(HardwarePwm(folder), channels)
    raise BoardError(f"no PWM of a Raspberry Pi's header in {sysfs}: {OVERLAYS}")

"""An I2C bus, through the kernel's i2c-dev: plain reads and writes need no library."""

import fcntl
import os
from typing import Protocol

from kiosk.errors import BoardError

_I2C_SLAVE = 0x0703
"""<linux/i2c-dev.h>: which chip the next reads and writes are for."""


class Bus(Protocol):
    """What a chip's driver asks of its bus; each raises OSError where the chip does not answer."""

    def write(self, address: int, data: bytes) -> None:
        """Write to a chip, in one transfer."""
        ...

    def read(self, address: int, register: int) -> int:
        """Read one register of a chip."""
        ...

    def close(self) -> None:
        """Let go of the bus; may be called twice."""
        ...


class I2cBus:
    """/dev/i2c-N. For one thread at a time."""

    def __init__(self, number: int) -> None:
        """Open it; raises BoardError."""
        path = f"/dev/i2c-{number}"
        try:
            self._file: int | None = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise BoardError(
                f"{path} cannot be opened ({error.strerror}): add dtparam=i2c_arm=on to"
                " /boot/firmware/config.txt and restart, and let the booth's user into the group"
                " i2c"
            ) from error

    def write(self, address: int, data: bytes) -> None:
        """Write to a chip, in one transfer. Raises OSError."""
        os.write(self._choose(address), data)

    def read(self, address: int, register: int) -> int:
        """Read one register of a chip. Raises OSError."""
        file = self._choose(address)
        os.write(file, bytes([register]))
        return os.read(file, 1)[0]

    def close(self) -> None:
        """Let go of the bus; may be called twice."""
        if self._file is not None:
            os.close(self._file)
        self._file = None

    def _choose(self, address: int) -> int:
        if self._file is None:
            raise BoardError("the I2C bus is closed")
        fcntl.ioctl(self._file, _I2C_SLAVE, address)
        return self._file

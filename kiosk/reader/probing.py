"""Listens to every keyboard and serial line there is, until one of them brings a scan."""

import errno
import os
import select
import struct
import termios
import tty
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from kiosk.errors import KioskError
from kiosk.reader.evdev import (
    CLOCK_MONOTONIC,
    DOWN,
    EV_KEY,
    EVENT,
    EVIOCGRAB,
    EVIOCSCLOCKID,
    UP,
    Event,
    Ioctl,
    ioctl,
)
from kiosk.reader.probe import Burst
from kiosk.reader.reader import LONGEST_PAUSE, NOTHING, SHORTEST_CODE
from kiosk.reader.us_layout import LOCKS, Typist

SILENCE = 2 * LONGEST_PAUSE
"""Seconds without a character after which a scan is over."""

QUICK = 0.06
"""Seconds a character: who takes longer is a person. A scanner that is too slow for the booth is
still heard, and told of."""

_ask: Ioctl = ioctl

SERIAL_PORTS = ("serial/by-id/*", "ttyACM*", "ttyUSB*", "kiosk-scanner")


class NoScan(KioskError):
    """No scan was heard, for a reason that it names."""


def list_serial_ports(dev: Path = Path("/dev")) -> dict[str, Path]:
    """Every serial port that may be a scanner, each once, by its most lasting name."""
    found: dict[Path, Path] = {}
    for pattern in SERIAL_PORTS:
        for path in sorted(dev.glob(pattern)):
            found.setdefault(path.resolve(), path)
    return {str(path): path for path in found.values()}


class _Device(ABC):
    """One device that is listened to."""

    def __init__(self, name: str, file: int) -> None:
        self.name, self.file = name, file
        self.characters: list[tuple[str, float]] = []
        self.locks = 0

    @abstractmethod
    def read(self, now: float) -> None:
        """Take what has come; raises OSError once the device has gone."""

    @abstractmethod
    def burst(self) -> Burst:
        """What has come."""

    def is_scan(self) -> bool:
        """Whether what has come was typed by no person."""
        many = len(self.characters) > SHORTEST_CODE
        return many and self._span() <= QUICK * len(self.characters)

    def _span(self) -> float:
        return self.characters[-1][1] - self.characters[0][1]


class _Keyboard(_Device):
    def __init__(self, name: str, path: Path, ask: Ioctl) -> None:
        super().__init__(name, os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC))
        try:
            # Of one that is another's nothing would come. It is let go of: Ctrl-C has to be heard.
            ask(self.file, EVIOCGRAB, 1)
            ask(self.file, EVIOCGRAB, 0)
            ask(self.file, EVIOCSCLOCKID, struct.pack("@i", CLOCK_MONOTONIC))
        except OSError:
            os.close(self.file)
            raise
        self._typist = Typist()
        self._rest = b""

    def read(self, now: float) -> None:
        with suppress(BlockingIOError):
            came = self._rest + os.read(self.file, 1 << 14)
            whole = len(came) - len(came) % EVENT.size
            self._rest = came[whole:]
            for each in EVENT.iter_unpack(came[:whole]):
                self._take(Event._make(each))

    def _take(self, event: Event) -> None:
        if event.type != EV_KEY:
            return
        if event.code in LOCKS:
            self.locks += event.value == DOWN
        elif event.value == UP:
            self._typist.release(event.code)  # at first, of Enter that began this program
        else:
            typed = self._typist.press(event.code) if event.value == DOWN else NOTHING
            self.characters += [(char, event.at) for char in typed]

    def burst(self) -> Burst:
        return Burst("evdev", self.name, tuple(self.characters), self.locks)


class _Port(_Device):
    def __init__(self, name: str, path: Path) -> None:
        flags = os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
        super().__init__(name, os.open(path, flags))
        try:
            tty.setraw(self.file, termios.TCSANOW)
        except termios.error as error:  # which is no OSError, though it has the same arguments
            os.close(self.file)
            raise OSError(*error.args) from error

    def read(self, now: float) -> None:
        with suppress(BlockingIOError):
            came = os.read(self.file, 4096)
            if not came:
                raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
            self.characters += [(chr(byte), now) for byte in came]

    def burst(self) -> Burst:
        sent = bytes(ord(char) for char, _ in self.characters).decode("utf-8", "replace")
        first, last = self.characters[0][1], self.characters[-1][1]
        step = (last - first) / max(len(sent) - 1, 1)
        return Burst(
            "serial", self.name, tuple((char, first + n * step) for n, char in enumerate(sent))
        )


def wait_for_scan(
    keyboards: Mapping[str, Path],
    ports: Mapping[str, Path],
    seconds: float,
    clock: Callable[[], float],
    ask: Ioctl | None = None,
) -> Burst:
    """Listen to all of them until one has brought a scan. Raises NoScan, which says why not."""
    devices, refused = _open_all(keyboards, ports, ask or _ask)
    try:
        until = clock() + seconds
        while (now := clock()) < until and devices:
            ready, _, _ = select.select([each.file for each in devices], [], [], 0.05)
            for each in [one for one in devices if one.file in ready]:
                try:
                    each.read(clock())
                except OSError:
                    devices.remove(each)
                    os.close(each.file)
            for each in devices:
                if each.characters and now - each.characters[-1][1] > SILENCE:
                    if each.is_scan():
                        return each.burst()
                    each.characters.clear()  # a person's
        raise NoScan(_why_nothing([each.name for each in devices], refused, seconds))
    finally:
        for each in devices:
            os.close(each.file)


def _open_all(
    keyboards: Mapping[str, Path], ports: Mapping[str, Path], ask: Ioctl
) -> tuple[list[_Device], dict[str, OSError]]:
    devices: list[_Device] = []
    refused: dict[str, OSError] = {}
    for name, path in keyboards.items():
        try:
            devices.append(_Keyboard(name, path, ask))
        except OSError as error:
            refused[name] = error
    for name, path in ports.items():
        try:
            devices.append(_Port(name, path))
        except OSError as error:
            refused[name] = error
    return devices, refused


def _why_nothing(listened: list[str], refused: Mapping[str, OSError], seconds: float) -> str:
    said = []
    if listened:
        said.append(
            f"nothing was scanned in {seconds:.0f} s by: {', '.join(listened)}. A scanner that"
            " beeps and brings nothing here is set to another interface: scan its maker's code for"
            ' "USB keyboard" or "USB serial"'
        )
    busy = [name for name, error in refused.items() if error.errno == errno.EBUSY]
    denied = [name for name, error in refused.items() if error.errno in (errno.EACCES, errno.EPERM)]
    other = [name for name in refused if name not in (*busy, *denied)]
    if busy:
        said.append(
            f"{', '.join(busy)}: another program has it, the booth perhaps: systemctl stop kiosk"
        )
    if denied:
        said.append(
            f"{', '.join(denied)}: may not be read: let this user into the groups input and"
            " dialout (sudo usermod -aG input,dialout USER), or run this by sudo"
        )
    said += [f"{name}: cannot be read ({refused[name].strerror})" for name in other]
    if not said:
        said.append("there is no keyboard and no serial line here: plug the scanner in")
    return "; ".join(said)

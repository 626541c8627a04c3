"""A scanner that types, read from its own device: no window, layout or login prompt sees its keys.

The kernel gives a device that was grabbed to nobody else. The records are parsed here: `evdev` has
no wheels, and `evdev-binary` none for 64-bit ARM.
"""

import errno
import fcntl
import logging
import os
import struct
import subprocess
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple, Protocol

from kiosk.reader.reader import (
    ELSEWHERE,
    LONGEST_PAUSE,
    NOTHING,
    Framing,
    Heard,
    ReaderSettings,
)
from kiosk.reader.us_layout import ENTER, A, Typist
from kiosk.reader.wedge import WedgeReader

RETRY = 1.0
"""Seconds between two tries to open a scanner that is not there."""

SYSFS = Path("/sys/class/input")

EVENT = struct.Struct("@llHHi")
"""<linux/input.h>, struct input_event: seconds, microseconds, type, code, value."""

EVIOCGRAB, EVIOCSCLOCKID = 0x40044590, 0x400445A0
"""_IOW('E', 0x90, int), _IOW('E', 0xa0, int)."""
CLOCK_MONOTONIC = 1

EV_SYN, EV_KEY = 0, 1
SYN_REPORT, SYN_DROPPED = 0, 3
UP, DOWN = 0, 1
"""Values of a key's event; 2 is the kernel's own repeat of a key that is held."""

_log = logging.getLogger(__name__)


class Ioctl(Protocol):
    """fcntl's, as far as it is needed here."""

    def __call__(self, file: int, request: int, argument: int | bytes, /) -> object:
        """Ask a device's driver for something; raises OSError."""
        ...


def ioctl(file: int, request: int, argument: int | bytes, /) -> object:
    """Ask a device's driver for something; raises OSError."""
    return fcntl.ioctl(file, request, argument)


class EvdevReader:
    """Codes from /dev/input/event*; comes back by itself once the scanner is plugged in.

    What is a code, and what is a scan that came late, doubled or in part, the wedge tells; here the
    keys have the kernel's times, so that a booth that is busy for a moment hears no pause.
    """

    def __init__(
        self,
        find: Callable[[], Path],
        framing: Framing | None = None,
        ioctl: Ioctl = ioctl,
    ) -> None:
        """`find` says which device it is, whenever one is to be opened; raises OSError."""
        self._find, self._ioctl = find, ioctl
        self._wedge = WedgeReader(framing)
        self._typist = Typist()
        self._pump: Pump | None = None
        self._dropping = False
        """Whether events are passed over, up to the end of a report of which some were lost."""
        self._last = float("-inf")
        """When the last key's event came."""
        self._fault: str | None = None
        self._open_at = float("-inf")

    @classmethod
    def open(cls, settings: ReaderSettings) -> "EvdevReader":
        """A reader of the keyboard that is configured, which need not be there yet."""
        pattern, device = settings.name, settings.device
        find = (lambda: find_keyboard(pattern)) if pattern else (lambda: device)
        return cls(find, Framing.of(settings))

    @property
    def available(self) -> bool:
        """Whether the scanner is plugged in, and nobody else has it."""
        return self._pump is not None

    @property
    def fault(self) -> str | None:
        """Why it is not, in words for staff."""
        return self._fault

    def listen(self, heard: Heard) -> str | None:
        """Read the keys that the scanner pressed, and find the code that they made up."""
        keys: list[tuple[str, float]] = []
        try:
            if self._pump is None and heard.at >= self._open_at:
                self._open()
                # The beginning of a scan may have gone elsewhere.
                keys.append((ELSEWHERE, heard.at))
            keys += self._read()
        except OSError as error:
            self._fail(error, heard.at)
        return self._wedge.listen(Heard(tuple(keys), None, heard.at))

    def close(self) -> None:
        """Let go of the device; may be called twice."""
        if self._pump is not None:
            self._pump.close()
        self._pump = None
        self._dropping, self._typist = False, Typist()

    def _open(self) -> None:
        file = os.open(self._find(), os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._ioctl(file, EVIOCGRAB, 1)
            self._ioctl(file, EVIOCSCLOCKID, struct.pack("@i", CLOCK_MONOTONIC))
        except OSError:
            os.close(file)
            raise
        self._pump = Pump(file)
        if self._fault is not None:
            _log.info("reader: works again")
        self._fault = None

    def _read(self) -> Iterator[tuple[str, float]]:
        if self._pump is None:
            return
        for event in self._pump.take():
            for char in self._take(event):
                yield char, event.at

    def _take(self, event: "Event") -> tuple[str, ...]:
        """What an event types."""
        if event.type == EV_SYN:
            lost = event.code == SYN_DROPPED
            if lost:  # which keys are held is unknown, too
                self._typist = Typist()
            self._dropping = lost or (self._dropping and event.code != SYN_REPORT)
            return (ELSEWHERE,) * lost
        if event.type != EV_KEY or self._dropping:
            return ()
        if event.at - self._last > LONGEST_PAUSE:  # no scanner holds a key so long
            self._typist = Typist()
        self._last = event.at
        if event.value == UP:
            return tuple(self._typist.release(event.code))
        if event.value == DOWN:
            return tuple(self._typist.press(event.code))
        return (NOTHING,)  # no scanner holds a key: this one's release was late

    def _fail(self, error: OSError, now: float) -> None:
        self.close()
        self._open_at = now + RETRY
        fault = f"the scanner cannot be read ({_reason(error)}): {_way_out(error)}"
        if fault != self._fault:
            _log.warning("reader: %s", fault)
        self._fault = fault


class Pump:
    """Takes a device's events off the kernel at once, whatever this process does meanwhile.

    The kernel keeps 64 events for each who reads (evdev_compute_buffer_size), and a quick scanner
    makes more from one picture of the screen to the next, or while a thread here holds the
    interpreter. `cat` has nothing else to do, and a pipe holds 2700.
    """

    def __init__(self, file: int) -> None:
        """Begin; the file is cat's from now on, with whatever was asked of its driver."""
        self._rest = b""
        try:
            self._cat = subprocess.Popen(
                ["cat"], stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        finally:
            os.close(file)
        assert self._cat.stdout is not None
        self._pipe = self._cat.stdout
        os.set_blocking(self._pipe.fileno(), False)

    def take(self) -> Iterator["Event"]:
        """Every event that has come; raises OSError once the device has gone."""
        while True:
            try:
                came = os.read(self._pipe.fileno(), 1 << 16)
            except BlockingIOError:
                return
            if not came:
                raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
            came = self._rest + came
            whole = len(came) - len(came) % EVENT.size
            self._rest = came[whole:]
            yield from map(Event._make, EVENT.iter_unpack(came[:whole]))

    def close(self) -> None:
        """Let go of the device."""
        self._cat.kill()
        self._cat.wait()
        self._pipe.close()


class Event(NamedTuple):
    """One struct input_event."""

    seconds: int
    microseconds: int
    type: int
    code: int
    value: int

    @property
    def at(self) -> float:
        """When it came, at monotonic seconds."""
        return self.seconds + self.microseconds / 1e6


def list_keyboards(sysfs: Path = SYSFS) -> dict[str, Path]:
    """Every keyboard that is plugged in: the name that it gives itself, and its device.

    What has neither A nor Enter is none: a scanner may show a second device, for volume keys.
    """
    found: dict[str, Path] = {}
    for folder in sorted(sysfs.glob("event*"), key=lambda path: int(path.name[5:])):
        try:
            name = (folder / "device" / "name").read_text().strip()
            keys = int((folder / "device" / "capabilities" / "key").read_text().split()[-1], 16)
        except (OSError, ValueError, IndexError):  # just unplugged, or it has no keys
            continue
        if keys >> A & 1 and keys >> ENTER & 1:
            found.setdefault(name, Path("/dev/input") / folder.name)
    return found


def find_keyboard(pattern: str, sysfs: Path = SYSFS) -> Path:
    """The device of the first keyboard whose name fits a pattern. Raises OSError."""
    keyboards = list_keyboards(sysfs)
    for name, device in keyboards.items():
        if fnmatchcase(name, pattern):
            return device
    there = ", ".join(f'"{name}"' for name in keyboards) or "none"
    raise FileNotFoundError(errno.ENOENT, f"no keyboard {pattern!r}; there are: {there}")


def _reason(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror)


def _way_out(error: OSError) -> str:
    match error.errno:
        case errno.EACCES:
            return "let the booth's user into the group input"
        case errno.EBUSY:
            return "end the other program that has grabbed it"
        case errno.ENOTTY:
            return "name a device of /dev/input in the configuration"
        case _:
            return "plug the scanner in, or name another (`kiosk reader probe` tells which)"

"""A scanner on a serial line (USB-CDC): lines of text from a tty.

The standard library is enough to read lines, and pyserial has had no release since 2020.
"""

import contextlib
import errno
import logging
import os
import termios
import time
import tty
from collections.abc import Callable
from pathlib import Path

from kiosk.reader.reader import LIMIT, Debounce

RETRY = 1.0
"""Seconds between two tries to open a scanner that is not there."""

LONGEST = 4 * LIMIT
"""Bytes kept of a line; a longer one is no code, whatever its rest."""

_log = logging.getLogger(__name__)


class SerialReader:
    """Codes from a tty such as /dev/serial/by-id/usb-…; comes back by itself once plugged in.

    USB-CDC knows no line speed. A line ends with CR, LF or both, and is UTF-8.
    """

    def __init__(self, device: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._device = device
        self._clock = clock
        self._debounce = Debounce()
        self._tty: int | None = None
        self._pending = b""
        self._fault: str | None = None
        self._open_at = clock()

    @property
    def available(self) -> bool:
        """Whether the scanner is plugged in, as far as the last poll could tell."""
        return self._tty is not None

    @property
    def fault(self) -> str | None:
        """Why it is not, in words for staff."""
        return self._fault

    def poll(self) -> str | None:
        """Give the next code's text if one was read; never blocks, never raises."""
        now = self._clock()
        try:
            if self._tty is None:
                if now < self._open_at:
                    return None
                self._open()
            self._read()
        except OSError as error:
            self._failed(error, now)
        while line := self._line():
            code = line.decode("utf-8", "replace").strip()
            if code and len(code) <= LIMIT and self._debounce.fresh(code, now):
                return code
        return None

    def close(self) -> None:
        """Let go of the device; may be called twice."""
        if self._tty is not None:
            os.close(self._tty)
        self._tty = None
        self._pending = b""

    def _open(self) -> None:
        self._tty = os.open(self._device, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            tty.setraw(self._tty)
        except termios.error as error:  # which is no OSError, though it has the same arguments
            raise OSError(*error.args) from error
        if self._fault is not None:
            _log.info("reader: works again")
        self._fault = None

    def _read(self) -> None:
        if self._tty is None:
            return
        with contextlib.suppress(BlockingIOError):  # nothing was scanned
            read = os.read(self._tty, 4096)
            if not read:
                raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
            self._pending += read.replace(b"\r", b"\n")
        if b"\n" not in self._pending:
            self._pending = self._pending[:LONGEST]

    def _line(self) -> bytes | None:
        """Take one line with its end off what is pending."""
        line, end, rest = self._pending.partition(b"\n")
        if not end:
            return None
        self._pending = rest
        return line + end

    def _failed(self, error: OSError, now: float) -> None:
        self.close()
        self._open_at = now + RETRY
        way_out = "plug the scanner in, or name another device in the configuration"
        if error.errno == errno.EACCES:
            way_out = "let the booth's user into the group dialout"
        fault = f"the scanner {self._device} cannot be read ({error.strerror}): {way_out}"
        if fault != self._fault:
            _log.warning("reader: %s", fault)
        self._fault = fault

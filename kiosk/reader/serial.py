"""A scanner on a serial line (USB-CDC): lines of text from a tty.

The standard library is enough to read lines, and pyserial has had no release since 2020.
"""

import contextlib
import errno
import logging
import os
import termios
import tty
from pathlib import Path

from kiosk.reader.reader import (
    BROKEN_SCAN,
    LONGEST_CODE,
    LONGEST_PAUSE,
    SHORTEST_CODE,
    Debounce,
    Framing,
    Heard,
    ReaderSettings,
)

RETRY = 1.0
"""Seconds between two tries to open a scanner that is not there."""

LONGEST_LINE = 4 * LONGEST_CODE
"""Bytes kept of a line; a longer one is no code, whatever its rest."""

_log = logging.getLogger(__name__)


class SerialReader:
    """Codes from a tty such as /dev/serial/by-id/usb-…; comes back by itself once plugged in.

    USB-CDC knows no line speed. A line ends with CR, LF or both, and is UTF-8; `framing` is what
    the scanner is set up to send. A line that paused, or whose beginning may have been missed, is
    no code, whatever follows up to its end.
    """

    def __init__(self, device: Path, framing: Framing | None = None) -> None:
        self._device = device
        self._framing = framing or Framing()
        self._debounce = Debounce()
        self._tty: int | None = None
        self._pending = b""
        self._pending_at = float("-inf")
        self._broken = False
        """Whether what is pending is not one line's beginning."""
        self._fault: str | None = None
        self._open_at = float("-inf")

    @classmethod
    def open(cls, settings: ReaderSettings) -> "SerialReader":
        """A reader of the tty that is configured, which need not be there yet."""
        return cls(settings.device, Framing.of(settings))

    @property
    def available(self) -> bool:
        """Whether the scanner is plugged in, as far as it could be told when last listened to."""
        return self._tty is not None

    @property
    def fault(self) -> str | None:
        """Why it is not, in words for staff."""
        return self._fault

    def listen(self, heard: Heard) -> str | None:
        """Read what the scanner sent, and find the next code in it."""
        try:
            if self._tty is None:
                if heard.at < self._open_at:
                    return None
                self._open_tty()
                self._drop_what_was_sent_before()
            self._read(heard.at)
        except OSError as error:
            self._fail(error, heard.at)
        while (line := self._take_line()) is not None:
            code = None if self._broken else self._find_code(line)
            self._broken = False
            if code is None and len(line) >= SHORTEST_CODE:
                return BROKEN_SCAN
            if code is not None and self._debounce.is_new(code, heard.at):
                return code
        return self._notice_pause(heard.at)

    def close(self) -> None:
        """Let go of the device; may be called twice."""
        if self._tty is not None:
            os.close(self._tty)
        self._tty = None
        # The rest of a line may come once the scanner is back.
        self._broken = self._broken or bool(self._pending)
        self._pending = b""

    def _find_code(self, line: bytes) -> str | None:
        try:
            return self._framing.find_code(line.decode("utf-8"))
        except UnicodeDecodeError:  # noise
            return None

    def _notice_pause(self, now: float) -> str | None:
        """Give up a line that has no end yet; BROKEN_SCAN the first time, if it was one."""
        if not self._pending or self._broken or now - self._pending_at <= LONGEST_PAUSE:
            return None
        self._broken = True
        return BROKEN_SCAN if len(self._pending) >= SHORTEST_CODE else None

    def _open_tty(self) -> None:
        self._tty = os.open(self._device, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            tty.setraw(self._tty, termios.TCSANOW)  # what was sent before stays, to be seen
        except termios.error as error:  # which is no OSError, though it has the same arguments
            raise OSError(*error.args) from error
        if self._fault is not None:
            _log.info("reader: works again")
        self._fault = None

    def _drop_what_was_sent_before(self) -> None:
        """Nobody waits for a scan of then; but the rest of its line may yet come."""
        assert self._tty is not None
        with contextlib.suppress(BlockingIOError):
            while read := os.read(self._tty, 4096):
                self._broken = not read.endswith((b"\r", b"\n"))

    def _read(self, now: float) -> None:
        if self._tty is None:
            return
        with contextlib.suppress(BlockingIOError):  # nothing was scanned
            read = os.read(self._tty, 4096)
            if not read:
                raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
            # Also where the booth was busy all the while, and could not notice it before.
            paused = bool(self._pending) and now - self._pending_at > LONGEST_PAUSE
            self._broken = self._broken or paused
            self._pending += read.replace(b"\r", b"\n")
            self._pending_at = now
        if b"\n" not in self._pending:
            self._pending = self._pending[:LONGEST_LINE]

    def _take_line(self) -> bytes | None:
        """Take one line, without its end, off what is pending."""
        line, end, rest = self._pending.partition(b"\n")
        if not end:
            return None
        self._pending = rest
        return line

    def _fail(self, error: OSError, now: float) -> None:
        self.close()
        self._open_at = now + RETRY
        way_out = "plug the scanner in, or name another device in the configuration"
        if error.errno == errno.EACCES:
            way_out = "let the booth's user into the group dialout"
        fault = f"the scanner {self._device} cannot be read ({error.strerror}): {way_out}"
        if fault != self._fault:
            _log.warning("reader: %s", fault)
        self._fault = fault

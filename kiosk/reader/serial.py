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

QUIET = 0.05
"""Seconds for which nothing follows on the end of a line: an end in the midst of a scan must not
make two codes of one. A scanner sends all of a scan within a few milliseconds."""

_log = logging.getLogger(__name__)


class SerialReader:
    """Codes from a tty such as /dev/serial/by-id/usb-…; comes back by itself once plugged in.

    USB-CDC knows no line speed. A line ends with CR, LF or both, and is UTF-8; `framing` is what
    the scanner is set up to send. A line that paused, or whose beginning may have been missed, is
    no code, whatever follows up to its end; nor are two that come in one go.
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
        self._lines: list[bytes] = []
        """The lines that came in one go; b"" for one that was broken."""
        self._longest = 0
        """Bytes of the longest of them, also of a broken one."""
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
            if self._tty is None and heard.at >= self._open_at:
                self._open_tty()
                self._drop_what_was_sent_before()
            self._read(heard.at)
        except OSError as error:
            self._fail(error, heard.at)
        while (line := self._take_line()) is not None:
            if line or self._broken:
                self._lines.append(b"" if self._broken else line)
                self._longest = max(self._longest, len(line))
            self._broken = False
        if self._pending:
            return self._notice_pause(heard.at)
        return self._end_scan() if heard.at - self._pending_at > QUIET else None

    def close(self) -> None:
        """Let go of the device; may be called twice."""
        if self._tty is not None:
            os.close(self._tty)
        self._tty = None
        # The rest of a line may come once the scanner is back.
        self._broken = self._broken or bool(self._pending)
        self._pending = b""

    def _end_scan(self) -> str | None:
        """The code that came, if it was one line; BROKEN_SCAN where it was otherwise; or None."""
        lines, longest = self._lines, self._longest
        self._lines, self._longest = [], 0
        code = self._find_code(lines[0]) if len(lines) == 1 else None
        if code is not None:
            return code if self._debounce.is_new(code, self._pending_at) else None
        return BROKEN_SCAN if longest >= SHORTEST_CODE else None

    def _find_code(self, line: bytes) -> str | None:
        try:
            return self._framing.find_code(line.decode("utf-8"))
        except UnicodeDecodeError:  # noise
            return None

    def _notice_pause(self, now: float) -> str | None:
        """Give up a line that has no end yet; BROKEN_SCAN the first time, if it was one."""
        if self._broken or now - self._pending_at <= LONGEST_PAUSE:
            return None
        self._broken = True
        self._lines.append(b"")  # whatever came before it is of the same scan
        self._longest = max(self._longest, len(self._pending))
        return self._end_scan()

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
        way_out = "plug the scanner in, or name another device (`kiosk reader probe` tells which)"
        if error.errno == errno.EACCES:
            way_out = "let the booth's user into the group dialout"
        fault = f"the scanner {self._device} cannot be read ({error.strerror}): {way_out}"
        if fault != self._fault:
            _log.warning("reader: %s", fault)
        self._fault = fault

"""The protocol that every reader keeps, and what the readers share."""

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from protocol.capture_code import LONGEST_CODE as LONGEST_CODE
from protocol.capture_code import is_doubled

if TYPE_CHECKING:  # else NumPy would be loaded by whoever asks which readers there are
    from kiosk.camera.frame import Picture

SHORTEST_CODE = 4
"""Fewer characters could be noise, or a person who hits several keys at once."""

LONGEST_PAUSE = 0.3
"""Seconds without a character after which a scan is over, or broken off. Not less: what comes is
seen once a picture, so a booth that is busy for a moment sees a pause in the midst of a scan."""

BROKEN_SCAN = ""
"""What a reader hands on of a scan that surely was one, and that is not whole: no code has this
text, so the student is told that it cannot be read."""

NOTHING = "\0"
"""What is typed by a key that types nothing, or not what it says: its scan is spoilt."""

ELSEWHERE = ""
"""What is typed where the keys before may have gone to somebody else: their scan is spoilt."""


class ReaderSettings(Protocol):
    """The configuration's section about the reader."""

    @property
    def kind(self) -> str:
        """One of `kiosk.reader.READERS`."""
        ...

    @property
    def device(self) -> Path:
        """The tty of a scanner on a serial line, or the keyboard of one that types."""
        ...

    @property
    def name(self) -> str:
        """The keyboard's own name instead, as a pattern; "" where the device is meant."""
        ...

    @property
    def prefix(self) -> str:
        """What the scanner sends before each code."""
        ...

    @property
    def suffix(self) -> str:
        """What it sends after each code, before Enter or the line's end."""
        ...

    @property
    def length(self) -> int:
        """The characters of each code, without prefix and suffix; 0: of any length."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """What the booth offers its reader in one round of its loop; times are monotonic seconds."""

    keys: tuple[tuple[str, float], ...]
    """The characters typed since the round before, each with its time; Enter is "\\r",
    and a key that typed none NOTHING or ELSEWHERE."""
    picture: "Picture | None"
    """A preview that was not offered before, where the booth waits for a code."""
    at: float
    """When this round began."""


class Reader(Protocol):
    """A source of codes: each takes what it needs of what the booth offers, or its own wire."""

    @property
    def available(self) -> bool:
        """Whether it works now."""
        ...

    @property
    def fault(self) -> str | None:
        """Why it does not, in words for staff."""
        ...

    def listen(self, heard: Heard) -> str | None:
        """Find the text of a code newly read, BROKEN_SCAN, or None; never blocks, never raises.

        A code is handed on whole or not at all: what is lost, late, doubled or left over of one
        scan never becomes another text.
        """
        ...

    def close(self) -> None:
        """Let go of device and threads; may be called twice."""
        ...


class Debounce:
    """Tells a code read again from a code held before the reader for a while.

    The window begins anew with each reading, so a telephone that lies on the scanner is read once.
    Of the last code only a keyed hash is kept, whose key this object alone has: a student's code
    cannot be told from it, nor found by trying.
    """

    def __init__(self, window: float = 2.0) -> None:
        self._window = window
        self._key = secrets.token_bytes(32)
        self._last: bytes | None = None
        self._at = 0.0

    def is_new(self, code: str, at: float) -> bool:
        """Whether a code read at that time (monotonic seconds) is a new reading."""
        digest = hashlib.blake2b(code.encode("utf-8", "surrogatepass"), key=self._key).digest()
        same = digest == self._last and at - self._at < self._window
        self._last, self._at = digest, at
        return not same


@dataclass(frozen=True, slots=True)
class Framing:
    """What a scanner sends around each code, and how long its codes are."""

    prefix: str = ""
    suffix: str = ""
    length: int = 0
    """Characters; 0: of any length."""

    @classmethod
    def of(cls, settings: ReaderSettings) -> "Framing":
        """As it is configured."""
        return cls(settings.prefix, settings.suffix, settings.length)

    @property
    def longest(self) -> int:
        """The most characters that a whole line can have."""
        return len(self.prefix) + (self.length or LONGEST_CODE) + len(self.suffix)

    def find_code(self, line: str) -> str | None:
        """The code in a line, or None where the line cannot be one code, whole."""
        code = strip_frame(line, self.prefix, self.suffix)
        if code is None or not 1 <= len(code) <= LONGEST_CODE:
            return None
        if self.length and len(code) != self.length:
            return None
        return code if code.isprintable() and not is_doubled(code) else None


def strip_frame(text: str, prefix: str, suffix: str) -> str | None:
    """The code between a scanner's prefix and suffix, or None where one of them is missing."""
    if not (text.startswith(prefix) and text.removeprefix(prefix).endswith(suffix)):
        return None
    return text.removeprefix(prefix).removesuffix(suffix)

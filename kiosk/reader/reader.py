"""The protocol that every reader keeps, and what the readers share."""

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # else NumPy would be loaded by whoever asks which readers there are
    from kiosk.camera.frame import Picture

LONGEST_CODE = 512
"""Characters; anything longer is noise or an attack, and is dropped."""


class ReaderSettings(Protocol):
    """The configuration's section about the reader."""

    @property
    def kind(self) -> str:
        """One of `kiosk.reader.READERS`."""
        ...

    @property
    def device(self) -> Path:
        """The tty of a scanner on a serial line."""
        ...

    @property
    def prefix(self) -> str:
        """What the scanner sends before each code."""
        ...

    @property
    def suffix(self) -> str:
        """What it sends after each code, before Enter or the line's end."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """What the booth offers its reader in one round of its loop; times are monotonic seconds."""

    keys: tuple[tuple[str, float], ...]
    """The characters typed since the round before, each with its time; Enter is "\\r"."""
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
        """Find the text of a code newly read, or None; never blocks, never raises."""
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


def strip_frame(text: str, prefix: str, suffix: str) -> str | None:
    """The code between a scanner's prefix and suffix, or None where one of them is missing."""
    if not (text.startswith(prefix) and text.removeprefix(prefix).endswith(suffix)):
        return None
    return text.removeprefix(prefix).removesuffix(suffix)

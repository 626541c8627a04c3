"""What every reader gives, and the one thing they share: a code that is held out is read once."""

from typing import Protocol

LIMIT = 512
"""Longest code in characters; anything longer is noise or an attack, and is dropped."""


class Reader(Protocol):
    """Something on a wire that reads codes."""

    @property
    def available(self) -> bool:
        """Whether it works now."""
        ...

    @property
    def fault(self) -> str | None:
        """Why it does not, in words for staff."""
        ...

    def poll(self) -> str | None:
        """Give the next code's text if one was read; never blocks, never raises."""
        ...

    def close(self) -> None:
        """Let go of the device; may be called twice."""
        ...


class Debounce:
    """Tells a code read again from a code held before the reader for a while.

    The window begins anew with each reading, so a telephone that lies on the scanner is read once.
    """

    def __init__(self, window: float = 2.0) -> None:
        self._window = window
        self._code: str | None = None
        self._at = 0.0

    def fresh(self, code: str, at: float) -> bool:
        """Whether a code read at that time (monotonic seconds) is a new reading."""
        again = code == self._code and at - self._at < self._window
        self._code, self._at = code, at
        return not again

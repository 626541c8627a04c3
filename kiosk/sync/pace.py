"""Bandwidth bounded: what goes to the registrar and comes from it, at most so fast."""

import io
import time
from collections.abc import Callable

PIECE = 8_192
"""Bytes after which the time is looked at."""


class Pace:
    """So many bytes a second on the average, both ways together."""

    def __init__(
        self,
        bytes_a_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`clock` and `sleep` are in seconds."""
        self._rate, self._clock, self._sleep = bytes_a_second, clock, sleep
        self._free_at = clock()

    def wait_for(self, size: int) -> None:
        """Wait until `size` more bytes may pass."""
        now = self._clock()
        start = max(self._free_at, now)
        self._free_at = start + size / self._rate
        if start > now:
            self._sleep(start - now)


class PacedBody(io.BytesIO):
    """A request's body that is read at a pace."""

    def __init__(self, body: bytes, pace: Pace) -> None:
        super().__init__(body)
        self._pace = pace

    def read(self, size: int | None = -1) -> bytes:
        """The next piece, once it may pass."""
        piece = super().read(PIECE if size is None or size < 0 else min(size, PIECE))
        self._pace.wait_for(len(piece))
        return piece

"""Connections: how many there may be at once, and how long one may take over its headers.

uvicorn bounds how long a connection is idle after an answer, but not how long the first byte of a
request takes, nor one header a minute; and beyond its limit it answers instead of closing.
"""

import asyncio
import logging
import resource
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST_CONNECTIONS = 256
"""Dozens of booths and browsers; each takes a handle, of which a process has 1,024 at least."""

BACKLOG = 64
"""Connections that are taken in one go, before those too many are closed again: two more goes
come before these are gone."""

WAITING = 1024
"""Connections that wait to be taken: who comes beside a thousand others is not asked to try again
in a second."""

HEADER_SECONDS = 10.0
"""From a connection, or the answer before, to the end of a request's headers."""

ASKS_WITHIN = 0.5
"""Seconds in which who means to ask has asked, over a slow network too."""

MOST_HEADER_BYTES = 16_384

MOST_DROPPED = 80_000_000
"""Bytes that are read and dropped of a request that has its answer, so that who sends on hears it:
the largest file that staff send, and more."""

UNREAD = "unread"
"""In a request's state, what of its body came last before its connection was cut: who reads on
hears of the cut alone."""

JUDGED = "judged"
"""What a request's state bears once its headers are known to be an enrolled booth's."""

LINES_A_MINUTE = 20
"""Of one kind, in the log."""


class BoundedConnection(H11Protocol):
    """One HTTP connection that is cut when its headers take too long.

    Where there are too many, one that waits without a request is cut, else a stranger's, of the
    address that has most of them the oldest; an enrolled booth's comes last. So who asks at once is
    served, however many are held open, and a photo on a slow line comes to its end.
    """

    _deadline: asyncio.TimerHandle | None = None
    _unsent = 0
    _since = 0.0
    _dropped = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, and cut another where there are too many."""
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > MOST_CONNECTIONS:
            others = [
                other
                for other in self.connections
                if isinstance(other, BoundedConnection) and other is not self
            ]
            of_address = Counter(other.address for other in others)
            first = min(others, key=lambda other: self._cut_first(other, of_address))
            # Cut now, it would still be counted until the loop is done with it.
            self.connections.discard(first)
            first.transport.abort()

    @property
    def address(self) -> str:
        """Where it comes from."""
        return "" if self.client is None else self.client[0]

    def data_received(self, data: bytes) -> None:
        """Read; the deadline goes on until the headers are whole."""
        if self.cycle is not None and self.cycle.response_complete:
            self._dropped += len(data)
            if self._dropped > MOST_DROPPED:
                self.transport.abort()
                return
        super().data_received(data)
        self._wait_or_serve()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._wait_or_serve()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline; leave what came and was not read yet."""
        self._stop_waiting()
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.scope.get("state", {})[UNREAD] = bytes(self.cycle.body)
        super().connection_lost(exc)

    def _cut_first(
        self, other: "BoundedConnection", of_address: Counter[str]
    ) -> tuple[bool, bool, int, float]:
        """Sort those before that have asked for nothing in a while; then strangers, the many."""
        asks = other._deadline is None or self._since - other._since < ASKS_WITHIN
        is_booths = other._deadline is None and JUDGED in other.cycle.scope.get("state", {})
        return is_booths, asks, -of_address[other.address], other._since

    def _wait_or_serve(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
            self._dropped = 0
        else:
            self._wait()

    def _wait(self) -> None:
        if self._deadline is None:
            self._since = self.loop.time()
            self._unsent = self.transport.get_write_buffer_size()
            self._deadline = self.loop.call_later(HEADER_SECONDS, self._cut)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._since = self.loop.time()
        self._deadline = None

    def _cut(self) -> None:
        """Cut the connection, unless the other side still takes the answer before."""
        self._deadline = None
        if 0 < self.transport.get_write_buffer_size() < self._unsent:
            self._wait()
        else:
            self.transport.abort()


class SparingFilter(logging.Filter):
    """Lets only so many lines of one kind a minute into the log, whoever provokes them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._written: dict[str, deque[float]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a line is written; those of one text, whatever stands in it, are a kind."""
        now = self._clock()
        times = self._written.setdefault(record.msg, deque(maxlen=LINES_A_MINUTE))
        if len(times) == LINES_A_MINUTE and now - times[0] < 60:
            return False
        times.append(now)
        return True


SPARING = SparingFilter()


def raise_handle_limit() -> None:
    """Let the process have as many handles as the system allows it, for connections and files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def spare_the_log() -> None:
    """Bound what strangers can make the server and its event loop write. Twice is once."""
    for name in ("uvicorn.error", "asyncio"):
        logging.getLogger(name).addFilter(SPARING)

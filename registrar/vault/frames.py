"""Frames between a vault and who asks it: a length, then so many bytes; to each question an answer.

A question: its kind (one byte), then KEYS nothing; CHECK the submission id (16 bytes), the booth's
key (32), the length of the booth's name (1) and the name, and the sealed bytes; PHOTO the sealed
bytes. An answer: FOUND with the keys (32 bytes each), the metadata's JSON, or that, a line feed and
the JPEG; REFUSED with a `PhotoRefusal`; FAILED with what is wrong, for staff.
"""

import socket
import time
from collections.abc import Callable

KEYS, CHECK, PHOTO = b"k", b"c", b"p"
FOUND, REFUSED, FAILED = b"f", b"r", b"x"

LARGEST = 8_000_000
"""Bytes of a frame at most: twice the largest body that the registrar takes from a booth."""

Clock = Callable[[], float]


class Deadline:
    """A moment until which a socket's calls may last altogether, by a clock in seconds."""

    def __init__(self, seconds: float, clock: Clock = time.monotonic) -> None:
        self._until, self._clock = clock() + seconds, clock

    def left(self) -> float:
        """Seconds that are left; raises TimeoutError where there are none."""
        if (left := self._until - self._clock()) <= 0:
            raise TimeoutError
        return left

    def bind(self, connection: socket.socket) -> None:
        """Let a socket's next call last no longer than that; raises TimeoutError."""
        connection.settimeout(self.left())


def send(connection: socket.socket, parts: list[bytes], deadline: Deadline) -> None:
    """Send a frame of parts; raises OSError, TimeoutError among them."""
    length = sum(map(len, parts))
    left = [memoryview(part) for part in (length.to_bytes(4, "big"), *parts) if part]
    while left:
        deadline.bind(connection)
        sent = connection.sendmsg(left)
        while left and sent >= len(left[0]):
            sent -= len(left.pop(0))
        if sent:
            left[0] = left[0][sent:]


def receive(connection: socket.socket, deadline: Deadline) -> bytes | None:
    """Receive a frame; None where the other side has closed before it began.

    Raises OSError: TimeoutError among them, and ConnectionError for half a frame or one too large.
    """
    head = _receive_exactly(connection, 4, deadline)
    if head is None:
        return None
    length = int.from_bytes(head, "big")
    if length > LARGEST:
        raise ConnectionError(f"a frame of {length} bytes")
    body = _receive_exactly(connection, length, deadline)
    if body is None:
        raise ConnectionError("half a frame")
    return body


def _receive_exactly(connection: socket.socket, length: int, deadline: Deadline) -> bytes | None:
    """Receive so many bytes; None where the other side has closed before the first."""
    data = bytearray(length)
    view, got = memoryview(data), 0
    while got < length:
        deadline.bind(connection)
        more = connection.recv_into(view[got:])
        if not more:
            if got == 0:
                return None
            raise ConnectionError("half a frame")
        got += more
    view.release()
    return bytes(data)

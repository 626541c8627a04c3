"""Hears what a service tells systemd, in systemd's stead: for who measures a start."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Ear:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def hear(self, seconds: float) -> set[str]:
        """What is told next, as lines NAME=VALUE; nothing where nothing is within so long."""
        self._line.settimeout(seconds)
        try:
            return set(self._line.recv(4096).decode().splitlines())
        except TimeoutError:
            return set()


@contextmanager
def listen(path: Path) -> Iterator[Ear]:
    """Listen at a path, which is to be the service's NOTIFY_SOCKET."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        line.bind(str(path))
        yield Ear(line)

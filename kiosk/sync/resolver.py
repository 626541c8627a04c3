"""Whose is a capture code? Asked over a UNIX socket: who sees faces has no network.

The booth asks in one line of JSON, a `Question`; the answer is a line of JSON too, an `Answer`,
or `registrar_unreachable`. One connection carries one question.
"""

import os
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from kiosk.config import SyncSettings
from kiosk.errors import SyncError
from kiosk.sync.enrolment import open_client
from kiosk.sync.errors import Unreachable
from protocol.roster import Answer, Question

RESOLVE_PATIENCE = (2.0, 5.0)
"""Seconds that a student waits for a way to the registrar, and then for its answer, before the
roster here is asked instead."""

ANSWER_PATIENCE = sum(RESOLVE_PATIENCE) + 1.0
"""Seconds within which the resolver has answered, whatever the network does."""

LONGEST_LINE = 65_536
"""Bytes of a question or an answer."""

MOST_AT_ONCE = 8
"""Questions that are asked at once; a booth asks one. More are not answered, so that a network in
which everything hangs cannot fill this process."""

Ask = Callable[[Question], Answer]
"""Asks the registrar whose a capture code is; raises SyncError."""

Found = Answer | Literal["registrar_unreachable"]

_FOUND: TypeAdapter[Found] = TypeAdapter(Found)


class SocketResolver:
    """The booth's side: asks the resolver, within a deadline whatever happens."""

    def __init__(
        self,
        path: Path,
        patience: float = ANSWER_PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`path` is the socket's; `patience` covers everything, in seconds."""
        self._path, self._patience, self._clock = path, patience, clock

    def resolve(self, question: Question) -> Answer:
        """Ask whose a code is: the student, or why there is none. Raises Unreachable."""
        until = self._clock() + self._patience
        line = question.model_dump_json().encode() + b"\n"
        try:
            with socket.socket(socket.AF_UNIX) as asking, _short_address(self._path) as address:
                asking.settimeout(self._patience)
                asking.connect(address)
                asking.sendall(line)
                answer = self._read(asking, until)
            found = _FOUND.validate_json(answer)
        except (OSError, ValidationError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise Unreachable(
                f"{self._path}: the resolver gives no answer ({why}); see that the unit"
                " kiosk-resolver runs"
            ) from error
        if found == "registrar_unreachable":
            raise Unreachable("registrar: gives no answer in time; check the network")
        return found

    def _read(self, asking: socket.socket, until: float) -> bytes:
        answer = b""
        while not answer.endswith(b"\n") and len(answer) < LONGEST_LINE:
            left = until - self._clock()
            if left <= 0:
                raise TimeoutError
            asking.settimeout(left)
            if not (more := asking.recv(LONGEST_LINE)):
                break
            answer += more
        return answer


class _Handler(socketserver.StreamRequestHandler):
    """One question."""

    server: "ResolverServer"
    timeout = 5.0

    def handle(self) -> None:
        try:
            question = Question.model_validate_json(self.rfile.readline(LONGEST_LINE))
        except (ValidationError, OSError):
            return
        answer = self.server.answer(question)
        self.wfile.write(_FOUND.dump_json(answer) + b"\n")


class ResolverServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """The side with a network: answers questions until it is shut down. Its owner's alone."""

    daemon_threads = True
    block_on_close = False  # what hangs in the network must not keep it from ending

    def __init__(self, path: Path, ask: Ask) -> None:
        """Listen at a path, in the place of a socket left there. Raises OSError."""
        self._ask = ask
        self._places = threading.Semaphore(MOST_AT_ONCE)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with _short_address(path) as address:
            super().__init__(address, _Handler)
        path.chmod(0o600)

    def answer(self, question: Question) -> Found:
        """Ask the registrar, unless too many do so already."""
        if not self._places.acquire(blocking=False):
            return "registrar_unreachable"
        try:
            return self._ask(question)
        except SyncError:
            return "registrar_unreachable"
        finally:
            self._places.release()


def ask_registrar(settings: SyncSettings) -> Ask:
    """Ask the registrar that is configured, within RESOLVE_PATIENCE."""

    def ask(question: Question) -> Answer:
        with open_client(settings, RESOLVE_PATIENCE, sum(RESOLVE_PATIENCE)) as client:
            try:
                return client.resolve(question)
            finally:
                client.remember_time(settings.roster)

    return ask


@contextmanager
def resolver_in_thread(path: Path, ask: Ask) -> Iterator[None]:
    """Answer questions in a thread while the context lasts. Raises OSError."""
    server = ResolverServer(path, ask)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="resolver")
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        path.unlink(missing_ok=True)


@contextmanager
def _short_address(path: Path) -> Iterator[str]:
    """An address for a socket whose path may be longer than the 107 bytes that addresses have."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)

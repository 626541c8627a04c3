"""The web process's side of the vault's socket: asks, within a deadline whatever happens."""

import socket
import threading
import time
from functools import cached_property
from pathlib import Path

from nacl.public import PublicKey
from nacl.signing import VerifyKey
from pydantic import TypeAdapter, ValidationError

from protocol.envelope import Envelope, Metadata
from protocol.keys import KEY_BYTES
from protocol.receipt import PhotoRefusal
from registrar.errors import StoreError
from registrar.vault.frames import (
    CHECK,
    FAILED,
    FOUND,
    KEYS,
    PHOTO,
    REFUSED,
    Clock,
    Deadline,
    receive,
    send,
)

PATIENCE = 8.0
"""Seconds that an answer may take, with the wait for a turn: a booth waits 20 s for its receipt."""

MOST_AT_ONCE = 8
"""Questions of one process; opening is work for the processor, and more would only take turns."""

_NOT_KNOWN = "gives an answer that nobody knows"

_REFUSAL: TypeAdapter[PhotoRefusal] = TypeAdapter(PhotoRefusal)


class VaultClient:
    """A `Vault` behind a socket. Any thread may call; connections are kept, and made anew."""

    def __init__(
        self, path: Path, patience: float = PATIENCE, clock: Clock = time.monotonic
    ) -> None:
        """`path` is the socket's; `patience` covers everything of one question, in seconds."""
        self.path = path
        self._patience, self._clock = patience, clock
        self._turns = threading.Semaphore(MOST_AT_ONCE)
        self._lock = threading.Lock()
        self._idle: list[socket.socket] = []

    @property
    def public_key(self) -> PublicKey:
        """The key that booths seal to, as the vault had it when it was asked first."""
        return self._keys[0]

    @property
    def former_keys(self) -> tuple[PublicKey, ...]:
        """The keys that booths sealed to before, as the vault had them when it was asked first."""
        return self._keys[1:]

    def check(self, envelope: Envelope, booth_key: VerifyKey) -> Metadata | PhotoRefusal:
        """Have an envelope opened and checked; the photo does not come here."""
        name = envelope.booth_id.encode()
        named = [envelope.submission_id.bytes, bytes(booth_key), bytes([len(name)]), name]
        kind, body = self._ask([CHECK, *named, envelope.sealed])
        try:
            if kind == REFUSED:
                return _REFUSAL.validate_python(body.decode())
            return Metadata.model_validate_json(body)
        except ValidationError as error:
            raise self._fault(_NOT_KNOWN) from error

    def photo(self, sealed: bytes) -> tuple[Metadata, bytes]:
        """Have a photo opened."""
        line, _, jpeg = self._ask([PHOTO, sealed])[1].partition(b"\n")
        try:
            return Metadata.model_validate_json(line), jpeg
        except ValidationError as error:
            raise self._fault(_NOT_KNOWN) from error

    def close(self) -> None:
        """Close the connections that nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @cached_property
    def _keys(self) -> tuple[PublicKey, ...]:
        _, body = self._ask([KEYS])
        if not body or len(body) % KEY_BYTES:
            raise self._fault("gives no keys")
        starts = range(0, len(body), KEY_BYTES)
        return tuple(PublicKey(body[start : start + KEY_BYTES]) for start in starts)

    def _ask(self, question: list[bytes]) -> tuple[bytes, bytes]:
        """Ask, and read the answer's kind and body; raises StoreError."""
        deadline = Deadline(self._patience, self._clock)
        if not self._turns.acquire(timeout=self._patience):
            raise self._fault(f"has had no turn free for {self._patience:.0f} s")
        try:
            answer = self._ask_kept(question, deadline) or self._ask_anew(question, deadline)
        except TimeoutError as error:
            raise self._fault(f"has not answered in {self._patience:.0f} s") from error
        except OSError as error:
            raise self._fault(f"does not answer ({error.strerror or error})") from error
        finally:
            self._turns.release()
        kind, body = answer[:1], answer[1:]
        if kind == FAILED:
            raise StoreError(body.decode(errors="replace"))
        if kind not in (FOUND, REFUSED):
            raise self._fault(_NOT_KNOWN)
        return kind, body

    def _ask_kept(self, question: list[bytes], deadline: Deadline) -> bytes | None:
        """Ask over a connection of before; None where there is none, or another vault by now."""
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            return None
        try:
            return self._exchange(connection, question, deadline)
        except ConnectionError:
            self.close()  # those beside it are of the same vault
            return None

    def _ask_anew(self, question: list[bytes], deadline: Deadline) -> bytes:
        connection = socket.socket(socket.AF_UNIX)
        try:
            deadline.bind(connection)
            connection.connect(str(self.path))
        except OSError:
            connection.close()
            raise
        return self._exchange(connection, question, deadline)

    def _exchange(
        self, connection: socket.socket, question: list[bytes], deadline: Deadline
    ) -> bytes:
        """Ask and be answered, and keep the connection; one that failed may not be used again."""
        try:
            send(connection, question, deadline)
            answer = receive(connection, deadline)
        except BaseException:
            connection.close()
            raise
        if not answer:
            connection.close()
            raise ConnectionError("it has closed the connection")
        with self._lock:
            self._idle.append(connection)
        return answer

    def _fault(self, what: str) -> StoreError:
        return StoreError(f"{self.path}: the vault {what}; see that `registrar vault` runs")

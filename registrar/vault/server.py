"""The vault's side of its socket: opens what it is asked to, several at once."""

import logging
import os
import socket
import threading
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from nacl.signing import VerifyKey

from protocol.envelope import Envelope
from protocol.signing import UNSIGNED
from registrar.errors import StoreError
from registrar.vault import Vault
from registrar.vault.frames import (
    CHECK,
    FAILED,
    FOUND,
    KEYS,
    PHOTO,
    REFUSED,
    Deadline,
    receive,
    send,
)

MOST_CONNECTIONS = 64
"""Eight processes that each ask eight things at once; one more is closed, and told as busy."""

IDLE_SECONDS = 60.0
"""After an answer, until the next question has come: who asks then connects anew."""

TAKING_SECONDS = 10.0
"""Within which an answer is taken, or it is dropped: longer than anybody waits for it."""

_log = logging.getLogger("registrar.vault")


def listen_at(path: Path) -> socket.socket:
    """Listen at a path, this user's alone, in the place of a socket left there. Raises OSError."""
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    mask = os.umask(0o177)
    try:
        listening.bind(str(path))
    finally:
        os.umask(mask)
    listening.listen(MOST_CONNECTIONS)
    return listening


class VaultServer:
    """Answers over a socket that listens already; who may connect is decided by its path."""

    def __init__(self, listening: socket.socket, vault: Vault) -> None:
        self._listening, self._vault = listening, vault
        self._places = threading.Semaphore(MOST_CONNECTIONS)

    def serve(self) -> None:
        """Serve until `close`, each connection in a thread."""
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:  # closed
                return
            if not self._places.acquire(blocking=False):
                connection.close()
                continue
            threading.Thread(
                target=self._converse, args=(connection,), name="vault", daemon=True
            ).start()

    def close(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _converse(self, connection: socket.socket) -> None:
        try:
            with connection:
                while (question := receive(connection, Deadline(IDLE_SECONDS))) is not None:
                    send(connection, self._answer(question), Deadline(TAKING_SECONDS))
        except OSError:  # who asked is gone, or says nothing
            pass
        finally:
            self._places.release()

    def _answer(self, question: bytes) -> list[bytes]:
        try:
            return _answer(self._vault, question)
        except StoreError as error:
            return [FAILED, str(error).encode()]
        except Exception as error:
            # What photos can do to a decoder is not known; what it says may quote the photo.
            _log.error("vault: a question failed (%s)", type(error).__name__)
            return [FAILED, b"a photo: cannot be opened; see the vault's log"]


def _answer(vault: Vault, question: bytes) -> list[bytes]:
    kind, body = question[:1], question[1:]
    if kind == KEYS:
        return [FOUND, *map(bytes, (vault.public_key, *vault.former_keys))]
    if kind == PHOTO:
        metadata, jpeg = vault.photo(body)
        return [FOUND, metadata.model_dump_json().encode(), b"\n", jpeg]
    if kind != CHECK:
        raise StoreError("the vault was asked what it does not know; run it and the registrar of"
                         " one version")  # fmt: skip
    name_end = 49 + body[48]
    envelope = Envelope(
        submission_id=UUID(bytes=body[:16]),
        booth_id=body[49:name_end].decode(),
        sealed=body[name_end:],
        signature=UNSIGNED,
    )
    found = vault.check(envelope, VerifyKey(body[16:48]))
    if isinstance(found, str):
        return [REFUSED, found.encode()]
    return [FOUND, found.model_dump_json().encode()]

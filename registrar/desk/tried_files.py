"""Files that were tried and not imported yet: kept sealed, by a key that only the page has."""

import io
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from typing import BinaryIO, Self

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from registrar.objects import NoSuchObject, ObjectStore

FOLDER = "imports"
"""Under this the objects lie."""

KEPT = 3600.0
"""Seconds for which a tried file is kept."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the page that shows a tried file has: its name, and the key that it is sealed by."""

    token: str
    key: bytes

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read a ticket as `write` has written it; None where it is none."""
        token, _, key = text.partition(".")
        try:
            return cls(token, urlsafe_b64decode(key)) if token.isalnum() else None
        except (Base64Error, ValueError):
            return None

    def write(self) -> str:
        """Write it for a form."""
        return f"{self.token}.{urlsafe_b64encode(self.key).decode()}"

    @property
    def name(self) -> str:
        """The object's name."""
        return f"{FOLDER}/{self.token}"


def keep(objects: ObjectStore, file: BinaryIO) -> Ticket:
    """Keep a file until it is imported."""
    ticket = Ticket(secrets.token_hex(16), secrets.token_bytes(SecretBox.KEY_SIZE))
    file.seek(0)
    objects.put(ticket.name, bytes(SecretBox(ticket.key).encrypt(file.read())))
    return ticket


def read(objects: ObjectStore, ticket: Ticket) -> BinaryIO | None:
    """Read a file that was kept; None where it is there no more."""
    try:
        return io.BytesIO(SecretBox(ticket.key).decrypt(objects.get(ticket.name)))
    except (NoSuchObject, CryptoError, ValueError, TypeError):  # gone, or a ticket made up
        return None


def forget(objects: ObjectStore, ticket: Ticket) -> None:
    """Remove a file that was imported, or is not to be."""
    objects.delete(ticket.name)


def sweep(objects: ObjectStore, now: float) -> None:
    """Remove what nobody imported in time; `now` is in seconds since 1970."""
    for name, made_at in list(objects.names(FOLDER)):
        if made_at < now - KEPT:
            objects.delete(name)

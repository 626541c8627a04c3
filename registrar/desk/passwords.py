"""Passwords: which are taken, and how they are kept (argon2id)."""

import secrets
import unicodedata
from functools import cache
from threading import Semaphore

from nacl import pwhash
from nacl.exceptions import InvalidkeyError

SHORTEST_PASSWORD = 12
"""Characters; with a second factor NIST SP 800-63B asks for 8, and 15 without."""

LONGEST_PASSWORD = 200

_HASHERS = Semaphore(2)
"""Passwords hashed at once: each takes 64 MiB."""


def find_password_fault(password: str, login: str) -> str | None:
    """Find why a password is not taken, as a key of the words; None where it is good."""
    folded = unicodedata.normalize("NFKC", password).casefold()
    if len(password) < SHORTEST_PASSWORD:
        return "setup.password_short"
    if len(password) > LONGEST_PASSWORD:
        return "setup.password_long"
    if login in folded or len(set(folded)) < 6:
        return "setup.password_easy"
    return None


def hash_password(password: str) -> str:
    """Hash a password (argon2id, 64 MiB)."""
    with _HASHERS:
        return pwhash.argon2id.str(
            _password_bytes(password),
            pwhash.argon2id.OPSLIMIT_INTERACTIVE,
            pwhash.argon2id.MEMLIMIT_INTERACTIVE,
        ).decode()


@cache
def nobodys_password() -> str:
    """What a password is held against where there is no account: the answer takes as long."""
    return hash_password(secrets.token_hex(16))


def is_password(hashed: str, password: str) -> bool:
    """Say whether it is the password that was hashed."""
    with _HASHERS:
        try:
            return pwhash.verify(hashed.encode(), _password_bytes(password[:LONGEST_PASSWORD]))
        except InvalidkeyError:
            return False


def _password_bytes(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode()

"""Keys in a backup: the key files of a data folder, sealed by a passphrase."""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from nacl import pwhash
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from nacl.utils import random

from durable import write_new
from registrar.errors import StoreError, UsageError

SHORTEST = 12
"""Characters of a passphrase: who has the backup may try as many as they like."""

FILES = ("sign.key", "seal.key", "seal.*.key")
"""The key files; `seal.*.key` are the former ones."""


@dataclass(frozen=True, slots=True)
class KeyBox:
    """Key files, sealed. `work` and `memory` are argon2id's, as they were when it was sealed."""

    salt: bytes
    work: int
    memory: int
    box: bytes

    @classmethod
    def seal(
        cls,
        folder: Path,
        passphrase: str,
        work: int = pwhash.argon2id.OPSLIMIT_MODERATE,
        memory: int = pwhash.argon2id.MEMLIMIT_MODERATE,
    ) -> Self:
        """Seal a data folder's keys. Raises UsageError for a short passphrase, StoreError."""
        if len(passphrase) < SHORTEST:
            raise UsageError(f"passphrase: has {SHORTEST} characters at least")
        salt = random(pwhash.argon2id.SALTBYTES)
        paths = sorted(path for pattern in FILES for path in folder.glob(pattern))
        try:
            keys = {path.name: path.read_text("ascii") for path in paths}
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(f"{folder}: its keys cannot be read ({error})") from error
        box = _box(passphrase, salt, work, memory)
        return cls(salt, work, memory, bytes(box.encrypt(json.dumps(keys).encode())))

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read what `write` has written; raises StoreError."""
        try:
            said = json.loads(data)
            salt, box = b64decode(said["salt"]), b64decode(said["box"])
            return cls(salt, int(said["work"]), int(said["memory"]), box)
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError("the backup's keys: are damaged; take another backup") from error

    def write(self) -> bytes:
        """Write it for a backup."""
        said = {"salt": b64encode(self.salt).decode(), "box": b64encode(self.box).decode()}
        return json.dumps({**said, "work": self.work, "memory": self.memory}).encode()

    def unseal(self, passphrase: str) -> dict[str, bytes]:
        """The key files by their names; raises UsageError for another passphrase."""
        try:
            opened = _box(passphrase, self.salt, self.work, self.memory).decrypt(self.box)
        except CryptoError as error:
            raise UsageError("passphrase: is not the one that the keys were sealed by") from error
        return {name: str(key).encode() for name, key in json.loads(opened).items()}


def write_keys(folder: Path, keys: dict[str, bytes]) -> None:
    """Write key files into a folder that has none; raises StoreError."""
    for name, key in keys.items():
        if not any(Path(name).match(pattern) for pattern in FILES) or "/" in name:
            raise StoreError(f"the backup's keys: {name!r} is no key file; take another backup")
        try:
            write_new(folder / name, key)
        except OSError as error:
            raise StoreError(f"{folder / name}: cannot be written ({error.strerror})") from error


def _box(passphrase: str, salt: bytes, work: int, memory: int) -> SecretBox:
    key = pwhash.argon2id.kdf(
        SecretBox.KEY_SIZE, passphrase.encode(), salt, opslimit=work, memlimit=memory
    )
    return SecretBox(key)

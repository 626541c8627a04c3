"""The registrar's keys: one that photos are sealed to, one that receipts and extracts bear."""

import base64
import binascii
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nacl.public import PrivateKey
from nacl.signing import SigningKey, VerifyKey

from registrar.errors import StoreError, UsageError
from registrar.files import write_new


def text_of(key: bytes) -> str:
    """Give a key as people pass it on: base64."""
    return base64.b64encode(key).decode()


def key_of(text: str) -> bytes:
    """Read a key of 32 bytes in base64; raises UsageError."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise UsageError("is no key: 32 bytes in base64 are wanted")
    return key


def verify_key_of(text: str) -> VerifyKey:
    """Read a booth's public key; raises UsageError."""
    return VerifyKey(key_of(text))


@dataclass(frozen=True, slots=True)
class Keys:
    """Both private keys; they never leave the data folder."""

    seal: PrivateKey
    sign: SigningKey

    @classmethod
    def of(cls, folder: Path) -> "Keys":
        """Read the keys of a data folder; the first time, make them. Raises StoreError."""
        return cls(
            PrivateKey(_kept(folder / "seal.key", bytes(PrivateKey.generate()))),
            SigningKey(_kept(folder / "sign.key", bytes(SigningKey.generate()))),
        )


def _kept(path: Path, fresh: bytes) -> bytes:
    try:
        with suppress(FileExistsError):
            if not path.exists():
                write_new(path, text_of(fresh).encode() + b"\n")
        return key_of(path.read_text("ascii"))
    except UnicodeDecodeError as error:
        raise StoreError(f"{path}: is no key; bring it back from a copy") from error
    except UsageError as error:
        raise StoreError(f"{path}: {error}; bring it back from a copy") from error
    except OSError as error:
        raise StoreError(f"{path}: cannot be used ({error.strerror}); check the folder") from error

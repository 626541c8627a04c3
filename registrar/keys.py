"""The registrar's keys: one that photos are sealed to, one that receipts and extracts bear."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nacl.public import PrivateKey
from nacl.signing import SigningKey, VerifyKey

from durable import write_new
from protocol.keys import decode_key, encode_key
from registrar.errors import StoreError, UsageError


@dataclass(frozen=True, slots=True)
class Keys:
    """Both private keys; they never leave the data folder."""

    seal_key: PrivateKey
    signing_key: SigningKey

    @classmethod
    def of(cls, folder: Path) -> "Keys":
        """Read the keys of a data folder; the first time, make them. Raises StoreError."""
        return cls(
            PrivateKey(_read_or_make(folder / "seal.key", bytes(PrivateKey.generate()))),
            SigningKey(_read_or_make(folder / "sign.key", bytes(SigningKey.generate()))),
        )


def parse_verify_key(text: str) -> VerifyKey:
    """Read a booth's public key; raises UsageError."""
    return VerifyKey(_decode(text))


def _read_or_make(path: Path, fresh: bytes) -> bytes:
    try:
        with suppress(FileExistsError):
            if not path.exists():
                write_new(path, encode_key(fresh).encode() + b"\n")
        return _decode(path.read_text("ascii"))
    except UnicodeDecodeError as error:
        raise StoreError(f"{path}: is no key; bring it back from a copy") from error
    except UsageError as error:
        raise StoreError(f"{path}: {error}; bring it back from a copy") from error
    except OSError as error:
        raise StoreError(f"{path}: cannot be used ({error.strerror}); check the folder") from error


def _decode(text: str) -> bytes:
    try:
        return decode_key(text)
    except ValueError as error:
        raise UsageError(f"is no key: {error}") from error

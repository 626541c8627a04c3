"""The registrar's keys: one that photos are sealed to, one that receipts and extracts bear."""

import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nacl.public import PrivateKey
from nacl.signing import SigningKey, VerifyKey

from durable import write_new
from protocol.keys import decode_key, encode_key
from registrar.database import KEY_FILE
from registrar.errors import StoreError, UsageError
from registrar.store import Store

SEAL_FILE, SIGN_FILE = KEY_FILE, "sign.key"


@dataclass(frozen=True, slots=True)
class Keys:
    """Both private keys; they never leave the data folder."""

    seal_key: PrivateKey
    signing_key: SigningKey

    @classmethod
    def of(cls, folder: Path) -> "Keys":
        """Read the keys of a data folder; the first time, make them.

        Once booths know them they are never made anew, for what is sealed to them would be lost.
        Raises StoreError where one is missing then, is no key, or is another than booths know.
        """
        store = Store(folder)
        fresh = not store.knows_of_booths()
        keys = cls(
            PrivateKey(_read_or_make(folder / SEAL_FILE, bytes(PrivateKey.generate()), fresh)),
            SigningKey(_read_or_make(folder / SIGN_FILE, bytes(SigningKey.generate()), fresh)),
        )
        store.check_own_keys(
            {
                SEAL_FILE: bytes(keys.seal_key.public_key),
                SIGN_FILE: bytes(keys.signing_key.verify_key),
            }
        )
        return keys


def parse_verify_key(text: str) -> VerifyKey:
    """Read a booth's public key; raises UsageError."""
    return VerifyKey(_decode(text))


def _read_or_make(path: Path, made: bytes, fresh: bool) -> bytes:
    try:
        if not path.exists():
            _make(path, made, fresh)
        return _decode(path.read_text("ascii"))
    except UnicodeDecodeError as error:
        raise StoreError(f"{path}: is no key; bring it back from a copy") from error
    except UsageError as error:
        raise StoreError(f"{path}: {error}; bring it back from a copy") from error
    except StoreError:
        raise
    except OSError as error:
        raise StoreError(f"{path}: cannot be used ({error.strerror}); check the folder") from error


def _make(path: Path, made: bytes, fresh: bool) -> None:
    """Write a key for the first time. Raises StoreError where booths know one already."""
    if not fresh:
        raise StoreError(
            f"{path}: is missing, and booths seal photos to the registrar's keys; bring it back"
            " from a copy. Without a copy: export what is held, then begin anew with another"
            " --data and enrol every booth again"
        )
    with suppress(FileExistsError):
        write_new(path, encode_key(made).encode() + b"\n")
    _check_only_owner_reads(path)


def _check_only_owner_reads(path: Path) -> None:
    """Keep no secret where the file system has no permissions. Raises StoreError."""
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        path.unlink()
        raise StoreError(
            f"{path.parent}: its file system keeps no permissions, and others could read the"
            " registrar's keys; name a folder on another disk with --data"
        )


def _decode(text: str) -> bytes:
    try:
        return decode_key(text)
    except ValueError as error:
        raise UsageError(f"is no key: {error}") from error

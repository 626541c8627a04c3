"""Key files: a private key's 32 bytes in base64, their owner's alone, never overwritten."""

import re
import stat
from contextlib import suppress
from pathlib import Path

from nacl.public import PrivateKey

from durable import write_new, write_whole
from protocol.keys import decode_key, encode_key
from registrar.errors import StoreError

SEAL_FILE, SIGN_FILE = "seal.key", "sign.key"

_FORMER = re.compile(r"seal\.([0-9]{1,6})\.key")


def read_key(path: Path) -> bytes:
    """Read a key; raises StoreError where there is none."""
    try:
        return decode_key(path.read_text("ascii"))
    except FileNotFoundError as error:
        raise StoreError(f"{path}: is missing; bring it back from a copy") from error
    except ValueError as error:  # UnicodeDecodeError is one
        raise StoreError(f"{path}: is no key; bring it back from a copy") from error
    except OSError as error:
        raise StoreError(f"{path}: cannot be used ({error.strerror}); check the folder") from error


def make_key(path: Path, key: bytes) -> None:
    """Write a key for the first time; one that is there stays. Raises StoreError.

    No secret stays where the file system keeps no permissions.
    """
    try:
        with suppress(FileExistsError):
            write_new(path, encode_key(key).encode() + b"\n")
        open_to_others = path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        if open_to_others:
            path.unlink()
    except OSError as error:
        raise StoreError(f"{path}: cannot be used ({error.strerror}); check the folder") from error
    if open_to_others:
        raise StoreError(
            f"{path.parent}: its file system keeps no permissions, and others could read the"
            " registrar's keys; name a folder on another disk with --data"
        )


def read_seal_keys(folder: Path) -> tuple[PrivateKey, ...]:
    """Read the seal keys of a folder: the present one, then the former ones, newest first.

    Raises StoreError.
    """
    paths = [folder / SEAL_FILE, *reversed(_former_files(folder))]
    return tuple(map(PrivateKey, dict.fromkeys(map(read_key, paths))))


def renew_seal_key(folder: Path) -> Path | None:
    """Make a new seal key; the one before is kept, to open what was sealed to it.

    Returns that one's new file; None where there was none. Killed at any moment, no key is lost.
    Raises StoreError.
    """
    made, path = bytes(PrivateKey.generate()), folder / SEAL_FILE
    if not path.exists():
        make_key(path, made)
        return None
    numbers = [int(_FORMER.fullmatch(file.name)[1]) for file in _former_files(folder)]  # type: ignore[index]
    former = folder / f"seal.{max(numbers, default=0) + 1}.key"
    make_key(former, read_key(path))
    try:
        write_whole(path, encode_key(made).encode() + b"\n")
    except OSError as error:
        raise StoreError(f"{path}: cannot be written ({error.strerror}); check the disk") from error
    return former


def _former_files(folder: Path) -> list[Path]:
    """The files of former seal keys, oldest first."""
    found = {int(match[1]): path for path in folder.glob("seal.*.key")
             if (match := _FORMER.fullmatch(path.name))}  # fmt: skip
    return [found[number] for number in sorted(found)]

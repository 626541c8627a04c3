"""The roster at the booth: asked of the registrar, else found in its signed extract.

The extract of a large school has a hundred megabytes: it stays on the disk, and is read in pieces.
"""

import os
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from nacl.exceptions import CryptoError
from nacl.signing import VerifyKey
from pydantic import ValidationError

import durable
from kiosk.errors import SyncError
from kiosk.sync.errors import Forged
from protocol.roster import Resolution, extract_tag
from protocol.roster_extract import PIECE, ReadAt, SignedExtract


class RosterExtract:
    """The registrar's roster as of one moment; only a capture code opens the entry it is for."""

    def __init__(self, read_at: ReadAt, verify_key: VerifyKey) -> None:
        """Open what `read_at` reads; raises Forged where the registrar has not signed it."""
        self._read_at = read_at
        try:
            self._extract = SignedExtract(read_at, verify_key)
        except ValueError as error:
            raise Forged("roster extract: is not signed by the registrar; fetch it anew") from error

    @classmethod
    def open(cls, signed: bytes, verify_key: VerifyKey) -> "RosterExtract":
        """Open an extract in memory; raises Forged where the registrar has not signed it."""
        return cls(lambda place, size: signed[place : place + size], verify_key)

    @classmethod
    def of_file(cls, file: int, verify_key: VerifyKey) -> "RosterExtract":
        """Open an extract by a descriptor, which is copied; raises Forged, OSError."""
        own = os.dup(file)
        try:
            extract = cls(partial(_read_at, own), verify_key)
        except BaseException:
            os.close(own)
            raise
        weakref.finalize(extract, os.close, own)
        return extract

    @property
    def issued_at(self) -> datetime:
        """When the registrar made it."""
        return self._extract.issued_at

    @property
    def tag(self) -> str:
        """What tells this extract from every other, for the registrar to compare."""
        return extract_tag(self._extract.salt)

    def __len__(self) -> int:
        return len(self._extract)

    def find(self, capture_code: str) -> Resolution | None:
        """Find what the registrar would have answered then; None where it knew no such code."""
        try:
            return self._extract.find(capture_code)
        except (CryptoError, ValidationError, ValueError) as error:
            raise Forged("roster extract: an entry does not open; fetch it anew") from error
        except OSError as error:
            raise SyncError(
                f"roster extract: cannot be read ({error.strerror}); check the disk"
            ) from error

    def signed(self) -> Iterator[bytes]:
        """The registrar's signature and the JSON, as they came and as they are kept, in pieces."""
        place = 0
        while piece := self._read_at(place, PIECE):
            place += len(piece)
            yield piece


def _read_at(file: int, place: int, size: int) -> bytes:
    """Read so many bytes, fewer only at the file's end."""
    read = b""
    while more := os.pread(file, size - len(read), place + len(read)):
        read += more
    return read


def read_extract(path: Path, verify_key: VerifyKey) -> RosterExtract | None:
    """Open the extract that the last sync kept; None where there is none yet.

    Raises Forged where it is damaged or of another registrar, SyncError where it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return RosterExtract.of_file(file.fileno(), verify_key)
    except FileNotFoundError:
        return None
    except Forged as error:
        raise Forged(f"{path}: {error}") from error
    except OSError as error:
        raise SyncError(f"{path}: the roster extract cannot be read ({error.strerror})") from error


def keep_extract(path: Path, extract: RosterExtract, came_in: BinaryIO | None = None) -> None:
    """Put an extract in the place of the one before, whole or not at all.

    `came_in` is the file without name that it lies in, in the same folder, if it does.
    """
    try:
        durable.make_private_folder(path.parent)
        if came_in is None:
            durable.write_whole(path, extract.signed())
        else:
            durable.name_whole(path, came_in)
    except OSError as error:
        raise _not_kept(path, error) from error


def _not_kept(path: Path, error: OSError) -> SyncError:
    return SyncError(
        f"{path}: the roster extract cannot be kept ({error.strerror}); check the disk"
    )


@contextmanager
def unnamed_file(path: Path) -> Iterator[BinaryIO]:
    """A file without a name in the folder of `path`, for an extract that comes: `keep_extract`.

    Whoever is killed leaves nothing of it. Raises SyncError.
    """
    try:
        durable.make_private_folder(path.parent)
        file = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115 (closed below)
    except OSError as error:
        raise _not_kept(path, error) from error
    with file:
        yield file

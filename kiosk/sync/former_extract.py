"""The roster as releases before 0.2 kept it: one signed file, that is read piece by piece.

A booth that is brought up to date without network serves from it until its first sync puts the
index in its place. It goes, with `is_signature_of`, once no booth comes from such a release.
"""

import os
import re
import weakref
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from nacl.signing import VerifyKey
from pydantic import AwareDatetime

from kiosk.sync.errors import Forged
from protocol.roster import RESOLUTION, Resolution
from protocol.signing import SIGNATURE_BYTES, is_signature_of
from protocol.wire import Digest, WireType

PIECE = 1 << 20
"""Bytes that are read at once where all are read."""

WINDOW = 4096
"""Bytes that are read at once where an entry is looked for: most have some 470."""

_HEAD = re.compile(rb'\{"kind":"[^"]*","issued_at":"[^"]*","salt":"[^"]*",')
_ENTRY = re.compile(rb'"([0-9a-f]{64})":"([^"]*)"')
_COLON, _COLONS_OF_HEAD = b'":"', 3


class _Head(WireType):
    kind: str
    issued_at: AwareDatetime
    salt: Digest


@dataclass(frozen=True, slots=True)
class _Entry:
    start: int
    end: int
    index: str
    box: bytes
    """In base64, as it stands there."""


class FormerExtract:
    """A roster extract that its registrar has signed; only a capture code opens an entry."""

    def __init__(self, path: Path, key: VerifyKey) -> None:
        """Verify a file; raises Forged where this registrar has not signed it, OSError."""
        self._path = path
        self._file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)
        self._end, self._colons = SIGNATURE_BYTES, 0
        if not is_signature_of(self._read(0, SIGNATURE_BYTES), self._message, key):
            raise Forged(
                f"{path}: the roster is not signed by this registrar; kiosk sync brings it"
            )
        if (head := _HEAD.match(self._read(SIGNATURE_BYTES, WINDOW))) is None:
            raise Forged(f"{path}: is no roster; kiosk sync brings it")
        told = _Head.model_validate_json(head[0].rstrip(b",") + b"}")
        self.issued_at: datetime = told.issued_at
        self._salt = told.salt

    def __len__(self) -> int:
        return self._colons - _COLONS_OF_HEAD

    def may_have(self, capture_code: str) -> bool:
        """True of any text: nothing is told of how codes look."""
        return True

    def find_capture_code(self, key: str) -> str | None:
        """It tells none of plain codes."""
        return None

    def find(self, capture_code: str) -> Resolution | None:
        """Find what the registrar would have answered then; None where it knew no such code.

        Raises Forged, OSError.
        """
        entry = self._find_entry(self._derive(capture_code, b"roster index").hex())
        if entry is None:
            return None
        secret = SecretBox(self._derive(capture_code, b"roster entry"))
        try:
            return RESOLUTION.validate_json(secret.decrypt(urlsafe_b64decode(entry.box)))
        except (CryptoError, ValueError) as error:
            raise Forged(f"{self._path}: an entry does not open; kiosk sync brings it") from error

    def _derive(self, capture_code: str, purpose: bytes) -> bytes:
        code = capture_code.encode()
        return blake2b(code, digest_size=32, key=self._salt, person=purpose).digest()

    def _read(self, place: int, size: int) -> bytes:
        read = b""
        while more := os.pread(self._file, size - len(read), place + len(read)):
            read += more
        return read

    def _message(self) -> Iterator[bytes]:
        """All but the signature, piece by piece; the entries are counted on the way."""
        tail = b""
        while piece := self._read(self._end, PIECE):
            self._colons += (tail + piece).count(_COLON)
            tail = piece[1 - len(_COLON) :]
            self._end += len(piece)
            yield piece

    def _find_entry(self, wanted: str) -> _Entry | None:
        """Find an entry by bisection, since they are sorted."""
        low, high = SIGNATURE_BYTES, self._end
        while low < high:
            middle = (low + high) // 2
            entry = self._first_entry(middle)
            if entry is None or entry.start >= high or entry.index > wanted:
                high = middle
            elif entry.index < wanted:
                low = entry.end
            else:
                return entry
        return None

    def _first_entry(self, place: int) -> _Entry | None:
        """The first entry that begins at a place or behind it."""
        size = WINDOW
        while True:
            window = self._read(place, size)
            if (found := _ENTRY.search(window)) is not None:
                return _Entry(
                    place + found.start(), place + found.end(), found[1].decode(), found[2]
                )
            if len(window) < size:
                return None
            size *= 4

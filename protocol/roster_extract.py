"""A signed roster extract read piece by piece: it may be larger than the memory there is.

It is the registrar's signature and the JSON of `protocol.roster.Extract`, as pydantic writes it:
without spaces, with the entries sorted by their index.
"""

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from nacl.secret import SecretBox
from nacl.signing import VerifyKey

from protocol.roster import RESOLUTION, Extract, Resolution, entry_index, entry_key
from protocol.signing import SIGNATURE_BYTES, is_signature_of

ReadAt = Callable[[int, int], bytes]
"""Reads so many bytes from a place on, fewer only at the end: as `os.pread` does of a file."""

PIECE = 1 << 20
"""Bytes that are read at once where all are read."""

WINDOW = 4096
"""Bytes that are read at once where an entry is looked for: most have some 470."""

_HEAD = re.compile(rb'\{"kind":"[^"]*","issued_at":"[^"]*","salt":"[^"]*","entries":\{')
_ENTRY = re.compile(rb'"([0-9a-f]{64})":"([^"]*)"')
_COLON, _COLONS_OF_HEAD = b'":"', 3


@dataclass(frozen=True, slots=True)
class _Entry:
    start: int
    end: int
    index: str
    box: bytes
    """In base64, as it stands there."""


class SignedExtract:
    """A roster extract that its registrar has signed; only a capture code opens an entry."""

    def __init__(self, read_at: ReadAt, key: VerifyKey) -> None:
        """Verify what `read_at` reads; raises ValueError where this registrar has not signed it.

        What it reads must not change from then on.
        """
        self._read_at = read_at
        self._end = SIGNATURE_BYTES
        self._colons = 0
        if not is_signature_of(read_at(0, SIGNATURE_BYTES), self._message, key):
            raise ValueError("is not signed by this registrar")
        beginning = read_at(SIGNATURE_BYTES, WINDOW)
        head = _HEAD.match(beginning)
        if head is None:
            raise ValueError("is no roster extract")
        self._begin = SIGNATURE_BYTES + head.end()
        without_entries = Extract.model_validate_json(head[0] + b"}}")
        self.issued_at: datetime = without_entries.issued_at
        """When the registrar made it."""
        self.salt: bytes = without_entries.salt

    def __len__(self) -> int:
        return self._colons - _COLONS_OF_HEAD

    def find(self, capture_code: str) -> Resolution | None:
        """Find what the registrar would have answered then; None where it knew no such code.

        Raises CryptoError or ValueError for an entry that does not open, OSError for a disk.
        """
        entry = self._find_entry(entry_index(capture_code, self.salt))
        if entry is None:
            return None
        secret = SecretBox(entry_key(capture_code, self.salt))
        return RESOLUTION.validate_json(secret.decrypt(urlsafe_b64decode(entry.box)))

    def _message(self) -> Iterator[bytes]:
        """All but the signature, piece by piece; the entries are counted on the way."""
        tail = b""
        while piece := self._read_at(self._end, PIECE):
            self._colons += (tail + piece).count(_COLON)
            tail = piece[1 - len(_COLON) :]
            self._end += len(piece)
            yield piece

    def _find_entry(self, wanted: str) -> _Entry | None:
        """Find an entry by bisection, since they are sorted."""
        low, high = self._begin, self._end
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
            window = self._read_at(place, size)
            if (found := _ENTRY.search(window)) is not None:
                return _Entry(
                    place + found.start(), place + found.end(), found[1].decode(), found[2]
                )
            if len(window) < size:
                return None
            size *= 4

"""An export as one ZIP file that is sent while it is made: for whoever exports from a browser."""

import hashlib
import io
import tempfile
import zipfile
from collections.abc import Iterator

from registrar.errors import UsageError
from registrar.export import (
    CHECKSUMS,
    HEADER,
    LIST,
    MANIFEST,
    LeftOut,
    Request,
    checksum,
    manifest,
    note_export,
    read_photos,
)
from registrar.exportable import count_exportable
from registrar.spreadsheets.writing import BOM, csv_line
from registrar.store import Store
from registrar.vault import Vault

MOST_IN_ZIP = 20_000
"""Photos in one ZIP file: its directory is in memory until the end, 1 kB a photo, and a browser
whose connection ends begins anew. More go out by `registrar export`."""

LEFT_OUT = "left-out.txt"
"""Which photos are not in it, a line each."""


def check_fits(store: Store, request: Request) -> None:
    """Raise UsageError where there are more photos than a ZIP file is to have."""
    photos, _ = count_exportable(store.database, request.selection, request.at)
    if photos > MOST_IN_ZIP:
        raise UsageError(f"{photos} photos: a ZIP file has at most {MOST_IN_ZIP}")


def make_zip(store: Store, vault: Vault, request: Request) -> Iterator[bytes]:
    """Make the ZIP file piece by piece, a photo in memory at a time. Raises StoreError."""
    _, waiting = count_exportable(store.database, request.selection, request.at)
    out = _Pipe()
    digests, left_out, photos = io.BytesIO(), [], 0
    with tempfile.SpooledTemporaryFile(1 << 20) as list_, zipfile.ZipFile(out, "w") as file:
        list_.write(BOM + csv_line(HEADER))
        for photo in read_photos(store, vault, request):
            if isinstance(photo, LeftOut):
                left_out.append(photo.reason)
                continue
            for name, content in photo.files.items():
                _add(file, name, content, request)
            list_.write(csv_line(photo.row))
            digests.write(photo.checksums())
            photos += 1
            yield out.take()
        list_.seek(0)
        listed = list_.read()
        _add(file, LIST, listed, request)
        digests.write(checksum(LIST, listed))
        _add(file, CHECKSUMS, digests.getvalue(), request)
        digest = hashlib.sha256(digests.getvalue()).digest()
        _add(file, MANIFEST, manifest(request, photos, len(left_out), waiting, digest), request)
        if left_out:
            _add(file, LEFT_OUT, "\n".join([*left_out, ""]).encode(), request)
    note_export(store, request, "export.end", {"photos": photos, "left_out": len(left_out)})
    yield out.take()


def _add(file: zipfile.ZipFile, name: str, content: bytes, request: Request) -> None:
    """Add a file as it is: photos are compressed already."""
    file.writestr(zipfile.ZipInfo(name, request.at.astimezone().timetuple()[:6]), content)


class _Pipe(io.RawIOBase):
    """What a ZIP file is written to, and taken from piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, piece: "bytes | bytearray | memoryview[int]") -> int:  # type: ignore[override]
        """Keep a piece until it is taken."""
        self._pieces.append(bytes(piece))
        return len(piece)

    def take(self) -> bytes:
        """All that was written since the last time."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken

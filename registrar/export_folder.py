"""An export into a folder, on any stick: done again it adds what is new, and overwrites nothing."""

import errno
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from durable import make_nameless, name_whole, write_new, write_whole
from registrar.errors import StoreError, UsageError
from registrar.export import (
    CHECKSUMS,
    HEADER,
    LIST,
    MANIFEST,
    ExportedPhoto,
    LeftOut,
    Request,
    is_of_this,
    manifest,
    note_export,
    read_photos,
)
from registrar.exportable import count_exportable
from registrar.spreadsheets.writing import BOM, csv_line
from registrar.store import Store
from registrar.vault import Vault

_NO_SUCH_NAME = {errno.EINVAL, errno.ENAMETOOLONG, errno.EILSEQ}
"""How a file system says that it holds no file of a name."""

_CHECKSUM_BYTES = 66
"""A line of the checksums before the file's name: 64 digits and two spaces."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export has done."""

    photos: int
    """How many lie in the folder now, and are on its list."""
    left_out: tuple[str, ...]
    """Which are not, or should lie there no more, each with the reason and the way out."""
    waiting: int
    """How many wait until they are reviewed."""


def export_photos(
    store: Store,
    vault: Vault,
    folder: Path,
    request: Request,
    on_photo: Callable[[], None] = lambda: None,
) -> Exported:
    """Write the photos that may leave, their list, checksums and manifest.

    Files with the same content stay, those with another are never overwritten. A photo that
    cannot be exported is left out, and the others are exported. `on_photo` is called after each.
    Raises UsageError where the folder holds another export, StoreError where nothing can be
    written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_is_free(folder, request)
        with (
            make_nameless(folder) as list_,
            make_nameless(folder) as checksums,
        ):
            return _Writing(store, folder, request, list_, checksums).write(vault, on_photo)
    except FileExistsError as error:
        raise UsageError(f"{folder}: is no folder, or another export runs in it") from error
    except OSError as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(
            f"{folder}: cannot be written ({error.strerror}); check the disk"
        ) from error


class _Writing:
    """One export on its way into a folder."""

    def __init__(
        self, store: Store, folder: Path, request: Request, list_: BinaryIO, checksums: BinaryIO
    ) -> None:
        self._store, self._folder, self._request = store, folder, request
        self._list, self._checksums = list_, checksums
        self._names: set[str] = set()
        self._left_out: list[str] = []

    def write(self, vault: Vault, on_photo: Callable[[], None]) -> Exported:
        """Write everything; the manifest last."""
        _, waiting = count_exportable(
            self._store.database, self._request.selection, self._request.at
        )
        self._list.write(BOM + csv_line(HEADER))
        for photo in read_photos(self._store, vault, self._request):
            if isinstance(photo, LeftOut):
                self._left_out.append(photo.reason)
            elif reason := _write_files(self._folder, photo):
                self._left_out.append(reason)
            else:
                self._list.write(csv_line(photo.row))
                self._checksums.write(photo.checksums())
                self._names.add(photo.names.photo)
            on_photo()
        self._find_stale()
        self._checksums.write(f"{_digest(self._list).hex()}  {LIST}\n".encode())
        digest = _digest(self._checksums)
        name_whole(self._folder / LIST, self._list)
        name_whole(self._folder / CHECKSUMS, self._checksums)
        done = Exported(len(self._names), tuple(self._left_out), waiting)
        counts = {"photos": done.photos, "left_out": len(done.left_out)}
        told = manifest(self._request, done.photos, len(done.left_out), waiting, digest)
        write_whole(self._folder / MANIFEST, told)
        note_export(self._store, self._request, "export.end", counts)
        return done

    def _find_stale(self) -> None:
        """Name the photos that an export before has written here, and that may not leave now."""
        try:
            with (self._folder / CHECKSUMS).open("rb") as before:
                for line in before:
                    name = line[_CHECKSUM_BYTES:].decode().rstrip("\n")
                    path = self._folder / name
                    if name.endswith(".jpg") and name not in self._names and path.exists():
                        self._left_out.append(
                            f"{path}: was exported before, and is not to be now; delete it"
                        )
        except FileNotFoundError:
            return


def _check_is_free(folder: Path, request: Request) -> None:
    """Raise UsageError where a folder holds another list, or an export of something else."""
    with_list, with_manifest = folder / LIST, folder / MANIFEST
    if with_list.exists():
        with with_list.open("rb") as file:
            begins = file.read(len(BOM) + 16)
        if not begins.startswith(BOM + b"student_no,name,"):
            raise UsageError(f"{with_list}: is there and is no export's; export to another folder")
    if with_manifest.exists() and not is_of_this(request, with_manifest.read_bytes()):
        raise UsageError(
            f"{with_manifest}: is of an export of something else; export to another folder"
        )


def _write_files(folder: Path, photo: ExportedPhoto) -> str | None:
    """Write a photo's files that are not there yet; why none was written."""
    missing = {}
    for name, data in photo.files.items():
        there = _is_there(folder / name, data)
        if there is None:
            return f"{folder / name}: is there with other content; export to another folder"
        if not there:
            missing[folder / name] = data
    for path, data in missing.items():
        try:
            if path.exists():  # empty: what was cut short on a stick without hard links
                write_whole(path, data)
            else:
                write_new(path, data)
        except OSError as error:
            if error.errno not in _NO_SUCH_NAME:
                raise
            return f"{path}: the disk holds no file of such a name; export to another disk"
    return None


def _is_there(path: Path, data: bytes) -> bool | None:
    """Say whether a file is there with this content; None where it has another."""
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        return False
    except IsADirectoryError:
        return None
    except OSError as error:
        if error.errno in _NO_SUCH_NAME:
            return False
        raise
    return found == data if found in (data, b"") else None


def _digest(file: BinaryIO) -> bytes:
    digest = hashlib.sha256()
    file.seek(0)
    while piece := file.read(1 << 20):
        digest.update(piece)
    return digest.digest()

"""Export: each student's newest photo as a file, its record of provenance beside it, and a list.

What the files are called is said in `registrar.naming`.
"""

import csv
import errno
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from durable import write_new, write_whole
from registrar.errors import StoreError, UsageError
from registrar.naming import StudentFiles, name_files
from registrar.opening import open_last
from registrar.photos import HeldPhoto
from registrar.store import Store
from registrar.vault import Vault

HEADER = [
    "student_no",
    "name",
    "record_id",
    "institution_code",
    "institution",
    "college",
    "taken_at",
    "received_at",
    "booth_id",
    "photo_sha256",
]

_NO_SUCH_NAME = {errno.EINVAL, errno.ENAMETOOLONG, errno.EILSEQ}
"""How a file system says that it holds no file of a name."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export has done."""

    photos: int
    """How many lie in the folder now, and are on its list."""
    left_out: tuple[str, ...]
    """Which are not, each with the reason and the way out, in words for staff."""


def export_photos(
    store: Store, vault: Vault, folder: Path, on_photo: Callable[[], None]
) -> Exported:
    """Write each student's newest photo with its record, and the list of what was written.

    Files with the same content stay, those with another are never overwritten. A photo that
    cannot be exported is left out, and the others are exported. `on_photo` is called after each.
    Raises UsageError where the folder holds another list, StoreError where nothing can be written.
    """
    left_out: list[str] = []
    rows = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        students = store.photos.photographed()
        names = name_files(students, folder)
        if names.list.exists() and not names.list.read_bytes().startswith(_csv([]).rstrip()):
            raise UsageError(f"{names.list}: is there and is no export's; export to another folder")
        for student in students:
            fault = names.faults.get(student.record_id)
            if fault is None:
                try:
                    held, jpeg = _read(store, vault, student.record_id)
                    _write(names.files[student.record_id], held, jpeg)
                    rows.append(_row(held))
                except _LeftOut as reason:
                    fault = str(reason)
            if fault is not None:
                left_out.append(fault)
            on_photo()
        write_whole(names.list, _csv(rows))
    except FileExistsError as error:
        raise UsageError(f"{folder}: is no folder, or another export runs in it") from error
    except OSError as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(
            f"{folder}: cannot be written ({error.strerror}); check the disk"
        ) from error
    return Exported(len(rows), tuple(left_out))


class _LeftOut(Exception):
    """Why one photo is not exported."""


def _read(store: Store, vault: Vault, record_id: str) -> tuple[HeldPhoto, bytes]:
    try:
        return open_last(store, vault, record_id)
    except StoreError as error:
        raise _LeftOut(str(error)) from error


def _write(files: StudentFiles, held: HeldPhoto, jpeg: bytes) -> None:
    """Write a photo's files in the order in which they appear: a photo never without its record."""
    content = {files.provenance: held.metadata.provenance.as_file(), files.photo: jpeg}
    missing = {path: data for path, data in content.items() if not _is_there(path, data)}
    for path, data in missing.items():
        try:
            if path.exists():  # empty: what was cut short on a stick without hard links
                write_whole(path, data)
            else:
                write_new(path, data)
        except OSError as error:
            if error.errno not in _NO_SUCH_NAME:
                raise
            raise _LeftOut(
                f"{path}: the disk holds no file of such a name; export to another disk"
            ) from error


def _is_there(path: Path, data: bytes) -> bool:
    """Say whether a file is there with this content; raises _LeftOut where it has another."""
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        return False
    except IsADirectoryError:
        found = None
    except OSError as error:
        if error.errno in _NO_SUCH_NAME:
            return False
        raise
    if found in (data, b""):
        return found == data
    raise _LeftOut(f"{path}: is there with other content; export to another folder")


def _row(held: HeldPhoto) -> list[str]:
    student, metadata = held.student, held.metadata
    return [
        student.student_no,
        student.name,
        student.record_id,
        student.institution_code,
        student.institution,
        student.college,
        metadata.taken_at.isoformat(),
        held.receipt.at.isoformat(),
        metadata.booth_id,
        metadata.photo_sha256.hex(),
    ]


def _csv(rows: list[list[str]]) -> bytes:
    """The list as spreadsheets read it without being told: UTF-8 with a byte order mark."""
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    return text.getvalue().encode("utf-8-sig")

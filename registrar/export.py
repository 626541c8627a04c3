"""Export: each student's newest photo as a file, its record of provenance beside it, and a list.

What the files are called is said in `registrar.naming`.
"""

import csv
import io
from collections.abc import Callable
from pathlib import Path

from durable import write_new, write_whole
from registrar.errors import StoreError, UsageError
from registrar.naming import ExportNames
from registrar.store import HeldPhoto, Store

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


def export_photos(store: Store, folder: Path, on_photo: Callable[[], None]) -> int:
    """Write each student's newest photo with its record, and the list; returns their number.

    Files with the same content stay, those with another are never overwritten: UsageError names
    the first before anything is written. `on_photo` is called after each photo.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        names = ExportNames(folder)
        _check_nothing_is_overwritten(store, names)
        rows = []
        for held, jpeg in store.last_photos():
            for path, data in _files(names, held, jpeg).items():
                if not path.exists():
                    write_new(path, data)
            rows.append(_row(held))
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
    return len(rows)


def _check_nothing_is_overwritten(store: Store, names: ExportNames) -> None:
    """Raise UsageError for a photo that has no name of its own, or whose file is another's."""
    for held, jpeg in store.last_photos():
        for path, data in _files(names, held, jpeg).items():
            if path.exists() and path.read_bytes() != data:
                raise UsageError(f"{path}: is there with other content; export to another folder")
    if names.list.exists() and not names.list.read_bytes().startswith(_csv([]).rstrip()):
        raise UsageError(f"{names.list}: is there and is no export's; export to another folder")


def _files(names: ExportNames, held: HeldPhoto, jpeg: bytes) -> dict[Path, bytes]:
    """A photo's files in the order in which they appear: a photo never without its record."""
    files = names.files(held.student)
    return {files.provenance: held.metadata.provenance.as_file(), files.photo: jpeg}


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

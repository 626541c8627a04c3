"""Export: the photos as the register takes them, one file a student number, and a list.

Beside each photo lies its record of provenance, which names nobody.
"""

import csv
import io
from collections.abc import Callable
from pathlib import Path

from durable import write_new, write_whole
from registrar.errors import StoreError, UsageError
from registrar.roster import is_abnormal
from registrar.store import Held, Store

LIST = "photos.csv"

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


def export(store: Store, folder: Path, on_photo: Callable[[], None]) -> int:
    """Write each student's newest photo to `<student_no>.jpg`, and the list; give their number.

    The record of what was done to a photo goes to `<student_no>.provenance.json` before it. Files
    with the same content stay, those with another are never overwritten: UsageError names the first
    before anything is written. `on_photo` is told of each photo written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check(store, folder)
        rows = []
        for held, jpeg in store.last_photos():
            for name, data in _files(held, jpeg).items():
                if not (folder / name).exists():
                    write_new(folder / name, data)
            rows.append(_row(held))
            on_photo()
        write_whole(folder / LIST, _csv(rows))
    except FileExistsError as error:
        raise UsageError(f"{folder}: is no folder, or another export runs in it") from error
    except OSError as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(
            f"{folder}: cannot be written ({error.strerror}); check the disk"
        ) from error
    return len(rows)


def _check(store: Store, folder: Path) -> None:
    """Raise UsageError for what this export would have to overwrite."""
    numbers: dict[str, str] = {}
    for held, jpeg in store.last_photos():
        number = held.student.student_no
        if is_abnormal(number):
            raise UsageError(
                f"record {held.student.record_id}: has no student number; mend the roster"
            )
        if other := numbers.get(number):
            raise UsageError(
                f"{folder / number}.jpg: records {other} and {held.student.record_id} have one"
                " student number; mend the roster"
            )
        numbers[number] = held.student.record_id
        for name, data in _files(held, jpeg).items():
            path = folder / name
            if path.exists() and path.read_bytes() != data:
                raise UsageError(f"{path}: is there with other content; export to another folder")
    list_ = folder / LIST
    if list_.exists() and not list_.read_bytes().startswith(_csv([]).rstrip()):
        raise UsageError(f"{list_}: is there and is no export's; export to another folder")


def _files(held: Held, jpeg: bytes) -> dict[str, bytes]:
    """Give a photo's files by name, in the order in which they appear."""
    number = held.student.student_no
    record = held.metadata.provenance.as_file()
    return {f"{number}.provenance.json": record, f"{number}.jpg": jpeg}


def _row(held: Held) -> list[str]:
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
    """Give the list as spreadsheets read it without being told: UTF-8 with a byte order mark."""
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    return text.getvalue().encode("utf-8-sig")

"""The roster: records of study from a CSV file, and the signed extract of it for the booths."""

import csv
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from nacl.secret import SecretBox
from nacl.signing import SigningKey

from protocol.wire import RESOLUTION, Extract, Resolution, entry_index, entry_key
from registrar.errors import UsageError

_PADDING = 256
"""An entry's length says nothing of the name in it: all are padded to a multiple of this."""


class Record(NamedTuple):
    """One record of study (学籍), in the columns of the CSV file."""

    capture_code: str
    record_id: str
    name: str
    student_no: str
    """May be empty or 0: the record is abnormal then, and its student is sent to the registry."""
    institution_code: str
    institution: str
    college: str


_STUDENT_NO = re.compile(r"[A-Za-z0-9_-]{0,32}")
_INSTITUTION_CODE = re.compile(r"\d{5}")


def is_abnormal(student_no: str) -> bool:
    """Say whether a student number is one that no photo can be filed under: empty, or 0."""
    return not student_no.strip("0")


def read_csv(path: Path) -> list[Record]:
    """Read a roster; the order of the columns is free.

    Raises UsageError with the line of what is wrong.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            header = rows.fieldnames or []
            missing = [field for field in Record._fields if field not in header]
            if missing:
                raise UsageError(
                    f"{path}:1: the header lacks {', '.join(missing)}; "
                    f"wanted: {','.join(Record._fields)}"
                )
            if strange := [field for field in header if field not in Record._fields]:
                raise UsageError(
                    f"{path}:1: the header has an unknown column {strange[0]!r}; "
                    f"wanted: {','.join(Record._fields)}"
                )
            numbered = [(rows.line_num, _record(row, f"{path}:{rows.line_num}")) for row in rows]
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8; save it as “CSV UTF-8”") from error
    except csv.Error as error:
        raise UsageError(f"{path}: is no CSV file ({error})") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from error
    for field in ("capture_code", "record_id"):
        first: dict[str, int] = {}
        for line, record in numbered:
            value = getattr(record, field)
            if value in first:
                raise UsageError(f"{path}:{line}: {field} is that of line {first[value]} already")
            first[value] = line
    return [record for _, record in numbered]


def _record(row: Mapping[str | None, str | None], where: str) -> Record:
    if None in row or None in row.values():
        raise UsageError(f"{where}: the row does not have {len(Record._fields)} columns")
    record = Record(*((row[field] or "").strip() for field in Record._fields))
    for field, value in record._asdict().items():
        if not value and field != "student_no":
            raise UsageError(f"{where}: {field} is empty")
    if not _STUDENT_NO.fullmatch(record.student_no):
        raise UsageError(f"{where}: student_no may have letters, digits, - and _ only, at most 32")
    if not _INSTITUTION_CODE.fullmatch(record.institution_code):
        raise UsageError(f"{where}: institution_code must have 5 digits")
    return record


def sign_extract(
    resolutions: Mapping[str, Resolution], at: datetime, salt: bytes, key: SigningKey
) -> bytes:
    """Make the extract from what the roster answers to each capture code: a signed message.

    `salt` is 32 random bytes, never used for another extract.
    """
    entries = {}
    for capture_code, resolution in resolutions.items():
        entry = RESOLUTION.dump_json(resolution)
        padded = entry.ljust(-(-len(entry) // _PADDING) * _PADDING)
        box = SecretBox(entry_key(capture_code, salt))
        entries[entry_index(capture_code, salt)] = bytes(box.encrypt(padded))
    # Sorted by index: the order of the roster tells who is who.
    extract = Extract(issued_at=at, salt=salt, entries=dict(sorted(entries.items())))
    return bytes(key.sign(extract.model_dump_json().encode()))

"""The roster: records of study, as a CSV file brings them."""

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from registrar.errors import UsageError


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

"""The roster: records of study, as a CSV file brings them."""

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from protocol.characters import remove_unseen
from registrar.errors import UsageError
from registrar.roster_fields import find_field_fault, is_rounded, mend_field

LARGEST_FILE = 64_000_000
"""Bytes of the largest roster that is read: some 500,000 records."""


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
    id_no: str = ""
    """Of the identity card; empty where the institution gives none."""
    email: str = ""
    """Where the student is told of the photo; empty where the institution gives none."""


_OPTIONAL = tuple(Record._field_defaults)
_NEEDED = tuple(field for field in Record._fields if field not in _OPTIONAL)
_WANTED = f"wanted: {','.join(_NEEDED)}, and if there are any {','.join(_OPTIONAL)}"
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "，": "full-width commas"}
_OTHER_FILES = {b"PK\3\4": "an Excel workbook", b"\xd0\xcf\x11\xe0": "an old Excel workbook"}


def is_abnormal(student_no: str) -> bool:
    """Say whether a student number is one that no photo can be filed under: empty, or 0."""
    return not student_no.strip("0")


def student_no_key(student_no: str) -> str:
    """Two student numbers with one key are one: files' names may know no upper case."""
    return unicodedata.normalize("NFKC", student_no).casefold()


def read_csv(path: Path, on_remark: Callable[[str], None] = lambda remark: None) -> list[Record]:
    """Read a roster; the order of the columns is free.

    What is surely meant is mended and told to `on_remark`, in a line for each kind. Raises
    UsageError with the line of what is wrong.
    """
    text, encoding = _decode(path)
    delimiter = _find_delimiter(text)
    numbered, mended = _read_rows(path, text, delimiter)
    _check_once(path, numbered, "capture_code", lambda record: record.capture_code)
    _check_once(path, numbered, "record_id", lambda record: record.record_id)
    _check_once(
        path,
        [(line, record) for line, record in numbered if not is_abnormal(record.student_no)],
        "student_no",
        lambda record: student_no_key(record.student_no),
    )
    _check_not_rounded(path, numbered)
    if encoding != "UTF-8":
        first = f"; the first name is {numbered[0][1].name}" if numbered else ""
        on_remark(f"{path}: is not UTF-8 and was read as {encoding}{first}")
    if delimiter != ",":
        on_remark(f"{path}: its columns are separated by {_DELIMITERS[delimiter]}")
    if mended:
        told = ", ".join(f"{field} ({count})" for field, count in mended.items())
        on_remark(
            f"{path}: mended {mended.total()} fields (width, marks that show nothing,"
            f" a spreadsheet's quotes): {told}"
        )
    if lines := [str(line) for line, record in numbered if is_abnormal(record.student_no)]:
        on_remark(
            f"{path}: {len(lines)} records have no student number, and booths send their students"
            f" to the registry: lines {', '.join(lines[:10])}{' …' * (len(lines) > 10)}"
        )
    return [record for _, record in numbered]


def _decode(path: Path) -> tuple[str, str]:
    """Read the file's text, and how it is encoded."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from error
    if len(data) > LARGEST_FILE:
        raise UsageError(f"{path}: is larger than {LARGEST_FILE} bytes; is it a roster?")
    for beginning, what in _OTHER_FILES.items():
        if data.startswith(beginning):
            raise UsageError(f"{path}: is {what}; save it as “CSV UTF-8”")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = {"utf-16": "UTF-16"}
    else:
        encodings = {"utf-8-sig": "UTF-8", "gb18030": "GB18030"}
    for codec, name in encodings.items():
        try:
            return data.decode(codec), name
        except UnicodeDecodeError:
            continue
    raise UsageError(f"{path}: is neither UTF-8 nor GB18030; save it as “CSV UTF-8”")


def _find_delimiter(text: str) -> str:
    """Find what separates the columns: what stands most often in the header."""
    header = text.lstrip().partition("\n")[0]
    return max(_DELIMITERS, key=lambda delimiter: header.count(delimiter))


def _read_rows(
    path: Path, text: str, delimiter: str
) -> tuple[list[tuple[int, Record]], Counter[str]]:
    """Read the records with their lines, and count the fields mended by their columns."""
    rows = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    mended: Counter[str] = Counter()
    numbered: list[tuple[int, Record]] = []
    try:
        header = [_column(name) for name in next(rows, [])]
        _check_header(path, header)
        for row in rows:
            if not any(field.strip() for field in row):
                continue  # what a spreadsheet writes for rows that were emptied
            where = f"{path}:{rows.line_num}"
            if len(row) != len(header):
                raise UsageError(f"{where}: the row does not have {len(header)} columns")
            given = dict(zip(header, row, strict=True))
            numbered.append((rows.line_num, _record(given, where, mended)))
    except csv.Error as error:
        raise UsageError(f"{path}:{rows.line_num}: is no CSV file ({error})") from error
    return numbered, mended


def _column(name: str) -> str:
    return unicodedata.normalize("NFKC", remove_unseen(name)).strip().lower()


def _check_header(path: Path, header: list[str]) -> None:
    if missing := [field for field in _NEEDED if field not in header]:
        raise UsageError(f"{path}:1: the header lacks {', '.join(missing)}; {_WANTED}")
    if strange := [field for field in header if field not in Record._fields]:
        raise UsageError(f"{path}:1: the header has an unknown column {strange[0]!r}; {_WANTED}")
    if len(header) > len(set(header)):
        twice, _ = Counter(header).most_common(1)[0]
        raise UsageError(f"{path}:1: the header has {twice} twice; {_WANTED}")


def _record(given: Mapping[str, str], where: str, mended: Counter[str]) -> Record:
    values = {}
    for field in given:
        value = mend_field(field, given[field])
        if fault := find_field_fault(field, given[field], value):
            raise UsageError(f"{where}: {field} {fault}")
        if value != given[field].strip(" \t\r\n"):
            mended[field] += 1
        values[field] = value
    return Record(**values)


def _check_once(
    path: Path,
    numbered: list[tuple[int, Record]],
    field: str,
    key: Callable[[Record], str],
) -> None:
    first: dict[str, int] = {}
    for line, record in numbered:
        earlier = first.setdefault(key(record), line)
        if earlier != line:
            raise UsageError(f"{path}:{line}: {field} is that of line {earlier} already")


def _check_not_rounded(path: Path, numbered: list[tuple[int, Record]]) -> None:
    """Refuse a column all of whose long numbers end in zeros: the digits there are lost."""
    for field in ("capture_code", "record_id", "student_no", "id_no"):
        long = [(line, value) for line, value in _numbers(field, numbered) if len(value) > 15]
        if long and all(is_rounded(value) for _, value in long):
            raise UsageError(
                f"{path}:{long[0][0]}: {field} ends in zeros after 15 digits, in every line: a"
                " spreadsheet has rounded it; fetch the list anew and format the column as text"
            )


def _numbers(field: str, numbered: list[tuple[int, Record]]) -> Iterator[tuple[int, str]]:
    for line, record in numbered:
        value = getattr(record, field)
        if value.isascii() and value.isdecimal():
            yield line, value

"""A roster's file judged: its good rows, and every row that is refused, with line and reason."""

import unicodedata
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from protocol.characters import remove_unseen
from registrar.errors import UsageError
from registrar.roster import Record, is_abnormal, student_no_key
from registrar.roster_fields import Fault, find_field_fault, is_rounded, mend_field
from registrar.roster_file import DELIMITERS, RosterFile

_OPTIONAL = tuple(Record._field_defaults)
_NEEDED = tuple(name for name in Record._fields if name not in _OPTIONAL)
_WANTED = f"wanted: {','.join(_NEEDED)}, and if there are any {','.join(_OPTIONAL)}"

_ONCE: Mapping[str, Callable[[Record], str | None]] = {
    "capture_code": lambda record: record.capture_code,
    "record_id": lambda record: record.record_id,
    "student_no": lambda record: (
        None if is_abnormal(record.student_no) else student_no_key(record.student_no)
    ),
}
"""What no two rows may have in common; None is nothing."""

_REPEATED = frozenset({"institution_code", "institution", "college"})
"""Columns in which few texts stand in many rows."""

_ROUNDED = ("capture_code", "record_id", "student_no", "id_no")
_KEPT_DIGITS = 15

SHOWN = 10
"""Good rows that are kept to be shown."""


class Refused(NamedTuple):
    """A row that is not taken."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What is in a file, as far as the file alone tells."""

    file: RosterFile
    good: int
    first: tuple[tuple[int, Record], ...]
    """The first good rows with their lines, to be shown."""
    refused: tuple[Refused, ...]
    """By their lines."""
    remarks: tuple[str, ...]
    """What was mended, and what is unusual, in a line for each kind."""

    def records(self) -> Iterator[tuple[int, Record]]:
        """The good rows with their lines, read once more."""
        refused = {row.line for row in self.refused}
        for line, given in _given_rows(self.file):
            if line not in refused and isinstance(given, dict):
                yield line, _mend(given)

    def check_all_good(self) -> None:
        """Raise UsageError with every row that is refused, in a line for each."""
        if self.refused:
            raise UsageError(
                "\n".join(f"{self.file.name}:{row.line}: {row.reason}" for row in self.refused)
            )


@dataclass(slots=True)
class _Reading:
    """What is noted while rows are read: nothing that grows by a row's text."""

    good: int = 0
    first: list[tuple[int, Record]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    mended: Counter[str] = field(default_factory=Counter)
    abnormal: list[int] = field(default_factory=list)
    hashes: dict[str, "array[int]"] = field(
        default_factory=lambda: {name: array("q") for name in _ONCE}
    )
    rounded: dict[str, tuple[int, bool]] = field(default_factory=dict)
    """For columns with long numbers the first's line, and whether all of them are rounded."""


def judge_roster(file: RosterFile) -> Judged:
    """Judge each row of a roster; the order of the columns is free.

    What is surely meant is mended and told. Raises UsageError where the file itself is wrong: it is
    no CSV, its header is another, or a spreadsheet has rounded a column.
    """
    reading = _Reading()
    for line, given in _given_rows(file):
        _judge_row(reading, line, given)
    _check_not_rounded(file.name, reading.rounded)
    twice = {
        name: {one for one, other in pairwise(sorted(hashes)) if one == other}
        for name, hashes in reading.hashes.items()
    }
    judged = Judged(file, reading.good, tuple(reading.first), tuple(reading.refused), ())
    if any(twice.values()):
        judged = _refuse_twice(judged, twice)
    return Judged(
        file, judged.good, judged.first, judged.refused, tuple(_find_remarks(file, reading))
    )


def _given_rows(file: RosterFile) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Each row's fields by their columns with its line, or why it has no such. UsageError."""
    rows = file.rows()
    _, names = next(rows, (1, []))
    header = [unicodedata.normalize("NFKC", remove_unseen(name)).strip().lower() for name in names]
    _check_header(file.name, header)
    for line, row in rows:
        if len(row) == len(header):
            yield line, dict(zip(header, row, strict=True))
        else:
            yield line, f"the row does not have {len(header)} columns"


def _check_header(name: str, header: list[str]) -> None:
    if missing := [column for column in _NEEDED if column not in header]:
        raise UsageError(f"{name}:1: the header lacks {', '.join(missing)}; {_WANTED}")
    if strange := [column for column in header if column not in Record._fields]:
        raise UsageError(f"{name}:1: the header has an unknown column {strange[0]!r}; {_WANTED}")
    if len(header) > len(set(header)):
        twice, _ = Counter(header).most_common(1)[0]
        raise UsageError(f"{name}:1: the header has {twice} twice; {_WANTED}")


def _judge_row(reading: _Reading, line: int, given: dict[str, str] | str) -> None:
    if isinstance(given, str):
        reading.refused.append(Refused(line, given))
        return
    values, mended = {}, []
    for column, text in given.items():
        judge = _judge_repeated if column in _REPEATED else _judge_field
        value, fault = judge(column, text)
        if fault is not None:
            reading.refused.append(Refused(line, f"{column} {fault}"))
            return
        if value != text.strip(" \t\r\n"):
            mended.append(column)
        values[column] = value
    record = Record(**values)
    reading.good += 1
    reading.mended.update(mended)
    if len(reading.first) < SHOWN:
        reading.first.append((line, record))
    if is_abnormal(record.student_no):
        reading.abnormal.append(line)
    for column, key in _ONCE.items():
        if (once := key(record)) is not None:
            reading.hashes[column].append(hash(once))
    for column in _ROUNDED:
        number = getattr(record, column)
        if len(number) > _KEPT_DIGITS and number.isascii() and number.isdecimal():
            first, all_rounded = reading.rounded.get(column, (line, True))
            reading.rounded[column] = first, all_rounded and is_rounded(number)


def _judge_field(column: str, text: str) -> tuple[str, Fault]:
    value = mend_field(column, text)
    return value, find_field_fault(column, text, value)


_judge_repeated = lru_cache(maxsize=10_000)(_judge_field)


def _mend(given: dict[str, str]) -> Record:
    return Record(
        **{
            column: (
                _judge_repeated(column, text)[0]
                if column in _REPEATED
                else mend_field(column, text)
            )
            for column, text in given.items()
        }
    )


def _refuse_twice(judged: Judged, twice: Mapping[str, set[int]]) -> Judged:
    """Refuse the rows that have a code, an id or a number in common: nobody knows whose it is."""
    firsts: dict[str, dict[str, int]] = {column: {} for column in _ONCE}
    refused: dict[int, str] = {}
    for line, record in judged.records():
        for column, key in _ONCE.items():
            value = key(record)
            if value is None or hash(value) not in twice[column]:
                continue
            first = firsts[column].setdefault(value, line)
            if first != line:
                refused.setdefault(line, f"{column} is that of line {first} already")
                refused.setdefault(first, f"{column} is that of line {line}, too")
    rows = [*judged.refused, *(Refused(*row) for row in refused.items())]
    shown = tuple(row for row in judged.first if row[0] not in refused)
    return Judged(
        judged.file, judged.good - len(refused), shown, tuple(sorted(rows)), judged.remarks
    )


def _check_not_rounded(name: str, rounded: Mapping[str, tuple[int, bool]]) -> None:
    """Refuse a column all of whose long numbers end in zeros: the digits there are lost."""
    for column, (first, all_rounded) in rounded.items():
        if all_rounded:
            raise UsageError(
                f"{name}:{first}: {column} ends in zeros after 15 digits, in every line: a"
                " spreadsheet has rounded it; fetch the list anew and format the column as text"
            )


def _find_remarks(file: RosterFile, reading: _Reading) -> Iterator[str]:
    if file.encoding != "UTF-8":
        first = f"; the first name is {reading.first[0][1].name}" if reading.first else ""
        yield f"{file.name}: is not UTF-8 and was read as {file.encoding}{first}"
    if file.delimiter != ",":
        yield f"{file.name}: its columns are separated by {DELIMITERS[file.delimiter]}"
    if reading.mended:
        told = ", ".join(f"{column} ({count})" for column, count in reading.mended.items())
        yield (
            f"{file.name}: mended {reading.mended.total()} fields (width, marks that show nothing,"
            f" a spreadsheet's quotes): {told}"
        )
    if lines := [str(line) for line in reading.abnormal]:
        yield (
            f"{file.name}: {len(lines)} records have no student number, and booths send their"
            f" students to the registry: lines {', '.join(lines[:10])}{' …' * (len(lines) > 10)}"
        )

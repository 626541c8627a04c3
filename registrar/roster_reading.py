"""A roster's table judged: its good rows, and every row that is refused, with line and reason."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from registrar.column_names import Named, with_names
from registrar.drawable import find_undrawable
from registrar.errors import UsageError
from registrar.roster import Record, is_abnormal, student_no_key
from registrar.roster_fields import is_plain, judge_field, mend_field
from registrar.roster_numbers import Numbers
from registrar.spreadsheets.columns import Column, Table, find_header, plain_name
from registrar.spreadsheets.sheet import Sheet

COLUMNS = (
    Column("capture_code", ("图像采集码", "采集码")),
    Column("record_id", ("学籍编号", "学籍号", "学籍唯一号", "唯一号")),
    Column("name", ("姓名", "学生姓名")),
    Column("student_no", ("学号",)),
    Column("institution_code", ("院校代码", "学校代码", "院校编码", "学校编码")),
    Column("institution", ("院校名称", "学校名称", "院校", "学校")),
    Column("college", ("学院", "院系", "学院名称", "院系名称", "二级学院", "所属学院", "系(所)")),
    Column("id_no", ("证件号码", "身份证号", "身份证号码", "身份证件号"), is_needed=False),
    Column("email", ("电子邮箱", "邮箱", "电子邮件", "e-mail"), is_needed=False),
)
"""A record's, and what registries call them."""

_ONCE: Mapping[str, Callable[[Record], str | None]] = {
    "capture_code": lambda record: record.capture_code,
    "record_id": lambda record: record.record_id,
    "student_no": lambda record: (
        None
        if is_abnormal(record.student_no)
        else f"{record.institution_code} {student_no_key(record.student_no)}"
    ),
}
"""What no two rows may have in common; None is nothing."""

_REPEATED = frozenset({"institution_code", "institution", "college"})
"""Columns in which few texts stand in many rows."""

_NUMBERS = ("capture_code", "record_id", "student_no", "id_no")
_WORDS = ("name", "institution", "college")

NOTHING_NAMED: Named = {}

SHOWN = 10
"""Good rows that are kept to be shown, and lines and characters that a remark names."""


class Refused(NamedTuple):
    """A row that is not taken."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What is in a file, as far as the file alone tells."""

    table: Table
    good: int
    first: tuple[tuple[int, Record], ...]
    """The first good rows with their lines, to be shown."""
    refused: tuple[Refused, ...]
    """By their lines."""
    remarks: tuple[str, ...]
    """What was mended, and what is unusual, in a line for each kind."""

    @property
    def name(self) -> str:
        """The file's."""
        return self.table.sheet.name

    def records(self) -> Iterator[tuple[int, Record]]:
        """The good rows with their lines, read once more."""
        for line, record, _ in self.given_records():
            yield line, record

    def given_records(self) -> Iterator[tuple[int, Record, dict[str, str]]]:
        """As `records`, and each row as it was given."""
        refused = {row.line for row in self.refused}
        for line, given in self.table.rows():
            if line not in refused and isinstance(given, dict):
                yield line, _mend(given), given

    def check_all_good(self) -> None:
        """Raise UsageError with every row that is refused, in a line for each."""
        if self.refused:
            raise UsageError(
                "\n".join(f"{self.name}:{row.line}: {row.reason}" for row in self.refused)
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
    numbers: dict[str, Numbers] = field(
        default_factory=lambda: {name: Numbers(name) for name in _NUMBERS}
    )
    undrawable: dict[str, int] = field(default_factory=dict)
    """Characters that booths have no glyph for, and the first line that has each."""


def judge_roster(
    sheet: Sheet, institution_code: str | None = None, named: Named = NOTHING_NAMED
) -> Judged:
    """Judge each row of a roster; the order of the columns is free.

    `named` is what its columns are called besides, as was said now or is remembered.
    `institution_code`: rows of any other institution are refused. What is surely meant is mended
    and told. Raises UsageError where the file itself is wrong: it is
    no table, its header lacks a column, or a spreadsheet has rounded a column.
    """
    reading, table = _Reading(), find_header(sheet, with_names(COLUMNS, named))
    for line, given in table.rows():
        _judge_row(reading, line, given, institution_code)
    for numbers in reading.numbers.values():
        numbers.check_not_rounded(sheet.name)
    twice = {
        name: {one for one, other in pairwise(sorted(hashes)) if one == other}
        for name, hashes in reading.hashes.items()
    }
    judged = Judged(table, reading.good, tuple(reading.first), tuple(reading.refused), ())
    dropped = [numbers for numbers in reading.numbers.values() if numbers.has_dropped_zeros()]
    if any(twice.values()) or dropped:
        judged = _refuse_together(judged, twice, dropped)
    remarks = tuple(f"{sheet.name}: {remark}" for remark in _find_remarks(table, reading, named))
    return replace(judged, remarks=remarks)


def _judge_row(
    reading: _Reading, line: int, given: dict[str, str] | str, whose: str | None
) -> None:
    if isinstance(given, str):
        reading.refused.append(Refused(line, given))
        return
    values, mended = {}, []
    for column, text in given.items():
        judge = _judge_repeated if column in _REPEATED else judge_field
        value, fault = judge(column, text)
        if fault is not None:
            reading.refused.append(Refused(line, f"{column} {fault}"))
            return
        if value != text.strip(" \t\r\n"):
            mended.append(column)
        values[column] = value
    record = Record(**values)
    if whose not in (None, record.institution_code):
        said = f"institution_code is {record.institution_code}, and you import for {whose} alone"
        reading.refused.append(Refused(line, said))
        return
    reading.good += 1
    reading.mended.update(mended)
    if len(reading.first) < SHOWN:
        reading.first.append((line, record))
    if is_abnormal(record.student_no):
        reading.abnormal.append(line)
    for column, key in _ONCE.items():
        if (once := key(record)) is not None:
            reading.hashes[column].append(hash(once))
    for column, numbers in reading.numbers.items():
        if column in given:
            numbers.note(line, given[column], values[column])
    for column in _WORDS:
        for char in find_undrawable(values[column]):
            reading.undrawable.setdefault(char, line)


_judge_repeated = lru_cache(maxsize=10_000)(judge_field)


def _mend(given: dict[str, str]) -> Record:
    return Record(**{column: _mend_field(column, text) for column, text in given.items()})


def _mend_field(column: str, text: str) -> str:
    if column in _REPEATED:
        return _judge_repeated(column, text)[0]
    return text if is_plain(column, text) else mend_field(column, text)


def _refuse_together(
    judged: Judged, twice: Mapping[str, set[int]], dropped: list[Numbers]
) -> Judged:
    """Refuse the rows that only show themselves to be wrong beside the others.

    Those that have a code, an id or a number in common: nobody knows whose it is; and those whose
    number has lost its first zeros.
    """
    firsts: dict[str, dict[str, int]] = {column: {} for column in _ONCE}
    refused: dict[int, str] = {}
    for line, record, given in judged.given_records():
        for numbers in dropped:
            value = getattr(record, numbers.column)
            if fault := numbers.find_dropped_zeros(given[numbers.column], value):
                refused.setdefault(line, fault)
        for column, key in _ONCE.items():
            once = key(record)
            if once is None or hash(once) not in twice[column]:
                continue
            first = firsts[column].setdefault(once, line)
            if first != line:
                refused.setdefault(line, f"{column} is that of line {first} already")
                refused.setdefault(first, f"{column} is that of line {line}, too")
    rows = [*judged.refused, *(Refused(*row) for row in refused.items())]
    shown = tuple(row for row in judged.first if row[0] not in refused)
    return replace(
        judged, good=judged.good - len(refused), first=shown, refused=tuple(sorted(rows))
    )


def _find_remarks(table: Table, reading: _Reading, named: Named) -> Iterator[str]:
    sheet = table.sheet
    used = [(text.strip(), named[plain_name(text)]) for text in table.header if _is_in(text, named)]
    if used:
        told = ", ".join(f"{text} is {name}" for text, name in used)
        yield f"read by the columns' names as they were told: {told}"
    if sheet.encoding != "UTF-8":
        first = f"; the first name is {reading.first[0][1].name}" if reading.first else ""
        yield f"is not UTF-8 and was read as {sheet.encoding}{first}"
    yield from sheet.remarks
    if table.unused:
        yield f"these columns are not needed, and were not read: {', '.join(table.unused)}"
    if reading.mended:
        told = ", ".join(f"{column} ({count})" for column, count in reading.mended.items())
        yield (
            f"mended {reading.mended.total()} fields (width, marks that show nothing,"
            f" a spreadsheet's quotes): {told}"
        )
    for numbers in reading.numbers.values():
        yield from numbers.remarks()
    if lines := reading.abnormal:
        yield (
            f"{len(lines)} records have no student number, and booths send their students to the"
            f" registry: lines {_list([str(line) for line in lines])}"
        )
    if reading.undrawable:
        told = _list([f"{c} (U+{ord(c):04X}, line {at})" for c, at in reading.undrawable.items()])
        yield (
            f"booths have no glyph for {len(reading.undrawable)} characters, and show their codes"
            f" instead: {told}"
        )


def _is_in(text: str, named: Named) -> bool:
    return bool(named.get(plain_name(text)))


def _list(told: list[str]) -> str:
    return ", ".join(told[:SHOWN]) + " …" * (len(told) > SHOWN)

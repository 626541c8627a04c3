"""A schedule's table judged: its good rows, and every row that is refused, with line and reason."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple

from protocol.schedule import MOST_SLOTS, SHANGHAI, Slot
from protocol.wire import MOST_NAMED
from registrar.errors import UsageError
from registrar.roster_fields import find_field_fault, mend_field
from registrar.roster_reading import Refused
from registrar.schedule_times import read_day, read_time, read_times
from registrar.spreadsheets.columns import Column, Table, find_header
from registrar.spreadsheets.sheet import Sheet

COLUMNS = (
    Column("place", ("地点", "采集地点", "拍摄地点", "场地", "地址")),
    Column("date", ("日期", "采集日期", "拍摄日期")),
    Column("college", ("学院", "院系", "学院名称", "院系名称", "采集学院", "拍摄学院", "单位")),
    Column("time", ("时间", "时段", "时间段", "采集时间", "拍摄时间"), is_needed=False),
    Column("start", ("开始时间", "开始"), is_needed=False),
    Column("end", ("结束时间", "结束"), is_needed=False),
    Column("institution_code", ("院校代码", "学校代码", "院校编码", "学校编码"), is_needed=False),
)
"""What a schedule's columns are called. When is said by `time`, or by `start` and `end`."""

EVERYBODY = frozenset({"", "全校", "全部", "所有学院", "全体", "all"})
"""What stands for no college in particular."""

_CARRIED = ("institution_code", "place", "date")
"""Columns in which cells are merged: of a text file only the first row has what all have."""

_BETWEEN = re.compile(r"[、,;，；\r\n]+")


class GoodRow(NamedTuple):
    """A row that is taken: some colleges' time."""

    line: int
    institution_code: str
    place: str
    starts_at: datetime
    ends_at: datetime
    colleges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JudgedSchedule:
    """What is in a file, as far as the file alone tells."""

    table: Table
    rows: tuple[GoodRow, ...]
    refused: tuple[Refused, ...]
    """By their lines."""
    remarks: tuple[str, ...]

    @property
    def name(self) -> str:
        """The file's."""
        return self.table.sheet.name

    def slots(self) -> dict[str, tuple[Slot, ...]]:
        """The slots of each institution, by their start and place; rows of one time are one."""
        colleges: dict[tuple[str, str, datetime, datetime], list[str]] = {}
        for row in self.rows:
            key = (row.institution_code, row.place, row.starts_at, row.ends_at)
            colleges.setdefault(key, []).extend(row.colleges)
        slots: dict[str, list[Slot]] = {}
        for (code, place, starts_at, ends_at), names in colleges.items():
            slot = Slot(
                place=place, starts_at=starts_at, ends_at=ends_at, colleges=tuple(sorted(names))
            )
            slots.setdefault(code, []).append(slot)
        return {
            code: tuple(sorted(some, key=lambda slot: (slot.starts_at, slot.place, slot.ends_at)))
            for code, some in slots.items()
        }

    def check_all_good(self) -> None:
        """Raise UsageError with every row that is refused, in a line for each."""
        if self.refused:
            raise UsageError(
                "\n".join(f"{self.name}:{row.line}: {row.reason}" for row in self.refused)
            )


def judge_schedule(
    sheet: Sheet, institution_code: str | None = None, *, alone: bool = False
) -> JudgedSchedule:
    """Judge each row of a schedule.

    `institution_code` is whose a row is that names none; with `alone`, rows of others are refused.
    Raises UsageError where the file itself is wrong: it is no table, its header lacks a column, or
    an institution has more than `MOST_SLOTS` slots.
    """
    table = find_header(sheet, COLUMNS)
    named = {name for name, _ in table.places}
    if "time" not in named and not {"start", "end"} <= named:
        raise UsageError(
            f"{sheet.name}:{table.header_line}: the header lacks time (时间) or start (开始时间)"
            " and end (结束时间)"
        )
    rows: list[GoodRow] = []
    refused: list[Refused] = []
    carried: dict[str, str] = {}
    whose = institution_code if alone else None
    for line, given in table.rows():
        row = (
            given
            if isinstance(given, str)
            else _judge_row(line, _carry(carried, given), institution_code, whose)
        )
        if isinstance(row, str):
            refused.append(Refused(line, row))
        else:
            rows.append(row)
    rows, double = _split_double(rows)
    _check_few(sheet.name, rows)
    return JudgedSchedule(
        table, tuple(rows), tuple(sorted([*refused, *double])), tuple(_find_remarks(table))
    )


def _carry(carried: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    """Fill what is empty because its cell was merged with the one above."""
    filled = dict(given)
    for column in _CARRIED:
        if filled.get(column, "").strip():
            carried[column] = filled[column]
        elif column in carried:
            filled[column] = carried[column]
    return filled


def _judge_row(
    line: int, given: dict[str, str], default_code: str | None, whose: str | None
) -> GoodRow | str:
    code = mend_field("institution_code", given.get("institution_code", "")) or default_code
    if code is None:
        return "institution_code is empty; add the column, or say whose schedule it is"
    if fault := find_field_fault("institution_code", code, code):
        return f"institution_code {fault}"
    if whose not in (None, code):
        return f"institution_code is {code}, and you import for {whose} alone"
    place = mend_field("institution", given["place"])
    if fault := find_field_fault("institution", given["place"], place):
        return f"place {fault}"
    if not given["date"].strip():
        return "date is empty"
    day = read_day(given["date"])
    if isinstance(day, str):
        return f"date {day}"
    times = _read_times(given)
    if isinstance(times, str):
        return times
    colleges = _read_colleges(given["college"])
    if isinstance(colleges, str):
        return f"college {colleges}"
    return GoodRow(line, code, place, _at(day, times[0]), _at(day, times[1]), colleges)


def _read_times(given: dict[str, str]) -> tuple[time, time] | str:
    if given.get("time", "").strip():
        times = read_times(given["time"])
        if isinstance(times, str):
            return f"time {times}"
    else:
        both = []
        for column in ("start", "end"):
            if not given.get(column, "").strip():
                return f"{column if 'start' in given else 'time'} is empty"
            one = read_time(given[column])
            if isinstance(one, str):
                return f"{column} {one}"
            both.append(one)
        times = both[0], both[1]
    if times[1] <= times[0]:
        return "time ends before it starts"
    return times


def _read_colleges(text: str) -> tuple[str, ...] | str:
    """Read colleges' names, or say why that cannot be; none where everybody may come."""
    if text.strip() in EVERYBODY:
        return ()
    given = [part for part in _BETWEEN.split(text) if part.strip()]
    names = [mend_field("college", part) for part in given]
    for part, name in zip(given, names, strict=True):
        if fault := find_field_fault("college", part, name):
            return fault
    if len(names) > MOST_NAMED:
        return f"names {len(names)}; at most {MOST_NAMED} are taken"
    return tuple(dict.fromkeys(names))


def _split_double(rows: Sequence[GoodRow]) -> tuple[list[GoodRow], list[Refused]]:
    """Refuse rows that give a college its time twice, or everybody a time that is somebody's."""
    good: list[GoodRow] = []
    refused: list[Refused] = []
    first: dict[tuple[object, ...], dict[str, int]] = {}
    for row in rows:
        there = first.setdefault((row.institution_code, row.place, row.starts_at, row.ends_at), {})
        names = row.colleges or ("",)
        at = next((there[name] for name in (*names, "") if name in there), None)
        if at is None and row.colleges == () and there:
            at = min(there.values())
        if at is not None:
            refused.append(Refused(row.line, f"college has this time by line {at} already"))
            continue
        there.update(dict.fromkeys(names, row.line))
        good.append(row)
    return good, refused


def _check_few(name: str, rows: Sequence[GoodRow]) -> None:
    for code, count in Counter(row.institution_code for row in rows).items():
        if count > MOST_SLOTS:
            raise UsageError(
                f"{name}: has {count} rows for institution {code}; at most {MOST_SLOTS} are taken"
            )


def _find_remarks(table: Table) -> list[str]:
    sheet = table.sheet
    remarks = []
    if sheet.encoding != "UTF-8":
        remarks.append(f"is not UTF-8 and was read as {sheet.encoding}")
    remarks += sheet.remarks
    if table.unused:
        unused = ", ".join(table.unused)
        remarks.append(f"these columns are not needed, and were not read: {unused}")
    return [f"{sheet.name}: {remark}" for remark in remarks]


def _at(day: date, at: time) -> datetime:
    return datetime.combine(day, at, SHANGHAI)

"""What reads a workbook in a process of its own, bounded, since its parser is not.

A workbook of a few kilobytes can ask for any amount of memory: one cell in the last row and column
is enough. So the parser may have no more than this process is given, and what comes of it is a file
of rows: JSON, a line each, `[number, cells]`, in which a number is a cell that is kept as one.
"""

import datetime
import json
import resource
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

MEMORY = 768 << 20
"""Bytes of address space; a roster of 200,000 rows and 9 columns takes some 250 MiB of it."""
CPU_SECONDS = 60
"""Of the processor; such a roster takes 6 s."""
MOST_WRITTEN = 256_000_000
"""Bytes of the rows; such a roster's are 29 MB."""
MOST_UNPACKED = 400_000_000
"""Bytes of all parts of a workbook, as the ZIP archive's directory names them; such a roster's are
96 MB. The parser refuses parts that are larger than named."""
MOST_PARTS = 2000
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""Of a worksheet (ECMA-376)."""
MOST_USED_COLUMNS = 1000

FAULT = 3
"""Exit status where the workbook is at fault; standard error says what, as it goes on after the
name."""


class _Fault(Exception):
    """Why a workbook is not read."""


def main() -> None:
    """Read the workbook that is standard input's file, and write its rows to standard output."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, MOST_WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    try:
        _check_directory()
        _write(_open())
    except _Fault as fault:
        print(fault, file=sys.stderr)
        sys.exit(FAULT)


def _check_directory() -> None:
    """Look at the sizes in the archive's directory before anything is unpacked."""
    try:
        with zipfile.ZipFile(sys.stdin.buffer) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise _Fault(f"is no Excel workbook ({error})") from error
    if len(parts) > MOST_PARTS:
        raise _Fault(f"is a workbook of {len(parts)} parts; at most {MOST_PARTS} are read")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MOST_UNPACKED:
        raise _Fault(
            f"is a workbook of {unpacked} bytes when it is unpacked; at most {MOST_UNPACKED} are"
            " read: save it as “CSV UTF-8”"
        )
    if any(part.flag_bits & 1 for part in parts):
        raise _Fault("has a password; save it without one")


def _open() -> "CalamineWorkbook":
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        return CalamineWorkbook.from_path(f"/proc/self/fd/{sys.stdin.fileno()}")
    except (CalamineError, OSError, ValueError) as error:
        raise _Fault(f"is no Excel workbook that can be read ({_short(error)})") from error


def _write(workbook: "CalamineWorkbook") -> None:
    """Write the first sheet that is not hidden and has anything in it; name the others."""
    sheet, others = _choose(workbook)
    print(json.dumps({"sheet": sheet.name, "others": others}))
    for row in _rows(sheet):
        print(json.dumps(row, ensure_ascii=False))
    sys.stdout.flush()


def _choose(workbook: "CalamineWorkbook") -> tuple["CalamineSheet", list[str]]:
    from python_calamine import CalamineError, SheetTypeEnum, SheetVisibleEnum

    chosen, others = None, []
    for at, found in enumerate(workbook.sheets_metadata):
        seen = found.typ == SheetTypeEnum.WorkSheet and found.visible == SheetVisibleEnum.Visible
        if not seen:
            continue
        if chosen is not None:
            others.append(found.name)
            continue
        try:
            sheet = workbook.get_sheet_by_index(at)
        except (CalamineError, ValueError) as error:
            raise _Fault(f"is no Excel workbook that can be read ({_short(error)})") from error
        if sheet.start is not None:
            chosen = sheet
    if chosen is None:
        raise _Fault("is an Excel workbook without anything in it")
    return chosen, others


def _rows(sheet: "CalamineSheet") -> Iterator[list[object]]:
    """The rows that are not empty, with their numbers; merged cells all have what one has."""
    first, last = sheet.start, sheet.end
    if first is None or last is None:
        return
    if last[0] >= LAST_ROW or last[1] >= LAST_COLUMN:
        raise _Fault("has cells where no worksheet has any; save it anew")
    if last[1] - first[1] >= MOST_USED_COLUMNS:
        raise _Fault(
            f"has {last[1] - first[1] + 1} columns; at most {MOST_USED_COLUMNS} are read: delete"
            " what stands far to the right"
        )
    begins = defaultdict(list)
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if top < bottom and first[1] <= left <= right <= last[1]:
            begins[top].append((left - first[1], bottom))
    merged: dict[int, tuple[object, int]] = {}
    for at, given in enumerate(sheet.iter_rows()):
        cells = [_cell(value) for value in given]
        for column, (value, bottom) in list(merged.items()):
            if at > bottom:
                del merged[column]
            else:
                cells[column] = value
        for column, bottom in begins.get(at, ()):
            merged[column] = cells[column], bottom
        if any(cell != "" for cell in cells):
            yield [at + 1, cells]


def _cell(value: Any) -> object:
    """A cell's text, or the number that it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e22 else value
    if isinstance(value, int):
        return value
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def _short(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]

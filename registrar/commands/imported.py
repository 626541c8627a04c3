"""What the commands that import a table share: their arguments, the file, and refused rows."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from registrar.errors import UsageError

if TYPE_CHECKING:
    from registrar.roster_reading import Refused
    from registrar.spreadsheets.sheet import Sheet


def add_file(parser: argparse.ArgumentParser) -> None:
    """Declare the file."""
    parser.add_argument("file", type=Path, metavar="FILE", help="XLSX or CSV")


def add_trial(parser: argparse.ArgumentParser) -> None:
    """Declare what is done about refused rows."""
    parser.add_argument("--dry-run", action="store_true", help="only tell what it would do")
    parser.add_argument(
        "--partial", action="store_true", help="leave refused rows out instead of importing none"
    )
    parser.add_argument(
        "--report", type=Path, metavar="FILE.csv", help="write each refused row, line and reason"
    )


@contextmanager
def open_table(path: Path) -> "Iterator[Sheet]":
    """Open a file's first sheet, while the context lasts. Raises UsageError."""
    from registrar.spreadsheets import open_sheet

    try:
        file = path.open("rb")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from error
    with file:
        yield open_sheet(str(path), file)


def tell_remarks(remarks: Iterable[object]) -> None:
    """Tell on standard error what is taken, and may not be meant."""
    for remark in remarks:
        print(f"registrar: {remark}", file=sys.stderr)


def tell_refused(path: Path, refused: "Iterable[Refused]") -> None:
    """Tell on standard error which rows are refused, and why."""
    for row in refused:
        print(f"registrar: {path}:{row.line}: {row.reason}", file=sys.stderr)

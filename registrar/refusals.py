"""The report of an import's refused rows: line and reason, in both languages."""

from collections.abc import Iterable
from pathlib import Path

from durable import write_whole
from registrar.desk.reasons import tell_reason
from registrar.errors import StoreError
from registrar.roster_reading import Refused
from registrar.spreadsheets.writing import BOM, csv_line

HEADER = ["line", "reason", "原因"]


def write_report(path: Path, refused: Iterable[Refused]) -> None:
    """Write a CSV file with a row for each refused one. Raises StoreError."""
    rows = ([str(row.line), row.reason, tell_reason("zh-CN", row.reason)] for row in refused)
    try:
        write_whole(path, BOM + csv_line(HEADER) + b"".join(map(csv_line, rows)))
    except OSError as error:
        raise StoreError(f"{path}: cannot be written ({error.strerror})") from error

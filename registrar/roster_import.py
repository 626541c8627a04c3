"""A roster's import: tried first, then done; every row that is refused is told with its line."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from registrar.errors import UsageError
from registrar.records import Clash, ImportResult, Records
from registrar.roster_reading import Judged, Refused


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do."""

    judged: Judged
    result: ImportResult
    """Of the rows that are not refused."""
    refused: tuple[Refused, ...]
    """By the file alone, or beside what is held; by their lines."""


def preview_import(
    records: Records, judged: Judged, institution_code: str | None = None
) -> Preview:
    """Try an import; nothing is changed. `institution_code`: no other's record is to be."""
    coming = (record for _, record in judged.records())
    result, clashes = records.preview(coming, institution_code)
    refused = sorted([*judged.refused, *_rows_of(judged, clashes)])
    return Preview(judged, result, tuple(refused))


def import_roster(
    records: Records,
    judged: Judged,
    *,
    partial: bool,
    note: Callable[[Connection, ImportResult], None],
    institution_code: str | None = None,
) -> ImportResult:
    """Import a roster: all of it, or with `partial` the rows that are not refused.

    `institution_code`: no other institution's record is changed. Raises UsageError with every row
    that is refused, where all are wanted.
    """
    if not partial:
        judged.check_all_good()
    coming = (record for _, record in judged.records())
    try:
        return records.import_records(
            coming, partial=partial, note=note, institution_code=institution_code
        )
    except UsageError as error:
        refused = preview_import(records, judged, institution_code).refused
        lines = [f"{judged.name}:{row.line}: {row.reason}" for row in refused]
        raise UsageError("\n".join(lines) or str(error)) from error


def _rows_of(judged: Judged, clashes: list[Clash]) -> list[Refused]:
    """Find the lines of records that clash."""
    if not clashes:
        return []
    reasons = {clash.record_id: clash.reason for clash in clashes}
    return [
        Refused(line, f"record_id {record.record_id}: {reasons[record.record_id]}")
        for line, record in judged.records()
        if record.record_id in reasons
    ]

"""Results of the national photo comparison (学信网照片比对), as a table brings them back.

Whose photo did not pass is the registry's case: only by a permit are they photographed again. The
roster and the notices say so.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from protocol.review import COMPARISON_FAILED
from registrar.audit import append
from registrar.errors import UsageError
from registrar.reviews import put_state
from registrar.roster import student_no_key
from registrar.roster_fields import find_field_fault, mend_field
from registrar.spreadsheets.columns import Column, find_header
from registrar.spreadsheets.sheet import Sheet
from registrar.storage.database import Database
from registrar.storage.tables import AUDIT, COMPARISON, PHOTO, RECORD

AT_ONCE = 500
"""Rows that are imported in one transaction."""

MOST_TOLD = 1000
"""Rows of which it is told why they were not imported."""

COLUMNS = (
    Column("student_no", ("学号",), is_needed=False),
    Column("id_no", ("身份证号", "身份证件号", "证件号码", "身份证号码"), is_needed=False),
    Column("institution_code", ("学校代码", "院校代码"), is_needed=False),
    Column("result", ("比对结果", "结果")),
    Column("remark", ("备注", "说明", "原因"), is_needed=False),
)
_PASSED = {"passed", "pass", "1", "true", "yes", "通过", "比对通过", "一致", "合格"}
_FAILED = {
    "failed",
    "fail",
    "0",
    "false",
    "no",
    "不通过",
    "未通过",
    "比对不通过",
    "不一致",
    "不合格",
}

LONGEST_REMARK = 200
"""Characters of a remark that are kept."""


@dataclass(frozen=True, slots=True)
class ResultImport:
    """What an import of results has changed, in photos."""

    passed: int
    failed: int
    same: int
    left_out: tuple[tuple[int, str], ...]
    """The rows that were not imported: line, and why; `MOST_TOLD` at most."""
    left_out_count: int


@dataclass(frozen=True, slots=True)
class _Result:
    line: int
    given: dict[str, str]
    fault: str | None
    """Why the row cannot be read."""

    @property
    def passed(self) -> bool | None:
        """What the comparison says; None where nobody knows what is meant."""
        said = self.given["result"].lower()
        return True if said in _PASSED else False if said in _FAILED else None


class Results:
    """Imports results."""

    def __init__(self, database: Database, channels: Sequence[str] = ()) -> None:
        """`channels` take notices to students."""
        self._database = database
        self._channels = channels

    def import_file(
        self, sheet: Sheet, by: str, at: datetime, institution_code: str | None = None
    ) -> ResultImport:
        """Import a file's results row by row; a row that is wrong stops no other. Audited.

        `institution_code`: only of this institution's students; there are no others then.

        Raises UsageError where it has no such columns, or was imported before: a student may
        have another photo by now.
        """
        digest = _digest(sheet)
        self._check_new(digest)
        rows = _read(sheet)
        done = {"passed": 0, "failed": 0, "same": 0}
        left_out: list[tuple[int, str]] = []
        count = 0
        while some := list(islice(rows, AT_ONCE)):
            with self._database.transaction() as db:
                for result in some:
                    said = self._take(db, result, at.timestamp(), institution_code)
                    if said in done:
                        done[said] += 1
                        continue
                    count += 1
                    if len(left_out) < MOST_TOLD:
                        left_out.append((result.line, said))
        with self._database.transaction() as db:
            append(db, at, by, "result.import", digest, **done, left_out=count)
        return ResultImport(done["passed"], done["failed"], done["same"], tuple(left_out), count)

    def _check_new(self, digest: str) -> None:
        before = select(AUDIT.c.at).where(
            AUDIT.c.action == "result.import", AUDIT.c.subject == digest
        )
        with self._database.connection() as db:
            row = db.execute(before).first()
        if row is not None:
            raise UsageError(f"this file was imported already, on {row.at[:10]}")

    def _take(self, db: Connection, result: _Result, at: float, whose: str | None) -> str:
        """Take one row: `passed`, `failed` or `same`, or why it is left out."""
        if result.fault is not None:
            return result.fault
        passed = result.passed
        if passed is None:
            return f"result {result.given['result']!r} is neither passed (通过) nor failed (不通过)"
        records = _find_records(db, result.given, whose)
        if not records:
            return "no student on the roster has this number"
        if len(records) > 1:
            return "several students have this number; add a column institution_code"
        return self._put(db, records[0], passed, result.given["remark"][:LONGEST_REMARK], at)

    def _put(self, db: Connection, record_id: str, passed: bool, remark: str, at: float) -> str:
        photo = _find_photo(db, record_id)
        if photo is None:
            return "no photo of the student was approved"
        kept = select(COMPARISON).where(COMPARISON.c.photo_number == photo.number)
        known = db.execute(kept).one_or_none()
        if known is not None and (known.passed, known.remark) == (passed, remark):
            return "same"
        db.execute(delete(COMPARISON).where(COMPARISON.c.photo_number == photo.number))
        values = {"passed": passed, "remark": remark, "imported_at": at}
        db.execute(insert(COMPARISON).values(photo_number=photo.number, **values))
        if passed:
            return "passed"
        if photo.state == "approved":
            put_state(db, photo, "refused", COMPARISON_FAILED, self._channels, at)
        return "failed"


def _find_records(db: Connection, given: dict[str, str], whose: str | None) -> list[str]:
    """The ids of the records that a row's number may mean; of an institution's, or of all."""
    if given["student_no"]:
        wanted = RECORD.c.student_no_key == student_no_key(given["student_no"])
    elif given["id_no"]:
        wanted = RECORD.c.id_no == given["id_no"].upper()
    else:
        return []
    found = select(RECORD.c.record_id).where(wanted)
    if whose is not None:
        found = found.where(RECORD.c.institution_code == whose)
    if given["institution_code"]:
        found = found.where(RECORD.c.institution_code == given["institution_code"])
    return list(db.execute(found.limit(2)).scalars())


def _find_photo(db: Connection, record_id: str) -> Row[Any] | None:
    """The photo that was compared: the newest approved, or else the newest with a result."""
    compared = PHOTO.c.number.in_(select(COMPARISON.c.photo_number))
    of_record = select(PHOTO).where(PHOTO.c.record_id == record_id)
    newest = of_record.order_by(PHOTO.c.number.desc()).limit(1)
    approved = db.execute(newest.where(PHOTO.c.state == "approved").with_for_update()).first()
    return approved or db.execute(newest.where(compared)).first()


def _digest(sheet: Sheet) -> str:
    digest = hashlib.sha256()
    sheet.data.seek(0)
    while piece := sheet.data.read(1 << 20):
        digest.update(piece)
    return digest.hexdigest()


def _read(sheet: Sheet) -> Iterator[_Result]:
    """The rows, by the columns' own names; raises UsageError where some are missing."""
    table = find_header(sheet, COLUMNS)
    if not {"student_no", "id_no"} & {name for name, _ in table.places}:
        raise UsageError(
            f"{sheet.name}:{table.header_line}: the header lacks student_no (学号) or id_no"
            " (身份证件号)"
        )
    missing = {column.name: "" for column in COLUMNS}
    for line, given in table.rows():
        if isinstance(given, str):
            yield _Result(line, missing, given)
            continue
        values = {name: mend_field(name, text) for name, text in given.items()}
        faults = (
            f"{name} {fault}"
            for name in ("student_no", "id_no")
            if values.get(name)
            and (fault := find_field_fault(name, given[name], values[name])) is not None
        )
        yield _Result(line, missing | values, next(faults, None))

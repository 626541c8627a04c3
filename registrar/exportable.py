"""Which photos may leave the registrar: each student's newest approved one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select

from registrar.naming import Naming
from registrar.notices import UNDO_SECONDS
from registrar.roster import Record
from registrar.storage.database import Database
from registrar.storage.tables import PHOTO, RECORD

AT_ONCE = 200
"""Rows that are in memory at once."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Of which students photos are wanted; None: of all."""

    institution_code: str | None = None
    college: str | None = None
    first_day: date | None = None
    """When the photo was taken, in this machine's own time; both days are among them."""
    last_day: date | None = None

    def texts(self) -> dict[str, str]:
        """What is asked for, as a manifest and the audit log tell it."""
        given = {
            "institution_code": self.institution_code,
            "college": self.college,
            "first_day": self.first_day and self.first_day.isoformat(),
            "last_day": self.last_day and self.last_day.isoformat(),
        }
        return {name: text for name, text in given.items() if text}

    def students(self, record: Any = RECORD) -> ColumnElement[bool]:
        """Whether a row of `record` is of the students that are asked for."""
        return and_(
            True,
            *(
                [record.c.institution_code == self.institution_code]
                if self.institution_code
                else []
            ),
            *([record.c.college == self.college] if self.college else []),
        )

    def photos(self) -> ColumnElement[bool]:
        """Whether a photo was taken on the days that are asked for."""
        first, last = self.first_day, self.last_day
        return and_(
            True,
            *([PHOTO.c.taken_at >= _midnight(first)] if first else []),
            *([PHOTO.c.taken_at < _midnight(last + timedelta(days=1))] if last else []),
        )


@dataclass(frozen=True, slots=True)
class Exportable:
    """A photo that may leave."""

    submission_id: UUID
    record: Record
    row: Row[Any]
    """As `photos.held_photo` takes it."""
    sharing: tuple[str, ...]
    """The other records by whose names a stick could confuse this one's, by id."""


def exportable(
    database: Database, selection: Selection, naming: Naming, at: datetime
) -> Iterator[Exportable]:
    """The photos that may leave, in the order in which they came; in little memory."""
    number = 0
    wanted = (
        _join()
        .where(_is_settled(at), ~_has_newer())
        .where(selection.students(), selection.photos())
        .order_by(PHOTO.c.number)
        .limit(AT_ONCE)
    )
    while True:
        with database.connection() as db:
            rows = db.execute(wanted.where(PHOTO.c.number > number)).all()
            shared = {row.record_id: _find_sharing(db, selection, naming, row) for row in rows}
        for row in rows:
            record = Record(*(getattr(row, field) for field in Record._fields))
            yield Exportable(UUID(row.submission_id), record, row, shared[row.record_id])
        if len(rows) < AT_ONCE:
            return
        number = rows[-1].number


def count_exportable(database: Database, selection: Selection, at: datetime) -> tuple[int, int]:
    """How many photos may leave, and how many more wait until somebody has approved them."""
    of_it = selection.students(), selection.photos()
    counting = select(func.count()).select_from(PHOTO.join(RECORD, _SAME)).where(*of_it)
    waiting = or_(
        PHOTO.c.state == "unreviewed", and_(PHOTO.c.state == "approved", ~_is_settled(at))
    )
    with database.connection() as db:
        may = db.execute(counting.where(_is_settled(at), ~_has_newer())).scalar_one()
        wait = db.execute(counting.where(waiting)).scalar_one()
    return int(may), int(wait)


_SAME = RECORD.c.record_id == PHOTO.c.record_id


def _join() -> Select[Any]:
    return select(PHOTO, *(column for column in RECORD.c if column.name != "record_id")).join(
        RECORD, _SAME
    )


def _is_settled(at: datetime) -> ColumnElement[bool]:
    """Approved, and nobody takes it back any more."""
    return and_(PHOTO.c.state == "approved", PHOTO.c.state_at <= at.timestamp() - UNDO_SECONDS)


def _has_newer() -> ColumnElement[bool]:
    """Whether a newer photo of the student takes this one's place, or may soon."""
    newer = PHOTO.alias("newer")
    return exists().where(
        newer.c.record_id == PHOTO.c.record_id,
        newer.c.number > PHOTO.c.number,
        newer.c.state != "refused",
    )


def _find_sharing(db: Any, selection: Selection, naming: Naming, row: Row[Any]) -> tuple[str, ...]:
    """Find the records whose files' names a stick could confuse with a row's."""
    key = getattr(row, naming.key)
    if not key:
        return ()
    others = select(RECORD.c.record_id).where(
        RECORD.c[naming.key] == key, RECORD.c.record_id != row.record_id, selection.students()
    )
    return tuple(db.execute(others.order_by(RECORD.c.record_id).limit(5)).scalars())


def _midnight(day: date) -> float:
    return datetime.combine(day, time.min).astimezone().timestamp()

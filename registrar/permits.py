"""Permits: one student may be photographed once more, for one reason, one time."""

from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, insert, select, update

from registrar.audit import append
from registrar.errors import UsageError
from registrar.records import lock_record, note_change
from registrar.storage.database import Database
from registrar.storage.tables import PERMIT

LONGEST_REASON = 200
"""Characters of a permit's reason."""


def read_reason(reason: str, record_id: str, of: str) -> str:
    """The reason of a permit, or of a grant; raises UsageError where it is empty or too long."""
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise UsageError(
            f"record {record_id}: a {of} has a reason of 1 to {LONGEST_REASON} characters"
        )
    return reason


class Permits:
    """The permits. Each call is one transaction, and is audited in it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def give(self, record_id: str, reason: str, by: str, at: datetime) -> None:
        """Let a student be photographed once more.

        Raises UsageError where there is no such record, it has a permit still, or the reason is
        empty or too long.
        """
        reason = read_reason(reason, record_id, "permit")
        with self._database.transaction() as db:
            if not lock_record(db, record_id):
                raise UsageError(f"record {record_id}: is not in the roster")
            if is_permitted(db, record_id):
                raise UsageError(f"record {record_id}: has a permit that was not used yet")
            values = {"reason": reason, "given_by": by, "given_at": at.timestamp()}
            db.execute(insert(PERMIT).values(record_id=record_id, **values))
            note_change(db, record_id)
            append(db, at, by, "permit.give", record_id)

    def withdraw(self, record_id: str, by: str, at: datetime) -> None:
        """Take back a permit that was not used yet; raises UsageError where there is none."""
        with self._database.transaction() as db:
            if not db.execute(delete(PERMIT).where(_IS_OPEN), {"record": record_id}).rowcount:
                raise UsageError(f"record {record_id}: has no permit that was not used yet")
            note_change(db, record_id)
            append(db, at, by, "permit.withdraw", record_id)


def use_up(db: Connection, record_id: str, photo_number: int) -> None:
    """Note the photo for which a record's permit was, if it had one."""
    db.execute(_USE_UP, {"record": record_id, "photo": photo_number})


def is_permitted(db: Connection, record_id: str) -> bool:
    """Say whether a record has a permit that was not used yet."""
    return db.execute(_OPEN, {"record": record_id}).first() is not None


_IS_OPEN = and_(PERMIT.c.record_id == bindparam("record"), PERMIT.c.photo_number.is_(None))
_OPEN = select(PERMIT.c.id).where(_IS_OPEN)
_USE_UP = update(PERMIT).where(_IS_OPEN).values(photo_number=bindparam("photo"))

"""Grants: a rule that need not hold for one student, given before they come to a booth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select

from protocol.grants import GRANTS
from registrar.audit import append
from registrar.errors import UsageError
from registrar.permits import read_reason
from registrar.records import lock_record, note_change
from registrar.storage.database import Database
from registrar.storage.tables import RECORD_GRANT


@dataclass(frozen=True, slots=True)
class GivenGrant:
    """A grant, and whose word it is."""

    name: str
    reason: str
    given_by: str
    given_at: datetime


class Grants:
    """The grants. Each call is one transaction, and is audited in it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def give(self, record_id: str, name: str, reason: str, by: str, at: datetime) -> None:
        """Excuse a student from a grant's rules at whatever booth they come to.

        Raises UsageError where there is no such record or grant, they have it already, or the
        reason is empty or too long.
        """
        if name not in GRANTS:
            raise UsageError(f"{name}: is no grant; there are {', '.join(GRANTS)}")
        reason = read_reason(reason, record_id, "grant")
        with self._database.transaction() as db:
            if not lock_record(db, record_id):
                raise UsageError(f"record {record_id}: is not in the roster")
            if any(grant.name == name for grant in grants_of(db, record_id)):
                raise UsageError(f"record {record_id}: has this grant already: {name}")
            values = {"reason": reason, "given_by": by, "given_at": at.timestamp()}
            db.execute(insert(RECORD_GRANT).values(record_id=record_id, name=name, **values))
            note_change(db, record_id)
            append(db, at, by, "grant.give", record_id, grant=name)

    def withdraw(self, record_id: str, name: str, by: str, at: datetime) -> None:
        """Take back a grant; raises UsageError where there is none."""
        named = (RECORD_GRANT.c.record_id == record_id, RECORD_GRANT.c.name == name)
        with self._database.transaction() as db:
            if not db.execute(delete(RECORD_GRANT).where(*named)).rowcount:
                raise UsageError(f"record {record_id}: has no such grant: {name}")
            note_change(db, record_id)
            append(db, at, by, "grant.withdraw", record_id, grant=name)


def grants_of(db: Connection, record_id: str) -> Sequence[GivenGrant]:
    """A student's grants, the newest first."""
    of_record = select(RECORD_GRANT).where(RECORD_GRANT.c.record_id == record_id)
    rows = db.execute(of_record.order_by(RECORD_GRANT.c.given_at.desc(), RECORD_GRANT.c.name))
    return [
        GivenGrant(row.name, row.reason, row.given_by, datetime.fromtimestamp(row.given_at, UTC))
        for row in rows
    ]

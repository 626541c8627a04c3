"""The audit log: who did what to whom, written in the transaction of what is told of."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from registrar.audit_chain import Entry, Fault, SignedHead, next_entry, verify_chain
from registrar.storage.tables import AUDIT

AUDITING = 0x61756469
"""The number of PostgreSQL's lock under which entries get their numbers ("audi")."""

_PIECE = 1000
"""Entries that are in memory at once while the log is read."""


def append(
    db: Connection,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    **detail: str | float | bool | list[str] | None,
) -> None:
    """Write an entry, as the last thing that a transaction does.

    On PostgreSQL no other transaction writes one until this one ends; SQLite has one writer anyway.
    """
    if db.dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(AUDITING)))
    told = at.astimezone(UTC).isoformat()
    entry = next_entry(last_entry(db), told, actor, action, subject, detail)
    db.execute(insert(AUDIT).values(asdict(entry)))


def last_entry(db: Connection) -> Entry | None:
    """The newest entry; None where there is none."""
    row = db.execute(select(AUDIT).order_by(AUDIT.c.number.desc()).limit(1)).first()
    return None if row is None else _entry(row)


def entries(db: Connection) -> Iterator[Entry]:
    """All entries, oldest first, in little memory."""
    wanted = select(AUDIT).order_by(AUDIT.c.number)
    for row in db.execute(wanted.execution_options(yield_per=_PIECE)):
        yield _entry(row)


def page(
    db: Connection, limit: int, before: int | None = None, subject: str = "", actor: str = ""
) -> list[Entry]:
    """So many entries, newest first: of a subject or an actor, where one is named.

    `before` is the number of an entry that only older ones are wanted than.
    """
    wanted = select(AUDIT).order_by(AUDIT.c.number.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(AUDIT.c.number < before)
    if subject:
        wanted = wanted.where(AUDIT.c.subject == subject)
    if actor:
        wanted = wanted.where(AUDIT.c.actor == actor)
    return [_entry(row) for row in db.execute(wanted)]


def verify_log(db: Connection, head: SignedHead | None = None) -> Fault | None:
    """Find the first entry that does not hold (`verify_chain`); None where all do."""
    return verify_chain(entries(db), head)


def _entry(row: Row[Any]) -> Entry:
    return Entry(**row._mapping)

"""The rows in which a roster's edition is kept, and what of it a booth has."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Update, func, select, update

from protocol.roster_edition import FULL_ANSWER, split_parts
from registrar.storage.tables import ROSTER_CHANGE, ROSTER_DELTA, ROSTER_EDITION

AT_ONCE = 10
"""Deltas that are in memory at once."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a booth says that it holds."""

    edition: bytes
    number: int
    chain: bytes
    issued_at: datetime


def find_edition(db: Connection, institution_code: str, *, lock: bool = False) -> Row[Any] | None:
    """An institution's edition; with `lock` nobody else changes it within the transaction."""
    wanted = select(ROSTER_EDITION).where(ROSTER_EDITION.c.institution_code == institution_code)
    return db.execute(wanted.with_for_update() if lock else wanted).one_or_none()


def change_edition(institution_code: str, salt: bytes) -> Update:
    """A change of an edition, if it is still in force."""
    return update(ROSTER_EDITION).where(
        ROSTER_EDITION.c.institution_code == institution_code, ROSTER_EDITION.c.salt == salt
    )


def count_noted(db: Connection, institution_code: str) -> int:
    """How many changes no delta tells yet."""
    ours = ROSTER_CHANGE.c.institution_code == institution_code
    return int(db.execute(select(func.count()).where(ours)).scalar_one())


def select_deltas(
    db: Connection, institution_code: str, after: int, most: int | None = None
) -> Iterator[bytes]:
    """An edition's deltas after a number, one after another."""
    wanted = (
        select(ROSTER_DELTA.c.body)
        .where(ROSTER_DELTA.c.institution_code == institution_code, ROSTER_DELTA.c.number > after)
        .order_by(ROSTER_DELTA.c.number)
        .limit(most)
        .execution_options(yield_per=AT_ONCE)  # of the statement: a connection would keep it
    )
    with db.execute(wanted) as rows:
        for row in rows:
            yield row.body


def has_told(db: Connection, edition: Row[Any], told: Told) -> bool:
    """Whether an edition had at a number what a booth holds of it, and can go on from there."""
    if told.edition != edition.salt:
        return False
    for body in select_deltas(db, edition.institution_code, told.number, most=1):
        head, _ = next(split_parts(body))
        return (head.number, head.previous) == (told.number + 1, told.chain)
    return (told.number, told.chain) == (edition.number, edition.chain)


def join_deltas(db: Connection, institution_code: str, after: int) -> bytes:
    """The deltas after a number, up to a full answer."""
    answer = bytearray()
    for body in select_deltas(db, institution_code, after):
        answer += body
        if len(answer) >= FULL_ANSWER:
            break
    return bytes(answer)

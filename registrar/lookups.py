"""Look-ups of capture codes, limited: who has stolen a booth's key cannot try codes by it.

Counted in the database, by booth and quarter of an hour, so that all workers count together.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from registrar.errors import RegistrarError
from registrar.metrics import LOOKUPS
from registrar.storage.database import Database
from registrar.storage.tables import BOOTH, LOOKUP

PERIOD = 15 * 60
"""Seconds of one period."""

DAY = 24 * 3600 // PERIOD
"""Periods of a day."""


@dataclass(frozen=True, slots=True)
class Most:
    """How many look-ups are answered; `missed` are those of codes that nobody has."""

    asked: int
    missed: int
    missed_a_day: int


BY_BOOTH = Most(asked=300, missed=60, missed_a_day=500)
"""In a period. A booth that serves without a pause scans once in 20 s, 45 times; somebody whose
code is none of ours tries twice, and a whole class that comes with wrong ones not 30 of them."""

BY_INSTITUTION = Most(asked=6_000, missed=600, missed_a_day=5_000)
"""The same of all an institution's booths: 130 of them without a pause, ten whose every code is
wrong."""

SUSPICIOUS = 100
"""Unknown codes in a day from which the desk tells of a booth: five times what a day of 500
students brings where one in 25 shows a wrong code."""

KEPT = 7 * DAY
"""Periods for which they are kept."""


class TooManyLookups(RegistrarError):
    """A booth, or its institution, asks for more codes than people come; `seconds` until it may."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too many codes were asked for; wait {seconds:.0f} s")
        self.seconds = seconds


class Lookups:
    """The counts. Each call is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, booth_id: str, at: datetime) -> None:
        """Count a look-up before it is answered; raises TooManyLookups where it is not to be.

        It is counted before it is judged: many at once do not slip through.
        """
        period = int(at.timestamp()) // PERIOD
        here = (LOOKUP.c.booth_id == booth_id, LOOKUP.c.period == period)
        dialect = sqlite if self._database.is_file else postgresql
        with self._database.transaction() as db:
            old = (LOOKUP.c.booth_id == booth_id, LOOKUP.c.period < period - KEPT)
            db.execute(delete(LOOKUP).where(*old))
            code = _institution_of(db, booth_id)
            row = {"booth_id": booth_id, "period": period, "institution_code": code}
            db.execute(
                dialect.insert(LOOKUP)
                .values(**row, asked=1)
                .on_conflict_do_update(
                    index_elements=["booth_id", "period"], set_={"asked": LOOKUP.c.asked + 1}
                )
            )
            is_too_many = _is_used_up(db, LOOKUP.c.booth_id == booth_id, period, BY_BOOTH)
            if not is_too_many:
                ours = LOOKUP.c.institution_code == code
                is_too_many = _is_used_up(db, ours, period, BY_INSTITUTION)
            if is_too_many:
                counts = {"asked": LOOKUP.c.asked - 1, "turned_down": LOOKUP.c.turned_down + 1}
                db.execute(update(LOOKUP).where(*here).values(counts))
        if is_too_many:
            LOOKUPS.labels("turned_down").inc()
            raise TooManyLookups((period + 1) * PERIOD - at.timestamp())

    def end(self, booth_id: str, at: datetime, *, missed: bool) -> None:
        """Count what came of it, at the same time `at`: whether nobody has such a code."""
        LOOKUPS.labels("missed" if missed else "found").inc()
        if not missed:
            return
        here = (LOOKUP.c.booth_id == booth_id, LOOKUP.c.period == int(at.timestamp()) // PERIOD)
        with self._database.transaction() as db:
            db.execute(update(LOOKUP).where(*here).values(missed=LOOKUP.c.missed + 1))


def suspicious(db: Connection, at: datetime) -> dict[str, int]:
    """The booths that asked for many codes that nobody has, or were turned down; how many in a day.

    Those turned down count as unknown: nobody looked.
    """
    since = int(at.timestamp()) // PERIOD - DAY
    unknown = func.sum(LOOKUP.c.missed + LOOKUP.c.turned_down)
    rows = db.execute(
        select(LOOKUP.c.booth_id, unknown.label("unknown"))
        .where(LOOKUP.c.period > since)
        .group_by(LOOKUP.c.booth_id)
        .having(unknown >= SUSPICIOUS)
    )
    return {row.booth_id: int(row.unknown) for row in rows}


def _is_used_up(db: Connection, whose: ColumnElement[bool], period: int, most: Most) -> bool:
    """Whether this one is too many: of this period's, or after so many unknown codes in a day."""
    now: Any = LOOKUP.c.period == period
    counted = select(
        func.coalesce(func.sum(case((now, LOOKUP.c.asked), else_=0)), 0),
        func.coalesce(func.sum(case((now, LOOKUP.c.missed), else_=0)), 0),
        func.coalesce(func.sum(LOOKUP.c.missed), 0),
    ).where(whose, LOOKUP.c.period > period - DAY)
    asked, missed, missed_a_day = db.execute(counted).one()
    return bool(asked > most.asked or missed >= most.missed or missed_a_day >= most.missed_a_day)


def _institution_of(db: Connection, booth_id: str) -> str:
    """Whose a booth is, as a code; empty of nobody's own."""
    found = select(BOOTH.c.institution_code).where(BOOTH.c.booth_id == booth_id)
    return db.execute(found).scalar() or ""

"""Standardisations, counted across booths: begun, made or void (`protocol.admission`)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from nacl.signing import SigningKey
from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from protocol.admission import (
    DAY,
    EVER,
    Limits,
    Moment,
    Standardisation,
    may_ask,
    of_the_day,
    surely,
    waits_until,
)
from protocol.roster import Answer, Question, Resolution, Wait
from protocol.standardisation import ToldStandardisation, open_note
from protocol.student import Student
from registrar.codes import Codes
from registrar.configuration import settings_of
from registrar.records import Records, lock_record, note_change
from registrar.sharing import MARGIN, shares_left
from registrar.storage.database import Database
from registrar.storage.tables import RECORD, STANDARDISATION

REMEMBERED = timedelta(days=9)
"""For which one counts: the longest wait that an institution can set, a week, and the days around
it. What lies further in the time to come was counted by a clock that was wrong: nobody waits for
it."""

SOON = timedelta(minutes=3)
"""After which booths with a network have heard that a student's day is kept back: they sync each
minute."""

KEPT = timedelta(days=60)
"""For which they are kept, so that staff can see why somebody was refused."""


class Standardisations:
    """Answers booths' questions, and counts. Each call is one transaction."""

    def __init__(self, database: Database, records: Records, signing_key: SigningKey) -> None:
        self._database, self._key = database, signing_key
        self._codes = Codes(database, records)

    def ask(self, booth_id: str, question: Question, at: datetime) -> Answer:
        """Say whose a capture code is; who is admitted has begun a standardisation with that."""
        found = self._codes.resolve(booth_id, question.capture_code)
        if question.standardisation is None or not isinstance(found, Student):
            if question.told:
                self.hear(booth_id, question.told, at)
            return found
        with self._database.transaction() as db:
            _hear(db, booth_id, question.told, self._key, at)
            return _begin(db, booth_id, question.standardisation, found, at)

    def hear(self, booth_id: str, told: Iterable[ToldStandardisation], at: datetime) -> None:
        """Count what a booth tells: each once, however often it comes."""
        with self._database.transaction() as db:
            _hear(db, booth_id, told, self._key, at)


def keep_back(
    db: Connection, institution_code: str, answers: Iterable[tuple[str, Resolution]], at: datetime
) -> Iterator[tuple[str, Resolution]]:
    """The roster's answers, with until when booths that cannot ask keep students back."""
    limits = settings_of(db, institution_code).limits
    recent: dict[str, list[Standardisation]] = defaultdict(list)
    of_institution = (
        _select_recent(at)
        .join(RECORD, RECORD.c.record_id == STANDARDISATION.c.record_id)
        .where(RECORD.c.institution_code == institution_code)
    )
    for row in db.execute(of_institution):
        recent[row.record_id].append(_standardisation(row))
    for code, answer in answers:
        if isinstance(answer, Student) and (known := recent.get(answer.record_id)):
            yield code, replace(answer, offline_from=_offline_from(known, surely(at), limits))
        else:
            yield code, answer


def sweep(db: Connection, now: float) -> int:
    """Remove those that nobody asks about any more; how many. `now` is in s since 1970."""
    old = STANDARDISATION.c.heard_at < now - KEPT.total_seconds()
    return db.execute(delete(STANDARDISATION).where(old)).rowcount


def history_of(db: Connection, record_id: str) -> Sequence[Row[Any]]:
    """A student's standardisations, the newest first."""
    of_record = STANDARDISATION.c.record_id == record_id
    newest_first = STANDARDISATION.c.earliest.desc()
    return db.execute(select(STANDARDISATION).where(of_record).order_by(newest_first)).all()


def _begin(
    db: Connection, booth_id: str, standardisation: UUID, student: Student, at: datetime
) -> Answer:
    """Begin one, if it may be; nobody else does of this student until the transaction ends."""
    lock_record(db, student.record_id)
    rows = db.execute(
        _select_recent(at).where(STANDARDISATION.c.record_id == student.record_id)
    ).all()
    known = [_standardisation(row) for row in rows]
    if any(each.id == standardisation for each in known):
        return student  # the question has come twice
    now, limits = surely(at), settings_of(db, student.institution_code).limits
    if (until := waits_until(known, now, limits)) is not None:
        return Wait(until)
    today = of_the_day(known, now)
    heard = {UUID(row.id): row.heard_at for row in rows}
    since = min((heard[each.id] for each in today), default=None)
    shares = shares_left(db, student.institution_code, student.record_id, since, limits)
    if not may_ask(booth_id, known, shares, now, limits):
        is_soon = len(today) < limits.standardisations_a_day and _is_recent(since, at)
        return Wait(at + SOON if is_soon else now.days_end())
    db.execute(
        insert(STANDARDISATION).values(
            id=str(standardisation),
            record_id=student.record_id,
            booth_id=booth_id,
            outcome="begun",
            earliest=at.timestamp(),
            latest=at.timestamp(),
            heard_at=at.timestamp(),
        )
    )
    note_change(db, student.record_id)
    return student


def _is_recent(since: float | None, at: datetime) -> bool:
    """Whether the booths may only not have heard yet that the day is kept back."""
    return since is not None and at.timestamp() - since < (SOON + MARGIN).total_seconds()


def _hear(
    db: Connection,
    booth_id: str,
    told: Iterable[ToldStandardisation],
    key: SigningKey,
    at: datetime,
) -> None:
    for each in told:
        named = STANDARDISATION.c.id == str(each.id)
        row = db.execute(select(STANDARDISATION).where(named)).one_or_none()
        if row is not None:
            if row.booth_id == booth_id and row.outcome == "begun":
                db.execute(update(STANDARDISATION).where(named).values(outcome=each.outcome))
                note_change(db, row.record_id)
        elif each.outcome == "made" and each.note is not None:
            _count(db, booth_id, each, key, at)


def _count(
    db: Connection, booth_id: str, told: ToldStandardisation, key: SigningKey, at: datetime
) -> None:
    """Count one that a booth made without asking; what no record is of, or no note, is dropped."""
    try:
        note = open_note(told.note or b"", key)
    except ValueError:
        return
    known = select(RECORD.c.record_id).where(RECORD.c.record_id == note.record_id)
    if db.execute(known).first() is None:
        return
    earliest = min(note.earliest, at)
    db.execute(
        insert(STANDARDISATION).values(
            id=str(told.id),
            record_id=note.record_id,
            booth_id=booth_id,
            outcome="made",
            earliest=earliest.timestamp(),
            latest=max(min(note.latest or at, at), earliest).timestamp(),
            heard_at=at.timestamp(),
        )
    )
    note_change(db, note.record_id)


def _select_recent(at: datetime) -> Select[Any]:
    """Those that may count."""
    return select(STANDARDISATION).where(
        STANDARDISATION.c.outcome != "void",
        STANDARDISATION.c.latest > (at - REMEMBERED).timestamp(),
        STANDARDISATION.c.earliest < (at + DAY).timestamp(),
    )


def _standardisation(row: Row[Any]) -> Standardisation:
    moment = Moment(
        datetime.fromtimestamp(row.earliest, UTC),
        min(datetime.fromtimestamp(row.latest, UTC), EVER),
    )
    return Standardisation(UUID(row.id), row.booth_id, moment)


def _offline_from(known: Sequence[Standardisation], now: Moment, limits: Limits) -> int | None:
    until = waits_until(known, now, limits)
    if of_the_day(known, now):
        until = max(now.days_end(), until or now.days_end())
    return None if until is None else int(until.timestamp())

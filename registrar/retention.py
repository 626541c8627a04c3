"""Retention: what is older than `[retention]` in `registrar.toml` says goes, and is proven to.

Each batch is one transaction with one entry of the audit log: by which rule, how many, and the
digest of the names of their objects.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nacl.signing import SigningKey
from sqlalchemy import ColumnElement, Connection, and_, exists, func, select

from registrar import audit
from registrar.erasure import (
    Erased,
    digest_names,
    digest_record,
    erase_photos,
    erase_records,
    remove_objects,
    wipe,
)
from registrar.records import note_change
from registrar.settings import RetentionSettings
from registrar.storage.tables import NOTICE, PHOTO, RECORD
from registrar.store import Store

BATCH = 200
"""Students or photos in one transaction: for so long booths wait on SQLite, some tenths of a
second."""


@dataclass(frozen=True, slots=True)
class Due:
    """How much a rule takes, or would take."""

    rule: str
    days: int
    records: int
    photos: int
    waiting: int
    """Photos that are as old and stay, for nobody has reviewed them."""


def count_due(db: Connection, rules: RetentionSettings, at: datetime) -> list[Due]:
    """Count what each rule would take now; nothing is changed."""
    found = []
    for rule, days in _rules(rules):
        before = _before(at, days)
        if rule == "students_days":
            of_old = PHOTO.c.record_id.in_(select(RECORD.c.record_id).where(_is_old(before)))
            of_waiting = and_(PHOTO.c.state == "unreviewed", PHOTO.c.received_at < before)
            records = _count(db, select(func.count()).select_from(RECORD).where(_is_old(before)))
            photos = _count(db, select(func.count()).select_from(PHOTO).where(of_old))
            waiting = _count(db, select(func.count()).select_from(PHOTO).where(of_waiting))
            found.append(Due(rule, days, records, photos, waiting))
        else:
            refused = select(func.count()).select_from(PHOTO).where(_is_refused(before))
            found.append(Due(rule, days, 0, _count(db, refused), 0))
    return found


def run_retention(
    store: Store, rules: RetentionSettings, signing_key: SigningKey, at: datetime
) -> list[Due]:
    """Remove what the rules say, and tell the audit log; what went by each rule.

    Raises StoreError; what was removed before stays so, and the next run goes on.
    """
    with store.database.connection() as db:
        before = {due.rule: due for due in count_due(db, rules, at)}
    done = []
    for rule, days in _rules(rules):
        records = photos = 0
        for erased in _batches(store, rule, days, signing_key, at):
            records, photos = records + erased.records, photos + erased.photos
        done.append(Due(rule, days, records, photos, before[rule].waiting))
    if any(due.records or due.photos for due in done):
        wipe(store.database)
    return done


def _batches(
    store: Store, rule: str, days: int, signing_key: SigningKey, at: datetime
) -> Iterator[Erased]:
    before = _before(at, days)
    while True:
        with store.database.transaction() as db:
            if rule == "students_days":
                wanted = select(RECORD.c.record_id).where(_is_old(before)).limit(BATCH)
                ids = db.execute(wanted.with_for_update(skip_locked=True)).scalars().all()
                erased, taken = erase_records(db, ids), len(ids)
                digests = sorted(digest_record(record_id, signing_key) for record_id in ids)
            else:
                erased, taken = _erase_refused(db, before)
                digests = []
            if not taken:
                return
            audit.append(
                db,
                at,
                "retention",
                "retention.run",
                rule,
                days=days,
                records=erased.records,
                photos=erased.photos,
                objects=digest_names(erased.objects),
                erased=digests,
            )
        remove_objects(store, erased.objects)
        yield erased


def _erase_refused(db: Connection, before: float) -> tuple[Erased, int]:
    wanted = select(PHOTO.c.number, PHOTO.c.record_id).where(_is_refused(before)).limit(BATCH)
    rows = db.execute(wanted.with_for_update(skip_locked=True)).all()
    erased = erase_photos(db, [row.number for row in rows])
    for record_id in sorted({row.record_id for row in rows}):
        note_change(db, record_id)  # the roster told why the photo was refused
    return erased, len(rows)


def _rules(rules: RetentionSettings) -> Sequence[tuple[str, int]]:
    said = {
        "refused_photos_days": rules.refused_photos_days,
        "students_days": rules.students_days,
    }
    return [(rule, days) for rule, days in said.items() if days is not None]


def _before(at: datetime, days: int) -> float:
    return (at - timedelta(days=days)).timestamp()


def _is_old(before: float) -> ColumnElement[bool]:
    """Records whose newest photo came before, all of which were reviewed and told of."""
    of_record = PHOTO.c.record_id == RECORD.c.record_id
    young = exists().where(of_record, PHOTO.c.received_at >= before)
    waiting = exists().where(of_record, PHOTO.c.state == "unreviewed")
    return and_(exists().where(of_record), ~young, ~waiting)


def _is_refused(before: float) -> ColumnElement[bool]:
    """Refused photos that came before, of which the student has been told, or cannot be."""
    untold = exists().where(NOTICE.c.photo_number == PHOTO.c.number, NOTICE.c.next_at.is_not(None))
    return and_(PHOTO.c.state == "refused", PHOTO.c.received_at < before, ~untold)


def _count(db: Connection, counted: object) -> int:
    return int(db.execute(counted).scalar_one())  # type: ignore[call-overload]

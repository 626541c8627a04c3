"""Erasure: all that is held of students goes, and the audit log keeps only that it did.

Rows go first, in one transaction; their objects after it. A kill between the two leaves objects
that no row names, and these are swept.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nacl.signing import SigningKey
from sqlalchemy import Connection, delete, select, text

from registrar import audit
from registrar.errors import StoreError, UsageError
from registrar.plain_keys import note_key
from registrar.records import lock_record, note_change
from registrar.storage.database import Database
from registrar.storage.tables import (
    COMPARISON,
    NOTICE,
    PERMIT,
    PHOTO,
    RECORD,
    RECORD_GRANT,
    REVIEW,
    STANDARDISATION,
)
from registrar.store import Store

OF_PHOTOS = (REVIEW, NOTICE, COMPARISON)
"""Tables whose rows are about photos, by `photo_number`."""

WHY = ("consent", "purpose", "mistake", "order")
"""Why staff erase a student. A list, for the audit log keeps it: a note could name who is to go."""

TABLES = (*OF_PHOTOS, PERMIT, RECORD_GRANT, PHOTO, STANDARDISATION, RECORD)
"""All tables from which rows of a student go."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What went with students."""

    records: int
    photos: int
    reviews: int
    notices: int
    objects: tuple[str, ...]


def erase(
    store: Store, record_id: str, signing_key: SigningKey, by: str, at: datetime, **told: str
) -> Erased:
    """Erase a student: record, photos, reviews, notices, permits, result, and the photos' objects.

    `told` is what the audit log is to tell besides. Raises UsageError where there is no such
    record; StoreError where an object is still there: then its row is gone, and it is swept.
    """
    with store.database.transaction() as db:
        if not lock_record(db, record_id):
            raise UsageError(f"record {record_id}: is not held; see registrar roster list")
        erased = erase_records(db, [record_id])
        subject = f"erased {digest_record(record_id, signing_key)}"
        audit.append(
            db,
            at,
            by,
            "record.erase",
            subject,
            photos=erased.photos,
            objects=digest_names(erased.objects),
            **told,
        )
    remove_objects(store, erased.objects)
    wipe(store.database)
    return erased


def erase_records(db: Connection, record_ids: Sequence[str]) -> Erased:
    """Remove all rows of some students, and note for booths that they are in the roster no more."""
    for record_id in record_ids:
        note_change(db, record_id)
        note_key(db, record_id)
    erased = erase_photos(db, list(_photos_of(db, record_ids)))
    for table in (PERMIT, RECORD_GRANT, STANDARDISATION):
        db.execute(delete(table).where(table.c.record_id.in_(record_ids)))
    records = db.execute(delete(RECORD).where(RECORD.c.record_id.in_(record_ids))).rowcount
    return Erased(records, erased.photos, erased.reviews, erased.notices, erased.objects)


def erase_photos(db: Connection, numbers: Sequence[int]) -> Erased:
    """Remove all rows of some photos, by their numbers."""
    objects = db.execute(select(PHOTO.c.object).where(PHOTO.c.number.in_(numbers))).scalars().all()
    gone = {
        table.name: db.execute(delete(table).where(table.c.photo_number.in_(numbers))).rowcount
        for table in OF_PHOTOS
    }
    db.execute(delete(PERMIT).where(PERMIT.c.photo_number.in_(numbers)))
    db.execute(delete(PHOTO).where(PHOTO.c.number.in_(numbers)))
    return Erased(0, len(objects), gone[REVIEW.name], gone[NOTICE.name], tuple(sorted(objects)))


def digest_record(record_id: str, signing_key: SigningKey) -> str:
    """What the audit log calls who was erased: who has the registrar's key alone can match it."""
    key = hashlib.blake2b(bytes(signing_key), person=b"erased").digest()
    return hashlib.blake2b(record_id.encode(), key=key, digest_size=16).hexdigest()


def digest_names(objects: Sequence[str]) -> str:
    """The SHA-256 of the names of objects that went, each with a line's end, sorted."""
    return hashlib.sha256("".join(f"{name}\n" for name in sorted(objects)).encode()).hexdigest()


def remove_objects(store: Store, names: Sequence[str]) -> None:
    """Remove objects that no row names any more. Raises StoreError, once all were tried."""
    fault: StoreError | None = None
    for name in names:
        try:
            store.objects.delete(name)
        except StoreError as error:
            fault = error
    if fault is not None:
        raise StoreError(f"{fault}; its row is gone, and registrar sweep removes it later")


def wipe(database: Database) -> None:
    """Take what was deleted out of the database's files, as far as these know it."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        if database.is_file:
            db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            for table in TABLES:
                db.execute(text(f"VACUUM {table.name}"))


def _photos_of(db: Connection, record_ids: Sequence[str]) -> Sequence[int]:
    return (
        db.execute(select(PHOTO.c.number).where(PHOTO.c.record_id.in_(record_ids))).scalars().all()
    )

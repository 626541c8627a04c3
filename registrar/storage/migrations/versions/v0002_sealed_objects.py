"""Photos leave the SQLite file: each is sealed, and lies in the object store.

The objects are put first, so that a kill at any moment leaves the file as it was.
"""

from uuid import UUID

from alembic import context, op
from nacl.public import SealedBox
from sqlalchemy import RowMapping, bindparam, text

from protocol.envelope import Metadata
from protocol.receipt import Receipt
from registrar.roster import is_abnormal, student_no_key
from registrar.storage.tables import (
    ATTEMPT,
    AUDIT,
    COMPARISON,
    NOTICE,
    ONE_TIME,
    PASSKEY,
    PERMIT,
    PHOTO,
    RECORD,
    REVIEW,
    REVIEW_POLICY,
    ROSTER_CHANGE,
    ROSTER_DELTA,
    ROSTER_EDITION,
    SESSION,
    STAFF,
)

revision, down_revision = "0002", "0001"


_BATCH = 100
"""Photos of which the rows are read at once: each has its JPEG."""


def upgrade() -> None:
    """Seal the photos, and make the tables of this version."""
    db = op.get_bind()
    db.execute(text("ALTER TABLE photo RENAME TO photo_before"))
    db.execute(text("DROP INDEX photo_record"))
    PHOTO.create(db)
    number = 0
    while rows := db.execute(_NEXT, {"number": number, "most": _BATCH}).mappings().all():
        db.execute(PHOTO.insert(), [_seal(row) for row in rows])
        number = rows[-1]["number"]
    db.execute(text("DROP TABLE photo_before"))
    for column in ("id_no TEXT NOT NULL DEFAULT ''", "email TEXT NOT NULL DEFAULT ''"):
        db.execute(text(f"ALTER TABLE record ADD COLUMN {column}"))
    db.execute(text("ALTER TABLE record ADD COLUMN student_no_key TEXT"))
    numbers = db.execute(text("SELECT record_id, student_no FROM record")).all()
    keys = [
        {"of": record_id, "student_no_key": student_no_key(student_no)}
        for record_id, student_no in numbers
        if not is_abnormal(student_no)
    ]
    if keys:
        db.execute(RECORD.update().where(RECORD.c.record_id == bindparam("of")), keys)
    for index in RECORD.indexes:
        index.create(db)
    desk = (STAFF, PASSKEY, ONE_TIME, SESSION, ATTEMPT)
    reviews = (REVIEW, REVIEW_POLICY, PERMIT, NOTICE, COMPARISON)
    for table in (ROSTER_EDITION, ROSTER_DELTA, ROSTER_CHANGE, AUDIT, *desk, *reviews):
        table.create(db)
    db.execute(text(_PERMITTED))
    db.execute(text("ALTER TABLE record DROP COLUMN granted"))
    db.execute(text("DROP TABLE roster"))


_PERMITTED = (
    "INSERT INTO permit (record_id, reason, given_by, given_at)"
    " SELECT record_id, '', '', unixepoch() FROM record WHERE granted"
)
"""What was permitted before permits had a reason."""

_NEXT = text("SELECT * FROM photo_before WHERE number > :number ORDER BY number LIMIT :most")


def _seal(row: RowMapping) -> dict[str, object]:
    """Put a photo into the object store; its row as it is from now on."""
    attributes = context.config.attributes
    sealed = SealedBox(attributes["seal_key"]).encrypt(
        row["metadata"].encode() + b"\n" + row["jpeg"]
    )
    name = attributes["name_photo"](UUID(row["submission_id"]), sealed)
    attributes["objects"].put(name, sealed)
    received_at = Receipt.model_validate_json(row["receipt"]).at.timestamp()
    metadata = Metadata.model_validate_json(row["metadata"])
    kept = {column.name: row[column.name] for column in PHOTO.c if column.name in row}
    return {
        **kept,
        "received_at": received_at,
        "object": name,
        "booth_id": metadata.booth_id,
        "taken_at": metadata.taken_at.timestamp(),
        "state_at": received_at,
    }

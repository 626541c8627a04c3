"""Photos that are held: the sealed bytes in the object store, a row about each in the database.

The object is there and verified before its row is committed: a kill between the two leaves an
object that no row names, and the booth, which has no receipt, sends the photo again.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from secrets import SystemRandom, token_hex
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select

from protocol.envelope import Envelope, Metadata
from protocol.receipt import PhotoRefusal, Receipt
from protocol.request import CLOCK_WINDOW
from protocol.student import Student
from registrar.errors import StoreError
from registrar.notices import queue_notices
from registrar.objects import ObjectStore
from registrar.permits import use_up
from registrar.photo_history import bar_of, history_columns
from registrar.photo_state import BY_POLICY, EVERY_PHOTO, Policy, State
from registrar.records import note_change, student_of
from registrar.review_policy import SHARE
from registrar.storage.database import Database
from registrar.storage.tables import PHOTO, RECORD, REVIEW

EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
"""No photo of a booth's is older: what is, was taken by a clock that was never set."""

_CHANCE = SystemRandom()

FOLDER = "photos"
"""Under this the photos' objects lie."""

SWEPT_AT_ONCE = 500
"""Objects of which it is asked at once whether a row names them."""

ORPHANED = 3600.0
"""Seconds after which an object that no row names was left by who was killed: no photo's intake
takes so long."""


@dataclass(frozen=True, slots=True)
class HeldPhoto:
    """A photo that the registrar holds, without its pixels."""

    metadata: Metadata
    receipt: Receipt
    student: Student
    state: State
    refusal: str | None
    """Why it was refused, by the reason's name."""


def name_photo(submission_id: UUID, sealed: bytes) -> str:
    """Name the object of a photo: by its content, and by a name of this attempt's own.

    So no other content ever takes its place, and what an attempt before has left is never taken up
    again just as it is swept.
    """
    digest = hashlib.sha256(sealed).hexdigest()
    return f"{FOLDER}/{submission_id.hex[:2]}/{submission_id}-{token_hex(4)}-{digest}"


class Photos:
    """The photos. Each call is one transaction."""

    def __init__(
        self,
        database: Database,
        objects: ObjectStore,
        channels: Sequence[str] = (),
        draw: Callable[[], float] = _CHANCE.random,
    ) -> None:
        """`channels` take notices to students; `draw` gives a number from 0 to 1 (not 1 itself)."""
        self._database = database
        self._objects = objects
        self._channels = channels
        self._draw = draw

    def add(
        self, metadata: Metadata, envelope: Envelope, receipt: Receipt
    ) -> Receipt | PhotoRefusal:
        """Hold a photo under a receipt, once; on the disk when this returns.

        Returns the receipt under which it is held, an earlier one where the same envelope came
        before; or why it is not held. Raises StoreError.
        """
        name = name_photo(envelope.submission_id, envelope.sealed)
        self._objects.put(name, envelope.sealed)
        with self._database.transaction() as db:
            known = self._look_up(db, metadata)
            answer = _judge(known, metadata, receipt)
            if answer is receipt:
                self._hold(db, metadata, receipt, name, known)
        if answer is not receipt:  # no row names the object
            self._objects.delete(name)
        return answer

    def _look_up(self, db: Connection, metadata: Metadata) -> Row[Any]:
        """What is known that a photo's fate hangs on.

        Nobody else holds a photo of its record until the transaction ends.
        """
        record = {"record": metadata.record_id}
        if not self._database.is_file:  # in the file one transaction writes at a time
            db.execute(_LOCK, record)
        return db.execute(_KNOWN, {**record, "submission": str(metadata.submission_id)}).one()

    def _hold(
        self, db: Connection, metadata: Metadata, receipt: Receipt, name: str, known: Row[Any]
    ) -> None:
        """Write what is known of a photo, and whether anybody is to review it."""
        at = receipt.at.timestamp()
        policy = EVERY_PHOTO if known.share is None else Policy(share=known.share)
        is_drawn = policy.draws(self._draw(), excused=bool(metadata.provenance.excused))
        state: State = "unreviewed" if is_drawn else "approved"
        held = {
            "submission_id": str(metadata.submission_id),
            "record_id": metadata.record_id,
            "received_at": at,
            "metadata": metadata.model_dump_json(),
            "receipt": receipt.model_dump_json(),
            "object": name,
            "booth_id": metadata.booth_id,
            "taken_at": metadata.taken_at.timestamp(),
            "state": state,
            "state_at": at,
        }
        number: int = db.execute(_HOLD, held).scalar_one()
        if not is_drawn:
            said = {"photo_number": number, "reviewer": BY_POLICY, "verdict": "approved", "at": at}
            db.execute(insert(REVIEW).values(said))
            queue_notices(db, number, "approved", None, self._channels, at)
        if known.is_permitted:
            use_up(db, metadata.record_id, number)
        note_change(db, metadata.record_id)

    def newest(self, limit: int, offset: int) -> list[HeldPhoto]:
        """The photos, newest first: `limit` of them after the first `offset`."""
        wanted = _select_photos().order_by(PHOTO.c.number.desc()).limit(limit).offset(offset)
        with self._database.connection() as db:
            return [held_photo(row) for row in db.execute(wanted)]

    def held(self, submission_id: UUID) -> HeldPhoto | None:
        """A photo; None where no such one is held. Raises ValidationError where it is damaged."""
        wanted = _select_photos().where(PHOTO.c.submission_id == str(submission_id))
        with self._database.connection() as db:
            row = db.execute(wanted).one_or_none()
        return None if row is None else held_photo(row)

    def find(self, number: str) -> list[HeldPhoto]:
        """The photos of this submission number, as a student's receipt has it (`short_number`)."""
        digits = number.replace("-", "").strip().lower()
        if len(digits) != 8 or not digits.isalnum():
            return []
        # A range, which the index answers, on any collation of digits and small letters.
        wanted = _select_photos().where(
            PHOTO.c.submission_id.between(digits, f"{digits}~"),
            func.substr(PHOTO.c.submission_id, 1, 8) == digits,
        )
        with self._database.connection() as db:
            return [held_photo(row) for row in db.execute(wanted)]

    def count(self) -> int:
        """How many there are."""
        with self._database.connection() as db:
            return int(db.execute(select(func.count()).select_from(PHOTO)).scalar_one())

    def sealed(self, submission_id: UUID) -> bytes | None:
        """A photo's sealed bytes; None where no such photo is held. Raises StoreError."""
        with self._database.connection() as db:
            name = db.execute(
                select(PHOTO.c.object).where(PHOTO.c.submission_id == str(submission_id))
            ).scalar()
        return None if name is None else self.read(name)

    def orphans(self, now: float) -> Iterator[str]:
        """The objects that were put and never held. `now` is s since 1970."""
        old = (name for name, at in self._objects.names(FOLDER) if at < now - ORPHANED)
        while some := list(islice(old, SWEPT_AT_ONCE)):
            with self._database.connection() as db:
                found = select(PHOTO.c.object).where(PHOTO.c.object.in_(some))
                held = set(db.execute(found).scalars())
            yield from set(some) - held

    def sweep(self, now: float) -> int:
        """Remove the objects that were put and never held; how many. `now` is s since 1970."""
        swept = 0
        for name in self.orphans(now):
            self._objects.delete(name)
            swept += 1
        return swept

    def read(self, name: str) -> bytes:
        """Read a photo's object; raises NoSuchObject, StoreError, also where it was damaged."""
        sealed = self._objects.get(name)
        if not name.endswith(hashlib.sha256(sealed).hexdigest()):
            raise StoreError(f"{name}: was damaged where it lies; bring it back from a copy")
        return sealed


_HOLD = insert(PHOTO).returning(PHOTO.c.number)

_RECORD = RECORD.c.record_id == bindparam("record")

_LOCK = select(RECORD.c.record_id).where(_RECORD).with_for_update()
"""Nobody else holds a photo of the record until the transaction ends."""

_CODE = select(RECORD.c.institution_code).where(_RECORD).scalar_subquery()

_KNOWN: Select[Any] = select(
    _CODE.label("institution_code"),
    select(PHOTO.c.receipt)
    .where(PHOTO.c.submission_id == bindparam("submission"))
    .scalar_subquery()
    .label("receipt"),
    *history_columns(bindparam("record"), _CODE),
    SHARE.scalar_subquery().label("share"),
)
"""What is known that a photo's fate hangs on. Written once: a photo's rows are what costs most."""


def _judge(known: Row[Any], metadata: Metadata, receipt: Receipt) -> Receipt | PhotoRefusal:
    """Judge whether a photo is held under a receipt, or was under another, or is not to be."""
    if known.receipt is not None:
        held = Receipt.model_validate_json(known.receipt)
        return held if held.envelope_sha256 == receipt.envelope_sha256 else "conflict"
    if not EARLIEST <= metadata.taken_at <= receipt.at + timedelta(seconds=CLOCK_WINDOW):
        return "time"
    if known.institution_code is None:
        return "record_unknown"
    if bar_of(known) is not None:
        return "already_photographed"  # the one word for it that booths of before know
    return receipt


def _select_photos() -> Select[Any]:
    columns = [column for column in RECORD.c if column.name != "record_id"]
    return select(PHOTO, *columns).join(RECORD, RECORD.c.record_id == PHOTO.c.record_id)


def held_photo(row: Row[Any]) -> HeldPhoto:
    """The photo of a row that has a photo's and its record's columns; raises ValidationError."""
    return HeldPhoto(
        Metadata.model_validate_json(row.metadata),
        Receipt.model_validate_json(row.receipt),
        student_of(row),
        row.state,
        row.refusal,
    )

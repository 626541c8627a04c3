"""Students as staff look for them; what has happened to each: photos, reviews, permits, grants."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, select, union

from protocol.admission import EVER, Limits, Moment, Standardisation, surely, waits_until
from registrar.admission import PhotoBar, find_bar
from registrar.configuration import settings_of
from registrar.grants import GivenGrant, grants_of
from registrar.photo_history import history_columns, history_of_row, resubmissions_of_row
from registrar.photo_state import State, Verdict
from registrar.roster import Record, student_no_key
from registrar.standardisations import history_of
from registrar.storage.tables import COMPARISON, NOTICE, PERMIT, PHOTO, RECORD, REVIEW

MOST_FOUND = 50
"""Students whom a search finds at most."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said of a photo."""

    reviewer: str
    """A login, or `photo_state.BY_POLICY`."""
    verdict: Verdict
    reason: str | None
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """A notice to a student, and how far it came."""

    channel: str
    state: State
    sent_at: datetime | None
    next_at: datetime | None
    """When it is tried next; None once it was sent, or given up."""
    fault: str | None


@dataclass(frozen=True, slots=True)
class PastPhoto:
    """A photo with all that was said of it."""

    submission_id: UUID
    booth_id: str
    taken_at: datetime
    received_at: datetime
    state: State
    refusal: str | None
    said: tuple[Said, ...]
    told: tuple[Told, ...]
    comparison: tuple[bool, str] | None
    """Whether the national comparison was passed, and its remark; None before there is a result."""


@dataclass(frozen=True, slots=True)
class PastPermit:
    """A permit to be photographed once more."""

    reason: str
    given_by: str
    given_at: datetime
    photo: UUID | None
    """The photo that used it up; None while none has."""


@dataclass(frozen=True, slots=True)
class PastStandardisation:
    """A visit in which a photo was made, or is being made."""

    booth_id: str
    outcome: str
    """begun, made or void; what is void counts for nothing."""
    earliest: datetime
    latest: datetime
    """Between which it was: the same where the booth knew the time."""


@dataclass(frozen=True, slots=True)
class History:
    """A student, and all that has happened to them; the newest first."""

    record: Record
    photos: tuple[PastPhoto, ...]
    permits: tuple[PastPermit, ...]
    grants: tuple[GivenGrant, ...]
    standardisations: tuple[PastStandardisation, ...]
    limits: Limits
    """How often the student may come."""
    bar: PhotoBar | None
    """What keeps them from another photo but for a permit; None where nothing does."""

    def waits_until(self, now: datetime) -> datetime | None:
        """Until when they wait who came as often as they may; None where they need not."""
        counted = [
            Standardisation(UUID(int=number), past.booth_id, Moment(past.earliest, past.latest))
            for number, past in enumerate(self.standardisations)
            if past.outcome != "void"
        ]
        return waits_until(counted, surely(now), self.limits)

    @property
    def has_open_permit(self) -> bool:
        """Whether they may be photographed once more, by a permit."""
        return any(permit.photo is None for permit in self.permits)


def search(db: Connection, text: str, institution_code: str | None = None) -> list[Record]:
    """Find students by how their name or number begins, or by a whole code, id or receipt's number.

    At most `MOST_FOUND`, by student number; all, or an institution's.
    """
    text = text.strip()
    if not text:
        return []
    receipt = text.replace("-", "").lower()
    number = _escape(student_no_key(text)) + "%"
    ways = [
        RECORD.c.name.like(_escape(text) + "%", escape="\\"),
        RECORD.c.student_no_key.like(number, escape="\\"),
        RECORD.c.capture_code == text,
        RECORD.c.record_id == text,
        RECORD.c.id_no == text.upper(),
    ]
    # Each by its own index: asked for as one condition, databases read every record.
    found = [select(RECORD.c.record_id).where(way) for way in ways]
    if len(receipt) == 8:
        of_it = PHOTO.c.submission_id.between(receipt, f"{receipt}~")
        found.append(select(PHOTO.c.record_id).where(of_it))
    wanted = select(RECORD).where(RECORD.c.record_id.in_(union(*found)))
    wanted = wanted.order_by(RECORD.c.student_no, RECORD.c.record_id)
    if institution_code is not None:
        wanted = wanted.where(RECORD.c.institution_code == institution_code)
    return [_record(row) for row in db.execute(wanted.limit(MOST_FOUND))]


def history(db: Connection, record_id: str) -> History | None:
    """A student and all that has happened to them; None where there is no such record."""
    stands = history_columns(RECORD.c.record_id, RECORD.c.institution_code)
    wanted = select(RECORD, *stands).where(RECORD.c.record_id == record_id)
    row = db.execute(wanted).one_or_none()
    if row is None:
        return None
    photos = db.execute(
        select(PHOTO).where(PHOTO.c.record_id == record_id).order_by(PHOTO.c.number.desc())
    ).all()
    numbers = [photo.number for photo in photos]
    said = db.execute(_of_photos(REVIEW, numbers).order_by(REVIEW.c.id.desc())).all()
    told = db.execute(_of_photos(NOTICE, numbers).order_by(NOTICE.c.id.desc())).all()
    compared = {row.photo_number: row for row in db.execute(_of_photos(COMPARISON, numbers))}
    permits = db.execute(
        select(PERMIT, PHOTO.c.submission_id)
        .outerjoin(PHOTO, PHOTO.c.number == PERMIT.c.photo_number)
        .where(PERMIT.c.record_id == record_id)
        .order_by(PERMIT.c.id.desc())
    )
    return History(
        _record(row),
        tuple(_photo(photo, said, told, compared.get(photo.number)) for photo in photos),
        tuple(_permit(permit) for permit in permits),
        tuple(grants_of(db, record_id)),
        tuple(
            PastStandardisation(
                past.booth_id,
                past.outcome,
                _time(past.earliest),
                _time(min(past.latest, EVER.timestamp())),
            )
            for past in history_of(db, record_id)
        ),
        settings_of(db, row.institution_code).limits,
        find_bar(replace(history_of_row(row), is_permitted=False), resubmissions_of_row(row)),
    )


def _of_photos(table: Any, numbers: Sequence[int]) -> Select[Any]:
    return select(table).where(table.c.photo_number.in_(numbers))


def _record(row: Row[Any]) -> Record:
    return Record(*(getattr(row, field) for field in Record._fields))


def _photo(
    row: Row[Any], said: Sequence[Row[Any]], told: Sequence[Row[Any]], compared: Row[Any] | None
) -> PastPhoto:
    return PastPhoto(
        UUID(row.submission_id),
        row.booth_id,
        _time(row.taken_at),
        _time(row.received_at),
        row.state,
        row.refusal,
        tuple(
            Said(some.reviewer, some.verdict, some.reason, some.note, _time(some.at))
            for some in said
            if some.photo_number == row.number
        ),
        tuple(
            Told(
                some.channel,
                some.state,
                None if some.sent_at is None else _time(some.sent_at),
                None if some.next_at is None else _time(some.next_at),
                some.fault,
            )
            for some in told
            if some.photo_number == row.number
        ),
        None if compared is None else (compared.passed, compared.remark),
    )


def _permit(row: Row[Any]) -> PastPermit:
    photo = None if row.submission_id is None else UUID(row.submission_id)
    return PastPermit(row.reason, row.given_by, _time(row.given_at), photo)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _escape(text: str) -> str:
    """A text as LIKE takes it for itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

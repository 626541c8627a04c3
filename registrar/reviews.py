"""The queue of photos that wait for somebody to look at them, and what people say of them.

No two people get one photo: who takes one claims it, and keeps it until they decide or the claim
lapses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from protocol.review import REASONS
from registrar.audit import append
from registrar.errors import UsageError
from registrar.notices import UNDO_SECONDS, drop_notices, queue_notices
from registrar.photo_state import State, Verdict
from registrar.records import note_change
from registrar.review_policy import policy_of
from registrar.storage.database import Database
from registrar.storage.tables import PHOTO, RECORD, REVIEW

CLAIM_SECONDS = 600.0
"""For so long a photo that somebody has taken is offered to nobody else."""

LONGEST_NOTE = 500
"""Characters of a note to colleagues."""

_WAITS = PHOTO.c.state == "unreviewed"


class Overtaken(UsageError):
    """Somebody else has the photo, or has decided already."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A photo that a reviewer has claimed."""

    number: int
    """In the order in which photos came."""
    submission_id: UUID


class Reviews:
    """What people say of photos. Each call is one transaction, and is audited in it."""

    def __init__(self, database: Database, channels: Sequence[str] = ()) -> None:
        """`channels` take notices to students."""
        self._database = database
        self._channels = channels

    def take(
        self,
        reviewer: str,
        at: datetime,
        *,
        after: int = 0,
        most: int = 2,
        institution_code: str | None = None,
    ) -> list[Taken]:
        """Claim the photos that have waited longest: `most` of them, the reviewer's own first.

        None is among them that the reviewer has spoken of already. `after` is the number of a photo
        that is passed over with those before it; they come again at the end. `institution_code`:
        only of this institution's students.
        """
        now, whose = at.timestamp(), _is_of(institution_code)
        with self._database.transaction() as db:
            taken = _claim(db, reviewer, now, and_(PHOTO.c.number > after, whose), most)
            if after and len(taken) < most:
                rest = most - len(taken)
                taken += _claim(db, reviewer, now, and_(PHOTO.c.number <= after, whose), rest)
        return taken

    def decide(
        self,
        reviewer: str,
        submission_id: UUID,
        verdict: Verdict,
        at: datetime,
        *,
        reason: str | None = None,
        note: str = "",
    ) -> State:
        """Say what a reviewer finds of a photo that waits; how it stands then.

        A refusal has one of `REASONS`. Raises Overtaken, and UsageError for a wrong reason or note.
        """
        with self._database.transaction() as db:
            photo = _lock(db, submission_id)
            theirs = photo.claimed_by not in (None, reviewer)
            if photo.state != "unreviewed" or (theirs and photo.claimed_until > at.timestamp()):
                raise Overtaken(f"photo {submission_id}: somebody else has it; take the next")
            if _has_spoken(db, photo.number, reviewer):
                raise Overtaken(f"photo {submission_id}: you have spoken of it; take the next")
            return self._say(db, photo, reviewer, verdict, at, reason, note)

    def revoke(
        self, by: str, submission_id: UUID, at: datetime, *, reason: str, note: str = ""
    ) -> None:
        """Refuse a photo that was approved. Raises Overtaken, UsageError."""
        with self._database.transaction() as db:
            photo = _lock(db, submission_id)
            if photo.state != "approved":
                raise Overtaken(f"photo {submission_id}: is not approved")
            self._say(db, photo, by, "refused", at, reason, note)

    def undo(self, reviewer: str, at: datetime) -> UUID | None:
        """Take back what a reviewer said last, if that was not sent on; of which photo it was.

        It waits again then, and they have it.
        """
        last = (
            select(REVIEW, PHOTO.c.submission_id, PHOTO.c.record_id)
            .join(PHOTO, PHOTO.c.number == REVIEW.c.photo_number)
            .where(REVIEW.c.reviewer == reviewer)
            .order_by(REVIEW.c.id.desc())
            .limit(1)
        )
        with self._database.transaction() as db:
            row = db.execute(last).first()
            if row is None or row.at < at.timestamp() - UNDO_SECONDS:
                return None
            photo = _lock(db, UUID(row.submission_id))
            newer = PHOTO.c.record_id == photo.record_id, PHOTO.c.number > photo.number
            if (
                photo.state == "refused"
                and db.execute(select(PHOTO.c.number).where(*newer)).first()
            ):
                return None  # the student has come again meanwhile
            db.execute(delete(REVIEW).where(REVIEW.c.id == row.id))
            drop_notices(db, photo.number)
            self._settle(db, photo, at.timestamp(), claimed_by=reviewer)
            append(db, at, reviewer, "photo.undo", row.submission_id)
            return UUID(row.submission_id)

    def _say(
        self,
        db: Connection,
        photo: Row[Any],
        by: str,
        verdict: Verdict,
        at: datetime,
        reason: str | None,
        note: str,
    ) -> State:
        if (reason in REASONS) != (verdict == "refused"):
            raise UsageError("a refusal has one of the reasons that there are, an approval none")
        if len(note) > LONGEST_NOTE:
            raise UsageError(f"a note has {LONGEST_NOTE} characters at most")
        said = {"verdict": verdict, "reason": reason, "note": note, "at": at.timestamp()}
        db.execute(insert(REVIEW).values(photo_number=photo.number, reviewer=by, **said))
        state = self._settle(db, photo, at.timestamp())
        action = "photo.approve" if verdict == "approved" else "photo.refuse"
        why = {} if reason is None else {"reason": reason}
        append(db, at, by, action, photo.submission_id, state=state, **why)
        return state

    def _settle(
        self, db: Connection, photo: Row[Any], at: float, *, claimed_by: str | None = None
    ) -> State:
        """Bring a photo into the state that follows from what was said of it."""
        spoken = select(REVIEW).where(REVIEW.c.photo_number == photo.number).order_by(REVIEW.c.id)
        rows = db.execute(spoken).all()
        verdicts: dict[str, Verdict] = {row.reviewer: row.verdict for row in rows}
        state = policy_of(db, photo.record_id).state(verdicts)
        refusal = next((row.reason for row in reversed(rows) if row.reason is not None), None)
        claim = {
            "claimed_by": claimed_by,
            "claimed_until": None if claimed_by is None else at + CLAIM_SECONDS,
        }
        db.execute(update(PHOTO).where(PHOTO.c.number == photo.number).values(claim))
        if state != photo.state:
            put_state(db, photo, state, refusal if state == "refused" else None, self._channels, at)
        return state


def put_state(
    db: Connection,
    photo: Row[Any],
    state: State,
    refusal: str | None,
    channels: Sequence[str],
    at: float,
) -> None:
    """Change a photo's state: the roster answers otherwise from now on, the student is told."""
    values = {"state": state, "refusal": refusal, "state_at": at}
    db.execute(update(PHOTO).where(PHOTO.c.number == photo.number).values(values))
    note_change(db, photo.record_id)
    drop_notices(db, photo.number)
    if state != "unreviewed":
        queue_notices(db, photo.number, state, refusal, channels, at)


def waiting(db: Connection, institution_code: str | None = None) -> int:
    """How many photos wait to be reviewed: all, or an institution's."""
    counting = select(func.count()).select_from(PHOTO).where(_WAITS, _is_of(institution_code))
    return int(db.execute(counting).scalar_one())


def _is_of(institution_code: str | None) -> ColumnElement[bool]:
    """Whether a photo is of an institution's student; None: of anybody."""
    if institution_code is None:
        return true()
    return exists().where(
        RECORD.c.record_id == PHOTO.c.record_id, RECORD.c.institution_code == institution_code
    )


def _claim(db: Connection, reviewer: str, now: float, among: Any, most: int) -> list[Taken]:
    """Claim photos; on PostgreSQL those that somebody takes in this moment are passed over."""
    free = or_(
        PHOTO.c.claimed_by.is_(None),
        PHOTO.c.claimed_by == reviewer,
        PHOTO.c.claimed_until <= now,
    )
    spoken = exists().where(REVIEW.c.photo_number == PHOTO.c.number, REVIEW.c.reviewer == reviewer)
    wanted = (
        select(PHOTO.c.number, PHOTO.c.submission_id)
        .where(_WAITS, free, among, ~spoken)
        .order_by(PHOTO.c.number)
        .limit(most)
        .with_for_update(skip_locked=True, of=PHOTO)
    )
    rows = db.execute(wanted).all()
    claim = {"claimed_by": reviewer, "claimed_until": now + CLAIM_SECONDS}
    numbers = [row.number for row in rows]
    db.execute(update(PHOTO).where(PHOTO.c.number.in_(numbers)).values(claim))
    return [Taken(row.number, UUID(row.submission_id)) for row in rows]


def _lock(db: Connection, submission_id: UUID) -> Row[Any]:
    """Read a photo's row and keep it from others; raises UsageError where there is none."""
    wanted = select(PHOTO).where(PHOTO.c.submission_id == str(submission_id)).with_for_update()
    row = db.execute(wanted).one_or_none()
    if row is None:
        raise UsageError(f"photo {submission_id}: there is no such photo")
    return row


def _has_spoken(db: Connection, photo_number: int, reviewer: str) -> bool:
    spoken = REVIEW.c.photo_number == photo_number, REVIEW.c.reviewer == reviewer
    return db.execute(select(REVIEW.c.id).where(*spoken)).first() is not None

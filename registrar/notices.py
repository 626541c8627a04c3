"""Notices to students: a photo was approved, or was refused and what to do. An outbox of rows.

They are written in the transaction that changes the photo's state; `registrar.notifier` sends them.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select

from registrar.photo_state import State
from registrar.storage.tables import NOTICE, PHOTO, RECORD

UNDO_SECONDS = 60.0
"""For so long who reviewed a photo can take it back: until then nothing is sent or exported."""


def queue_notices(
    db: Connection,
    photo_number: int,
    state: State,
    refusal: str | None,
    channels: Sequence[str],
    at: float,
) -> None:
    """Have a photo's state told by each channel, once nobody takes it back any more.

    By mail only who has an address. `at` is in seconds since 1970.
    """
    if "smtp" in channels and not _has_address(db, photo_number):
        channels = [channel for channel in channels if channel != "smtp"]
    rows = [
        {
            "photo_number": photo_number,
            "channel": channel,
            "state": state,
            "refusal": refusal,
            "made_at": at,
            "next_at": at + UNDO_SECONDS,
        }
        for channel in channels
    ]
    if rows:
        db.execute(insert(NOTICE), rows)


def _has_address(db: Connection, photo_number: int) -> bool:
    owner = select(RECORD.c.email).join(PHOTO, PHOTO.c.record_id == RECORD.c.record_id)
    return bool(db.execute(owner.where(PHOTO.c.number == photo_number)).scalar())


def drop_notices(db: Connection, photo_number: int) -> None:
    """Drop what was not sent yet of a photo."""
    db.execute(
        delete(NOTICE).where(NOTICE.c.photo_number == photo_number, NOTICE.c.next_at.is_not(None))
    )


def given_up(db: Connection, institution_code: str | None = None) -> int:
    """How many notices were never sent, and are not tried any more: all, or an institution's."""
    lost = select(func.count()).where(NOTICE.c.next_at.is_(None), NOTICE.c.sent_at.is_(None))
    if institution_code is not None:
        lost = lost.where(
            PHOTO.c.number == NOTICE.c.photo_number,
            RECORD.c.record_id == PHOTO.c.record_id,
            RECORD.c.institution_code == institution_code,
        )
    return int(db.execute(lost).scalar_one())

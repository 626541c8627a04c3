"""What is good once and for a while: set-up links, passkeys' challenges, booths' codes."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, delete, insert, select, update

from registrar.storage.tables import ONE_TIME

Purpose = Literal["setup", "register", "assert", "enrol"]


@dataclass(frozen=True, slots=True)
class OneTime:
    """What was given out: for whom or what, and until when (seconds since 1970)."""

    subject: str
    expires_at: float


def keep(db: Connection, purpose: Purpose, secret: bytes, subject: str, expires_at: float) -> None:
    """Remember a secret by its hash."""
    db.execute(
        insert(ONE_TIME).values(
            digest=_digest(purpose, secret), purpose=purpose, subject=subject, expires_at=expires_at
        )
    )


def look_up(db: Connection, purpose: Purpose, secret: bytes, now: float) -> OneTime | None:
    """What a secret is for; None if it is none, or no more."""
    row = db.execute(
        select(ONE_TIME).where(
            ONE_TIME.c.digest == _digest(purpose, secret), ONE_TIME.c.expires_at > now
        )
    ).one_or_none()
    return None if row is None else OneTime(row.subject, row.expires_at)


def take(db: Connection, purpose: Purpose, secret: bytes, now: float) -> OneTime | None:
    """As `look_up`, and it is good no more: of two who come at once, one gets it."""
    found = look_up(db, purpose, secret, now)
    gone = delete(ONE_TIME).where(ONE_TIME.c.digest == _digest(purpose, secret))
    return found if db.execute(gone).rowcount else None


def change(db: Connection, purpose: Purpose, secret: bytes, subject: str) -> None:
    """Have a secret be for something else."""
    db.execute(
        update(ONE_TIME)
        .where(ONE_TIME.c.digest == _digest(purpose, secret))
        .values(subject=subject)
    )


def withdraw(db: Connection, purpose: Purpose, subject: str) -> None:
    """Make all that was given out for a subject good no more."""
    db.execute(delete(ONE_TIME).where(ONE_TIME.c.purpose == purpose, ONE_TIME.c.subject == subject))


def sweep(db: Connection, now: float) -> None:
    """Remove what is good no more."""
    db.execute(delete(ONE_TIME).where(ONE_TIME.c.expires_at <= now))


def _digest(purpose: Purpose, secret: bytes) -> bytes:
    return hashlib.sha256(purpose.encode() + b"\0" + secret).digest()

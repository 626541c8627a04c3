"""Who is signed in: a random token in the browser, its hash in the database."""

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, insert, or_, select, update

from registrar.storage.database import Database
from registrar.storage.tables import SESSION

IDLE = 30 * 60.0
"""Seconds without a request after which somebody has gone from the desk (NIST SP 800-63B, AAL2)."""

LONGEST = 12 * 3600.0
"""Seconds after which anybody signs in again: a working day (the same)."""

FRESH = 15 * 60.0
"""Seconds from signing in for which somebody may change how they sign in."""

NOTED = 60.0
"""Seconds for which a request is not noted anew: looking at pages writes nothing."""


@dataclass(frozen=True, slots=True)
class Session:
    """One browser's being signed in."""

    staff_id: int
    csrf: str
    made_at: float
    """In seconds since 1970."""

    def is_fresh(self, now: float) -> bool:
        """Say whether somebody has only just signed in."""
        return now - self.made_at < FRESH


class Sessions:
    """The sessions. Times are in seconds since 1970."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, staff_id: int, now: float) -> str:
        """Sign somebody in; the token for the browser."""
        token = secrets.token_urlsafe(32)
        over = or_(SESSION.c.seen_at < now - IDLE, SESSION.c.made_at < now - LONGEST)
        with self._database.transaction() as db:
            db.execute(delete(SESSION).where(over))
            db.execute(
                insert(SESSION).values(
                    digest=_digest(token),
                    staff_id=staff_id,
                    csrf=secrets.token_urlsafe(24),
                    made_at=now,
                    seen_at=now,
                )
            )
        return token

    def find(self, token: str, now: float) -> Session | None:
        """The session of a browser's token, noted as used now; None if there is none any more."""
        here = SESSION.c.digest == _digest(token)
        with self._database.connection() as db:
            row = db.execute(select(SESSION).where(here)).one_or_none()
        if row is None or now - row.seen_at > IDLE or now - row.made_at > LONGEST:
            return None
        if now - row.seen_at > NOTED:
            with self._database.transaction() as db:
                db.execute(update(SESSION).where(here).values(seen_at=now))
        return Session(row.staff_id, row.csrf, row.made_at)

    def end(self, token: str) -> None:
        """Sign one browser out."""
        with self._database.transaction() as db:
            db.execute(delete(SESSION).where(SESSION.c.digest == _digest(token)))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

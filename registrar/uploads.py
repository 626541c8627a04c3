"""Uploads that were cut: what has come of them, for whichever worker hears the rest.

All of it is sealed and signed by its booth. What is not asked for within a day goes, and of one
booth no more is kept than its last two.
"""

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select

from protocol.request import LARGEST_BODY
from protocol.upload import WORTH_KEEPING
from registrar.storage.database import Database
from registrar.storage.tables import BOOTH, UPLOAD_PART

KEPT = 86_400.0
"""Seconds for which what has come is kept: a booth asks again within an hour."""

MOST_UPLOADS = 2
"""Of one booth: it sends one photo after the other."""


class Uploads:
    """What has come of uploads. Each call is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, booth_id: str, digest: bytes, start: int, came: bytes, at: float) -> None:
        """Keep bytes that came from byte `start` on, before their request was cut.

        `digest` is the SHA-256 of the whole, `at` in s since 1970. Nothing is kept of what is too
        little, too much, or follows on nothing.
        """
        if len(came) < WORTH_KEEPING or start + len(came) > LARGEST_BODY:
            return
        with self._database.transaction() as db:
            # Of one booth, one at a time.
            booth = select(BOOTH.c.booth_id).where(BOOTH.c.booth_id == booth_id)
            if db.execute(booth.with_for_update()).first() is None:
                return
            sweep(db, at)
            if start != _offset(db, booth_id, digest):
                return
            part = {"start": start, "size": len(came), "body": came, "at": at}
            db.execute(insert(UPLOAD_PART).values(booth_id=booth_id, digest=digest, **part))
            _bound(db, booth_id)

    def offset(self, booth_id: str, digest: bytes) -> int:
        """How many bytes of an upload have come."""
        with self._database.connection() as db:
            return _offset(db, booth_id, digest)

    def came(self, booth_id: str, digest: bytes) -> bytes:
        """What has come of an upload."""
        wanted = select(UPLOAD_PART.c.body).where(_is(booth_id, digest))
        with self._database.connection() as db:
            return b"".join(db.execute(wanted.order_by(UPLOAD_PART.c.start)).scalars())

    def drop(self, booth_id: str, digest: bytes) -> None:
        """Keep an upload no more: it is whole, or spoiled."""
        with self._database.transaction() as db:
            db.execute(delete(UPLOAD_PART).where(_is(booth_id, digest)))


def sweep(db: Connection, now: float) -> int:
    """Remove what was not asked for; how many parts. `now` is in s since 1970."""
    return db.execute(delete(UPLOAD_PART).where(UPLOAD_PART.c.at < now - KEPT)).rowcount


def _is(booth_id: str, digest: bytes) -> ColumnElement[bool]:
    return and_(UPLOAD_PART.c.booth_id == booth_id, UPLOAD_PART.c.digest == digest)


def _offset(db: Connection, booth_id: str, digest: bytes) -> int:
    end = func.max(UPLOAD_PART.c.start + UPLOAD_PART.c.size)
    return int(db.execute(select(end).where(_is(booth_id, digest))).scalar() or 0)


def _bound(db: Connection, booth_id: str) -> None:
    """Keep a booth's last uploads only."""
    of_booth = UPLOAD_PART.c.booth_id == booth_id
    newest = select(UPLOAD_PART.c.digest).where(of_booth).group_by(UPLOAD_PART.c.digest)
    ordered = newest.order_by(func.max(UPLOAD_PART.c.at).desc(), UPLOAD_PART.c.digest)
    beyond = db.execute(ordered.offset(MOST_UPLOADS)).scalars().all()
    if beyond:
        db.execute(delete(UPLOAD_PART).where(of_booth, UPLOAD_PART.c.digest.in_(beyond)))

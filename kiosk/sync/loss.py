"""Accepting a loss: the outbox goes on with the photos that are there and whole."""

import sqlite3
from contextlib import closing
from pathlib import Path

from pydantic import ValidationError

from kiosk.sync.errors import OutboxFault
from kiosk.sync.outbox_file import UNREADABLE, make_tables, open_file, transaction
from kiosk.sync.tally import NOTHING, Tally, keep_tally, read_tally
from protocol.envelope import Envelope


def accept_loss(path: Path) -> int:
    """Give up the photos that an outbox has lost, and those set aside that are damaged.

    How many of them had not been sent is returned. Raises OutboxFault where that cannot be done.
    """
    try:
        before, after = read_tally(path) or NOTHING, NOTHING
        if path.exists() and path.stat().st_size:
            with closing(open_file(path)) as db:
                make_tables(db)
                before = max(before, _count(db), key=lambda tally: tally.put)
                with transaction(db):
                    _drop_damaged(db)
                after = _count(db)
        # Without a tally a booth that runs would go on missing what it remembers.
        keep_tally(path, after)
    except OSError as error:
        raise OutboxFault(
            f"{path}: the loss cannot be accepted ({error.strerror}); check disk and permissions"
        ) from error
    except UNREADABLE as error:
        raise OutboxFault(
            f"{path}: the outbox cannot be used ({error}); run kiosk sync first, which sets a"
            " damaged one aside"
        ) from error
    return max(before.put - before.sent - (after.put - after.sent), 0)


def _count(db: sqlite3.Connection) -> Tally:
    put, sent = db.execute(
        "SELECT count(*), count(*) FILTER (WHERE state = 'sent') FROM outbox"
    ).fetchone()
    return Tally(put=put, sent=sent)


def _drop_damaged(db: sqlite3.Connection) -> None:
    """Drop the photos set aside that are not what was put; the others may still go."""
    rows = db.execute(
        "SELECT number, envelope, envelope_sha256 FROM outbox JOIN set_aside USING (number)"
    ).fetchall()
    for number, text, digest in rows:
        if not _is_whole(text, digest):
            db.execute("DELETE FROM outbox WHERE number = ?", (number,))
            db.execute("DELETE FROM set_aside WHERE number = ?", (number,))


def _is_whole(text: object, digest: object) -> bool:
    try:
        return isinstance(text, str) and Envelope.model_validate_json(text).sha256 == digest
    except ValidationError:
        return False

"""A look into the outbox that changes nothing, for who only asks how it stands.

`Outbox` looks through the whole file as it opens, and sets a damaged one aside: that is for who
works with it.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from kiosk.sync.outbox_file import UNREADABLE
from kiosk.sync.tally import read_tally


@dataclass(frozen=True, slots=True)
class Peek:
    """What lies in an outbox."""

    waiting: int = 0
    sent: int = 0
    refused: int = 0
    set_aside: int = 0
    oldest: int | None = None
    """The number of the photo that has waited longest; None where none waits."""
    missing: int = 0
    """Photos that its tally knows of, and that are not there."""
    damage: str | None = None
    """Why it cannot be read, in SQLite's words."""
    kept_damaged: int = 0
    """Damaged outboxes that are kept beside it, for photos to be recovered from."""


def peek(path: Path) -> Peek:
    """Count the photos in an outbox; one that is not there yet is empty. Raises OSError."""
    tally = read_tally(path)
    put = 0 if tally is None else tally.put
    kept = path.parent.glob(f"{path.name}.damaged-*")
    damaged = sum(not one.name.endswith(("-wal", "-shm")) for one in kept)
    try:
        empty = not path.stat().st_size
    except FileNotFoundError:
        empty = True
    if empty:
        return Peek(missing=put, kept_damaged=damaged)
    try:
        states, aside, oldest = _count(path)
    except UNREADABLE as error:
        return Peek(damage=" ".join(str(error).split()), kept_damaged=damaged)
    there = sum(states.values())
    return Peek(
        waiting=states.get("pending", 0) - aside,
        sent=states.get("sent", 0),
        refused=states.get("refused", 0),
        set_aside=aside,
        oldest=oldest,
        missing=max(put - there, 0),
        kept_damaged=damaged,
    )


def _count(path: Path) -> tuple[dict[str, int], int, int | None]:
    place = path.absolute().as_uri()
    with closing(sqlite3.connect(f"{place}?mode=ro", uri=True, timeout=2)) as db:
        try:
            return _count_in(db)
        except sqlite3.OperationalError:
            pass  # its log, say, on a disk that has turned read-only: then without the log
    with closing(sqlite3.connect(f"{place}?immutable=1", uri=True)) as db:
        return _count_in(db)


def _count_in(db: sqlite3.Connection) -> tuple[dict[str, int], int, int | None]:
    states = dict(db.execute("SELECT state, count(*) FROM outbox GROUP BY state"))
    (aside,) = db.execute(
        "SELECT count(*) FROM set_aside JOIN outbox USING (number) WHERE state = 'pending'"
    ).fetchone()
    (oldest,) = db.execute(
        "SELECT min(number) FROM outbox"
        " WHERE state = 'pending' AND number NOT IN (SELECT number FROM set_aside)"
    ).fetchone()
    return states, aside, oldest

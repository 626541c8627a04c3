"""The outbox's SQLite file: its tables, and how it is opened, safe against a pulled plug."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VERSION = 1

COLUMNS = "number, submission_id, envelope_sha256, envelope, receipt, state"

UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
"""What is raised over a damaged file: its errors quote names from it that may be no text."""

HEADER_BYTES = 100

FIXED_IN_HEADER = {
    0: b"SQLite format 3\0\x10\x00\x02\x02\x00\x40\x20\x20",
    44: b"\0\0\0\4",
    56: b"\0\0\0\1",
}
"""What is the same in the header of every outbox, by its place: pages of 4096 bytes, a log beside
the file, the schema's format, UTF-8 (sqlite.org, "Database File Format")."""

_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    submission_id TEXT NOT NULL UNIQUE,
    envelope_sha256 BLOB NOT NULL,
    envelope TEXT,
    receipt TEXT,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'refused'))
) STRICT;
CREATE INDEX IF NOT EXISTS outbox_state ON outbox (state, number);
CREATE TABLE IF NOT EXISTS set_aside (
    number INTEGER PRIMARY KEY,
    reason TEXT NOT NULL
) STRICT;
PRAGMA user_version = {VERSION};
COMMIT;
"""


def open_file(path: Path) -> sqlite3.Connection:
    """Open an outbox's file that is there; raises sqlite3.Error.

    Without `mode=rw` a file that was removed would be begun anew without a word.
    """
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=10, isolation_level=None
    )
    # A byte that has flipped shall spoil its own row, not the reading of all.
    db.text_factory = _decode
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA secure_delete = ON")
    except UNREADABLE:
        db.close()
        raise
    return db


def has_own_header(path: Path) -> bool:
    """Whether a file begins as an outbox's does; so does one that cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(HEADER_BYTES)
    except OSError:
        return True
    return len(head) == HEADER_BYTES and all(
        head[at : at + len(fixed)] == fixed for at, fixed in FIXED_IN_HEADER.items()
    )


def make_tables(db: sqlite3.Connection) -> None:
    """Make the tables that are not there yet."""
    db.executescript(_SCHEMA)


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Do the block's work whole or not at all; others who write wait."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _decode(text: bytes) -> str:
    return text.decode("utf-8", "replace")

"""The registrar's SQLite file: its tables, and how it is opened for one piece of work."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from registrar.errors import StoreError, UsageError

_VERSION = 4
_OLDEST_VERSION = 2
"""What came since are tables of their own."""

KEY_FILE = "seal.key"
"""The file of the key that is made first, once the data file is there."""

_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS booth (
    booth_id TEXT PRIMARY KEY,
    verify_key BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS former_key (
    booth_id TEXT NOT NULL,
    verify_key BLOB NOT NULL,
    accepted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (booth_id, verify_key)
) STRICT;
CREATE TABLE IF NOT EXISTS report (
    booth_id TEXT PRIMARY KEY,
    received_at TEXT NOT NULL,
    report TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS own_key (
    file TEXT PRIMARY KEY,
    public_key BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS record (
    record_id TEXT PRIMARY KEY,
    capture_code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    student_no TEXT NOT NULL,
    institution_code TEXT NOT NULL,
    institution TEXT NOT NULL,
    college TEXT NOT NULL,
    granted INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS photo (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    submission_id TEXT NOT NULL UNIQUE,
    record_id TEXT NOT NULL REFERENCES record,
    metadata TEXT NOT NULL,
    jpeg BLOB NOT NULL,
    receipt TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS photo_record ON photo (record_id);
CREATE TABLE IF NOT EXISTS roster (revision INTEGER NOT NULL) STRICT;
INSERT INTO roster SELECT 0 WHERE NOT EXISTS (SELECT * FROM roster);
PRAGMA user_version = {_VERSION};
COMMIT;
"""


class Database:
    """The SQLite file in the data folder. Any thread may open it, each for itself."""

    def __init__(self, folder: Path) -> None:
        """Open the file, or make it for its owner only.

        Raises StoreError, and UsageError where it is of another version of the registrar.
        """
        self._path = folder / "registrar.sqlite"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise StoreError(
                f"{folder}: the data folder cannot be used ({error.strerror}); "
                "name another with --data"
            ) from error
        with self.connection() as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version and not _OLDEST_VERSION <= version <= _VERSION:
                age = "a newer" if version > _VERSION else "an older"
                raise UsageError(
                    f"{self._path}: is of {age} registrar (version {version}); "
                    "name another folder with --data"
                )
            if version == 0 and (folder / KEY_FILE).exists():
                raise StoreError(
                    f"{self._path}: is missing or empty, and the registrar's keys are there; bring"
                    " it back from a copy, or name a new folder with --data"
                )
            if version < _VERSION:
                db.executescript(_SCHEMA)

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one piece of work; what SQLite cannot do is raised as StoreError."""
        try:
            with closing(sqlite3.connect(self._path, timeout=10, isolation_level=None)) as db:
                db.row_factory = sqlite3.Row
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = FULL")
                db.execute("PRAGMA foreign_keys = ON")
                yield db
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: cannot be used ({error}); check the disk") from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction, kept at the end, or dropped with the connection that raised in it."""
        with self.connection() as db:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")

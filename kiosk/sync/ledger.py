"""The ledger: which standardisations this booth has begun and made, so that each is counted once.

It names nobody: of whom one was is found by who has the capture code, and told to the registrar by
a note that is sealed to it.
"""

import logging
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import durable
from kiosk.errors import SyncError
from protocol.admission import EVER, Moment, Standardisation
from protocol.roster_edition import derive_place, derive_secret
from protocol.standardisation import MOST_TOLD, ToldStandardisation

log = logging.getLogger(__name__)

KEPT = timedelta(days=9)
"""For which one that was told is kept: the longest wait, a week, and the days around it."""

_SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS standardisation (
    id TEXT PRIMARY KEY,
    whose BLOB NOT NULL,
    earliest REAL NOT NULL,
    latest REAL,
    outcome TEXT NOT NULL CHECK (outcome IN ('begun', 'made', 'void')),
    note BLOB,
    told INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS standardisation_whose ON standardisation (whose);
CREATE TABLE IF NOT EXISTS salt (salt BLOB NOT NULL) STRICT;
PRAGMA user_version = 1;
COMMIT;
"""

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def ledger_path(outbox: Path) -> Path:
    """Where the ledger lies: beside the outbox."""
    return outbox.with_name(f"{outbox.name}.ledger")


class Ledger:
    """Standardisations in a SQLite file that booth and sync share.

    Each call is one transaction: what has returned is on the disk. Each raises SyncError where the
    file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def whose(self, capture_code: str) -> bytes:
        """By what a student's are found: nobody comes from it to the code (`derive_secret`)."""
        with self._transaction() as db:
            row = db.execute("SELECT salt FROM salt").fetchone()
            if row is None:
                row = (secrets.token_bytes(32),)
                db.execute("INSERT INTO salt VALUES (?)", row)
        return derive_place(derive_secret(capture_code, row[0]))

    def begin(self, standardisation: UUID, whose: bytes, at: Moment) -> None:
        """Note that one is begun, before anybody is asked whether it may be."""
        latest = at.latest.timestamp() if at.is_sure else None
        with self._transaction() as db:
            db.execute(
                "INSERT INTO standardisation (id, whose, earliest, latest, outcome)"
                " VALUES (?, ?, ?, ?, 'begun')",
                (str(standardisation), whose, at.earliest.timestamp(), latest),
            )

    def add_note(self, standardisation: UUID, note: bytes) -> None:
        """Keep the sealed note by which the registrar will hear of whom one was."""
        with self._transaction() as db:
            db.execute(
                "UPDATE standardisation SET note = ? WHERE id = ? AND outcome = 'begun'",
                (note, str(standardisation)),
            )

    def drop(self, standardisation: UUID) -> None:
        """Strike one out that was not admitted: the registrar has none of that id."""
        with self._transaction() as db:
            db.execute(
                "DELETE FROM standardisation WHERE id = ? AND outcome = 'begun'",
                (str(standardisation),),
            )

    def make(self, standardisation: UUID) -> None:
        """Note that a photo is about to be shown; once is enough."""
        self._settle("made", "id = ?", str(standardisation))

    def void(self, standardisation: UUID) -> None:
        """Note that no photo was shown, unless one was."""
        self._settle("void", "id = ?", str(standardisation))

    def void_all(self) -> None:
        """Void those that an end of power, or of the program, has cut off."""
        self._settle("void", "1")

    def own(self, whose: bytes) -> list[Standardisation]:
        """A student's that this booth has made, with what is begun; `booth_id` is left empty."""
        with self._transaction() as db:
            rows = db.execute(
                "SELECT id, earliest, latest FROM standardisation"
                " WHERE whose = ? AND outcome != 'void'",
                (whose,),
            ).fetchall()
        return [Standardisation(UUID(row[0]), "", _moment(*row[1:])) for row in rows]

    def untold(self, whose: bytes | None = None) -> tuple[ToldStandardisation, ...]:
        """Those that the registrar has not heard of yet, the oldest first; or one student's."""
        with self._transaction() as db:
            rows = db.execute(
                "SELECT id, outcome, note FROM standardisation WHERE NOT told AND"
                " outcome != 'begun' AND (?1 IS NULL OR whose = ?1) ORDER BY rowid LIMIT ?2",
                (whose, MOST_TOLD),
            ).fetchall()
        return tuple(
            ToldStandardisation(id=UUID(row[0]), outcome=row[1], note=row[2]) for row in rows
        )

    def mark_told(self, told: Sequence[ToldStandardisation], now: datetime) -> None:
        """Tell these no more, and forget what is old."""
        with self._transaction() as db:
            db.executemany(
                "UPDATE standardisation SET told = 1 WHERE id = ? AND outcome = ?",
                [(str(each.id), each.outcome) for each in told],
            )
            db.execute(
                "DELETE FROM standardisation WHERE told AND (outcome = 'void' OR earliest < ?)",
                ((now - KEPT).timestamp(),),
            )

    def _settle(self, outcome: str, which: str, *named: str) -> None:
        with self._transaction() as db:
            db.execute(
                f"UPDATE standardisation SET outcome = '{outcome}'"
                f" WHERE outcome = 'begun' AND {which}",
                named,
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            db = self._open()
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGED:
                raise self._fault(error) from error
            self._set_aside()
            db = self._open()
        except OSError as error:
            raise SyncError(
                f"{self._path}: the ledger cannot be made ({error.strerror})"
            ) from error
        try:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._fault(error) from error
        finally:
            db.close()

    def _open(self) -> sqlite3.Connection:
        durable.make_private_folder(self._path.parent)
        self._path.touch(mode=0o600)
        db = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        try:
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA secure_delete = ON")
            if db.execute("PRAGMA user_version").fetchone() == (0,):
                db.executescript(_SCHEMA)
            (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.Error:
            db.close()
            raise
        if verdict != "ok":
            db.close()
            damage = sqlite3.DatabaseError(verdict)
            damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise damage
        return db

    def _set_aside(self) -> None:
        """Keep a damaged ledger under another name, and begin anew: a booth goes on."""
        aside = self._path.with_name(f"{self._path.name}.damaged")
        log.error("%s: was damaged, and is kept as %s; a new one is begun", self._path, aside.name)
        self._path.replace(aside)

    def _fault(self, error: sqlite3.Error) -> SyncError:
        return SyncError(
            f"{self._path}: the ledger of standardisations cannot be used ({error}); check the disk"
        )


def _moment(earliest: float, latest: float | None) -> Moment:
    until = EVER if latest is None else datetime.fromtimestamp(latest, UTC)
    return Moment(datetime.fromtimestamp(earliest, UTC), until)

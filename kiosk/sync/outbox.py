"""The outbox: sealed photos on their way to the registrar, safe against a pulled plug."""

import fcntl
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from kiosk.errors import UsageError
from kiosk.sync.errors import OutboxCorrupt, OutboxFault, OutboxFull
from protocol.envelope import Envelope
from protocol.receipt import PhotoRefusal, Receipt

RESERVED_BYTES = 8_000_000
"""Photos leave these free on the disk, since to mark one as sent takes room for its log."""

LEAST_FREE_BYTES = 100_000_000
"""A booth with less room on its outbox's disk takes no student: room for a thousand photos."""

_VERSION = 1

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
PRAGMA user_version = {_VERSION};
COMMIT;
"""

_DAMAGE_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """How many photos of each state the outbox knows."""

    pending: int
    sent: int
    refused: int


class Outbox:
    """Sealed photos in a SQLite file that booth and sync share.

    Each call opens the file, does one transaction, and closes it: what has returned is on the
    disk, and no process writes on into a file that another has set aside.
    """

    def __init__(self, path: Path) -> None:
        """Open the outbox, or make it.

        Raises OutboxCorrupt where the file was damaged: it is kept under another name, and the
        next opening starts a new one.
        """
        self._path = path
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
        except OSError as error:
            raise OutboxFault(
                f"{path}: the outbox cannot be opened ({error.strerror}); check the folder"
            ) from error
        with self._connection() as db:
            (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                damage = sqlite3.DatabaseError(verdict)
                damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
                raise damage
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version not in (0, _VERSION):
                raise UsageError(f"{path}: the outbox is of a newer kiosk (version {version})")
            if version == 0:
                db.executescript(_SCHEMA)

    def put(self, envelope: Envelope) -> None:
        """Keep an envelope; it is on the disk when this returns. Twice is once.

        Raises OutboxFull where the disk is full, OutboxFault where it cannot be written or
        another photo has this submission id.
        """
        with self._connection() as db, _transaction(db):
            if shutil.disk_usage(self._path.parent).free < RESERVED_BYTES:
                raise OutboxFull(
                    f"{self._path}: the disk is full, the photo was not kept; make room"
                )
            known = db.execute(
                "SELECT envelope_sha256 FROM outbox WHERE submission_id = ?",
                (str(envelope.submission_id),),
            ).fetchone()
            if known is None:
                db.execute(
                    "INSERT INTO outbox (submission_id, envelope_sha256, envelope, state)"
                    " VALUES (?, ?, ?, 'pending')",
                    (
                        str(envelope.submission_id),
                        envelope.sha256,
                        envelope.model_dump_json(),
                    ),
                )
            elif known[0] != envelope.sha256:
                raise OutboxFault(
                    f"{self._path}: submission {envelope.submission_id} is another photo's; "
                    "seal each under an id of its own"
                )

    def pending(self) -> list[UUID]:
        """The submissions that wait, oldest first."""
        with self._connection() as db:
            rows = db.execute(
                "SELECT submission_id FROM outbox WHERE state = 'pending' ORDER BY number"
            )
            return [UUID(text) for (text,) in rows]

    def envelope(self, submission_id: UUID) -> Envelope | None:
        """A submission's envelope; None once it is sent, or was never here."""
        text = self._column("envelope", submission_id)
        return None if text is None else Envelope.model_validate_json(text)

    def receipt(self, submission_id: UUID) -> Receipt | None:
        """The registrar's word on a submission; None while it waits."""
        text = self._column("receipt", submission_id)
        return None if text is None else Receipt.model_validate_json(text)

    def mark_sent(self, receipt: Receipt) -> None:
        """Delete the sealed photo that the registrar holds; its id and receipt stay."""
        with self._connection() as db, _transaction(db):
            db.execute(
                "UPDATE outbox SET state = 'sent', receipt = ?, envelope = NULL"
                " WHERE submission_id = ? AND state != 'sent'",
                (receipt.model_dump_json(), str(receipt.submission_id)),
            )

    def mark_refused(self, receipt: Receipt) -> None:
        """Send a photo no more; it stays sealed here until staff decide."""
        with self._connection() as db, _transaction(db):
            db.execute(
                "UPDATE outbox SET state = 'refused', receipt = ?"
                " WHERE submission_id = ? AND state = 'pending'",
                (receipt.model_dump_json(), str(receipt.submission_id)),
            )

    def retry_refused(self) -> int:
        """Let all refused photos wait again, once staff have mended the reason; how many."""
        with self._connection() as db, _transaction(db):
            return db.execute(
                "UPDATE outbox SET state = 'pending', receipt = NULL WHERE state = 'refused'"
            ).rowcount

    def counts(self) -> OutboxCounts:
        """Count the photos by state."""
        with self._connection() as db:
            rows = db.execute("SELECT state, count(*) FROM outbox GROUP BY state")
            number: dict[str, int] = dict(rows.fetchall())
        return OutboxCounts(*(number.get(state, 0) for state in ("pending", "sent", "refused")))

    def refusals(self) -> dict[PhotoRefusal, int]:
        """Count the refused photos by the registrar's reason."""
        with self._connection() as db:
            rows = db.execute("SELECT receipt FROM outbox WHERE state = 'refused' ORDER BY number")
            reasons = [Receipt.model_validate_json(text).refused for (text,) in rows]
        return dict(Counter(reason for reason in reasons if reason is not None))

    def damaged_files(self) -> list[Path]:
        """The damaged outboxes that were kept, for staff to recover photos from."""
        kept = self._path.parent.glob(f"{self._path.name}.damaged-*")
        return sorted(path for path in kept if not path.name.endswith(("-wal", "-shm")))

    def _column(self, name: str, submission_id: UUID) -> str | None:
        with self._connection() as db:
            row = db.execute(
                f"SELECT {name} FROM outbox WHERE submission_id = ?", (str(submission_id),)
            ).fetchone()
        return None if row is None else row[0]

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one piece of work; its faults are raised under their names."""
        try:
            with closing(_open(self._path)) as db:
                yield db
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest is detail
            if code in _DAMAGE_CODES:
                raise self._set_aside(error) from error
            if code == sqlite3.SQLITE_FULL:
                raise OutboxFull(
                    f"{self._path}: the disk is full, nothing was changed; make room"
                ) from error
            raise OutboxFault(
                f"{self._path}: the outbox cannot be used ({error}); check disk and permissions"
            ) from error

    def _set_aside(self, error: sqlite3.Error) -> OutboxFault:
        """Keep the damaged file under another name, with what its log still holds."""
        with self._path.with_name(f"{self._path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if _is_whole(self._path):  # another process has set the damaged one aside already
                return OutboxFault(f"{self._path}: the outbox was replaced; try again")
            number = len(self.damaged_files()) + 1
            kept = self._path.with_name(f"{self._path.name}.damaged-{number}")
            for suffix in ("-wal", "-shm", ""):
                part = self._path.with_name(self._path.name + suffix)
                if part.exists():
                    part.rename(kept.with_name(kept.name + suffix))
        return OutboxCorrupt(
            f"{self._path}: the outbox was damaged ({error}); it is kept as {kept}, "
            "do not delete it: the registrar's staff can recover photos from it",
            kept,
        )


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=10, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA secure_delete = ON")
    except sqlite3.Error:
        db.close()
        raise
    return db


def _is_whole(path: Path) -> bool:
    try:
        with closing(_open(path)) as db:
            return bool(db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.Error:
        return False


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise

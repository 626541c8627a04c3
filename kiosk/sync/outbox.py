"""The outbox: sealed photos on their way to the registrar, safe against a pulled plug."""

import fcntl
import logging
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from nacl.signing import VerifyKey
from pydantic import ValidationError

import durable
from kiosk.errors import UsageError
from kiosk.sync.errors import OutboxCorrupt, OutboxFault, OutboxFull, OutboxLost, PhotoSpoiled
from kiosk.sync.outbox_file import (
    UNREADABLE,
    VERSION,
    has_own_header,
    make_tables,
    open_file,
    transaction,
)
from kiosk.sync.salvage import salvage
from kiosk.sync.tally import NOTHING, Tally, keep_tally, read_tally, tally_path
from kiosk.sync.write_probe import find_way_out
from protocol.envelope import Envelope
from protocol.receipt import PhotoRefusal, Receipt
from protocol.signing import is_signed

log = logging.getLogger(__name__)

RESERVED_BYTES = 8_000_000
"""Photos leave these free on the disk, since to mark one as sent takes room for its log."""

_DAMAGE_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

_WAITING = "state = 'pending' AND number NOT IN (SELECT number FROM set_aside)"


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """How many photos of each state the outbox knows."""

    pending: int
    sent: int
    refused: int
    set_aside: int = 0
    """Those that cannot be sent as they are, and wait for staff."""


class Outbox:
    """Sealed photos in a SQLite file that booth and sync share, and a tally of them beside it.

    Each call opens the file, does one transaction, and closes it: what has returned is on the
    disk, and no process writes on into a file that another has set aside.
    """

    def __init__(self, path: Path) -> None:
        """Open the outbox, or make it.

        Raises OutboxCorrupt where the file was damaged: it is kept under another name, and the
        next opening finds a new one with all photos that are whole. Raises OutboxLost where the
        tally tells of photos and the file is missing or empty.
        """
        self._path = path
        self._known = NOTHING
        self._begin()
        with self._connection() as db:
            (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                damage = sqlite3.DatabaseError(verdict)
                damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
                raise damage
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version not in (0, VERSION):
                raise UsageError(f"{path}: the outbox is of a newer kiosk (version {version})")
            if version == 0 and self._read_tally().put:
                raise self._say_lost(0)
            make_tables(db)

    def put(self, envelope: Envelope) -> None:
        """Keep an envelope; it is on the disk when this returns. Twice is once.

        Raises OutboxFull where the disk is full, OutboxLost where photos kept before are missing,
        OutboxFault where it cannot be written or another photo has this submission id.
        """
        with self._connection() as db, transaction(db):
            if shutil.disk_usage(self._path.parent).free < RESERVED_BYTES:
                raise OutboxFull(
                    f"{self._path}: the disk is full, the photo was not kept; make room"
                )
            self._require_all(db)
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
        self._count()

    def require_writable(self) -> None:
        """Write into the file, and change nothing; raises OutboxFault where that cannot be.

        Raises OutboxLost where photos are missing.
        """
        with self._connection() as db, transaction(db):
            self._require_all(db)
            db.execute(f"PRAGMA user_version = {VERSION}")

    # ---- the way out ----

    def waiting(self) -> list[int]:
        """The numbers of the photos that wait, oldest first."""
        with self._connection() as db:
            rows = db.execute(f"SELECT number FROM outbox WHERE {_WAITING} ORDER BY number")
            return [number for (number,) in rows]

    def waiting_envelope(self, number: int) -> Envelope | None:
        """The envelope of a photo that waits; None where another run has sent it meanwhile.

        Raises PhotoSpoiled where it is not what was put.
        """
        with self._connection() as db:
            row = db.execute(
                "SELECT submission_id, envelope_sha256, envelope FROM outbox"
                f" WHERE number = ? AND {_WAITING}",
                (number,),
            ).fetchone()
        if row is None:
            return None
        submission_id, digest, text = row
        envelope = _parse_envelope(text)
        if envelope is None:
            raise PhotoSpoiled("its sealed photo is damaged")
        if str(envelope.submission_id) != submission_id:
            raise PhotoSpoiled("the submission id it is kept under is not its own")
        if envelope.sha256 != digest:
            raise PhotoSpoiled("its sealed photo is not the one that was kept: it was damaged")
        return envelope

    def pending(self) -> list[UUID]:
        """The submissions that wait, oldest first; not those whose id is damaged."""
        with self._connection() as db:
            rows = db.execute(f"SELECT submission_id FROM outbox WHERE {_WAITING} ORDER BY number")
            return [UUID(text) for (text,) in rows if _is_id(text)]

    def envelope(self, submission_id: UUID) -> Envelope | None:
        """A submission's envelope; None once it is sent, or was never here.

        Raises PhotoSpoiled where it cannot be read.
        """
        text = self._column("envelope", submission_id)
        if text is None:
            return None
        if (envelope := _parse_envelope(text)) is None:
            raise PhotoSpoiled(f"{self._path}: submission {submission_id} is damaged")
        return envelope

    def receipt(self, submission_id: UUID) -> Receipt | None:
        """The registrar's word on a submission; None while it waits, or where it is damaged."""
        text = self._column("receipt", submission_id)
        return None if text is None else _parse_receipt(text)

    def mark_sent(self, receipt: Receipt) -> None:
        """Delete the sealed photo that the registrar holds; its id and receipt stay."""
        with self._connection() as db, transaction(db):
            db.execute(
                "UPDATE outbox SET state = 'sent', receipt = ?, envelope = NULL"
                " WHERE submission_id = ? AND state != 'sent'",
                (receipt.model_dump_json(), str(receipt.submission_id)),
            )
        self._count()

    def mark_refused(self, receipt: Receipt) -> None:
        """Send a photo no more; it stays sealed here until staff decide."""
        with self._connection() as db, transaction(db):
            db.execute(
                "UPDATE outbox SET state = 'refused', receipt = ?"
                " WHERE submission_id = ? AND state = 'pending'",
                (receipt.model_dump_json(), str(receipt.submission_id)),
            )

    def retry_refused(self) -> int:
        """Let all refused photos wait again, once staff have mended the reason; how many."""
        with self._connection() as db, transaction(db):
            return db.execute(
                "UPDATE outbox SET state = 'pending', receipt = NULL WHERE state = 'refused'"
            ).rowcount

    def offer_again(self, before: datetime) -> int:
        """Let photos wait again that were refused before then since the student had one; how many.

        That one may have been refused since, and a permit may have been given.
        """
        with self._connection() as db, transaction(db):
            rows = db.execute("SELECT number, receipt FROM outbox WHERE state = 'refused'")
            again = [
                number
                for number, text in rows.fetchall()
                if (receipt := _parse_receipt(text)) is not None
                and receipt.refused == "already_photographed"
                and receipt.at < before
            ]
            for number in again:
                db.execute(
                    "UPDATE outbox SET state = 'pending', receipt = NULL WHERE number = ?",
                    (number,),
                )
        return len(again)

    # ---- single photos that cannot go ----

    def set_aside(self, number: int, reason: str) -> None:
        """Leave a photo out until staff decide; it stays where it is."""
        with self._connection() as db, transaction(db):
            db.execute("INSERT OR REPLACE INTO set_aside VALUES (?, ?)", (number, reason))

    def set_aside_reasons(self) -> dict[int, str]:
        """Why each photo that was set aside cannot go, by its number."""
        with self._connection() as db:
            rows = db.execute("SELECT number, reason FROM set_aside ORDER BY number")
            return dict(rows.fetchall())

    def retry_set_aside(self, booth_key: VerifyKey) -> int:
        """Let the photos wait again that were set aside, and are whole; how many.

        Whole is what the booth's signature (`booth_key`) still holds for; what was damaged beside
        it is put right from within the envelope. The others stay set aside.
        """
        recovered = 0
        with self._connection() as db, transaction(db):
            rows = db.execute(
                "SELECT number, envelope FROM outbox JOIN set_aside USING (number)"
            ).fetchall()
            for number, text in rows:
                envelope = _parse_envelope(text)
                if envelope is None or not is_signed(envelope, booth_key):
                    continue
                mended = db.execute(
                    "UPDATE OR IGNORE outbox SET submission_id = ?, envelope_sha256 = ?"
                    " WHERE number = ?",
                    (str(envelope.submission_id), envelope.sha256, number),
                ).rowcount
                if mended:
                    db.execute("DELETE FROM set_aside WHERE number = ?", (number,))
                    recovered += 1
        return recovered

    # ---- what staff are told ----

    def counts(self) -> OutboxCounts:
        """Count the photos by state."""
        with self._connection() as db:
            rows = db.execute(
                "SELECT CASE WHEN number IN (SELECT number FROM set_aside) THEN 'set_aside'"
                " ELSE state END AS standing, count(*) FROM outbox GROUP BY standing"
            )
            number: dict[str, int] = dict(rows.fetchall())
        states = ("pending", "sent", "refused", "set_aside")
        return OutboxCounts(*(number.get(state, 0) for state in states))

    def refusals(self) -> dict[PhotoRefusal, int]:
        """Count the refused photos by the registrar's reason, where it can be read."""
        with self._connection() as db:
            rows = db.execute("SELECT receipt FROM outbox WHERE state = 'refused' ORDER BY number")
            receipts = [_parse_receipt(text) for (text,) in rows]
        reasons = [receipt.refused for receipt in receipts if receipt is not None]
        return dict(Counter(reason for reason in reasons if reason is not None))

    def damaged_files(self) -> list[Path]:
        """The damaged outboxes that were kept, for staff to recover photos from."""
        kept = self._path.parent.glob(f"{self._path.name}.damaged-*")
        return sorted(path for path in kept if not path.name.endswith(("-wal", "-shm")))

    def find_loss(self) -> str | None:
        """What to tell staff of photos that are missing; None where none are."""
        try:
            with self._connection() as db:
                self._require_all(db)
        except OutboxLost as lost:
            return str(lost)
        return None

    # ---- within ----

    def _begin(self) -> None:
        """Make a new file where there is none, and none was lost; raises OutboxFault."""
        path = self._path
        salvaged = _salvaged_path(path)
        try:
            durable.make_private_folder(path.parent)
            if not path.exists() and salvaged.exists():
                salvaged.replace(path)  # the last who set a damaged one aside was interrupted
            if path.exists() and path.stat().st_size:
                return
            if self._read_tally().put:
                raise self._say_lost(0)
            path.touch(mode=0o600)
            with closing(open_file(path)) as db:
                make_tables(db)
        except OutboxFault:
            raise
        except (OSError, *UNREADABLE) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise OutboxFault(
                f"{path}: the outbox cannot be opened ({reason}); {find_way_out(path)}"
            ) from error

    def _read_tally(self) -> Tally:
        """The tally; where its file was removed too, as this object last knew it."""
        try:
            self._known = read_tally(self._path) or self._known
        except OSError as error:
            raise OutboxFault(
                f"{tally_path(self._path)}: cannot be read ({error.strerror}); give it to the"
                " booth's user with chown"
            ) from error
        return self._known

    def _require_all(self, db: sqlite3.Connection) -> None:
        """Raise OutboxLost where the tally knows of more photos than there are."""
        try:
            (there,) = db.execute("SELECT count(*) FROM outbox").fetchone()
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            there = 0
        if there < self._read_tally().put:
            raise self._say_lost(there)

    def _say_lost(self, there: int) -> OutboxLost:
        tally = self._read_tally()
        kept = f"{tally.put} photos were kept here, {tally.put - tally.sent} of them not yet sent"
        return OutboxLost(
            f"{self._path}: {kept}, and {there} are there: the outbox was emptied, removed or"
            " replaced. Stop the booth and put the right file back; where that cannot be, accept"
            " the loss with kiosk sync --accept-loss, and have the students photographed again whom"
            " the registrar's roster shows without a photo"
        )

    def _count(self) -> None:
        """Bring the tally up to what is in the file. A photo is kept even where this fails."""
        try:
            with self._locked(".tally-lock"), closing(open_file(self._path)) as db:
                put, sent = db.execute(
                    "SELECT count(*), count(*) FILTER (WHERE state = 'sent') FROM outbox"
                ).fetchone()
                before = self._read_tally()
                self._known = Tally(put=max(put, before.put), sent=max(sent, before.sent))
                keep_tally(self._path, self._known)
        except (OSError, *UNREADABLE) as error:  # OutboxFault among them
            log.warning("%s: the tally was not kept (%s)", self._path, error)

    def _column(self, name: str, submission_id: UUID) -> str | None:
        with self._connection() as db:
            row = db.execute(
                f"SELECT {name} FROM outbox WHERE submission_id = ?", (str(submission_id),)
            ).fetchone()
        return None if row is None else row[0]

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one piece of work; its faults are raised under their names."""
        self._begin()
        opened = _inode(self._path)
        try:
            with closing(open_file(self._path)) as db:
                yield db
        except UNREADABLE as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest is detail
            # What is asked for is always the same: another answer is damage.
            garbled = isinstance(error, UnicodeDecodeError) or "no such column" in str(error)
            if garbled or code in _DAMAGE_CODES or not has_own_header(self._path):
                raise self._keep_damaged(error, opened) from error
            if code == sqlite3.SQLITE_FULL:
                raise OutboxFull(
                    f"{self._path}: the disk is full, nothing was changed; make room"
                ) from error
            raise OutboxFault(
                f"{self._path}: the outbox cannot be used ({error}); {find_way_out(self._path)}"
            ) from error

    @contextmanager
    def _locked(self, suffix: str) -> Iterator[None]:
        """Hold a lock file beside the outbox; raises OSError."""
        path = self._path.with_name(self._path.name + suffix)
        # To lock takes no right to write: one that another user has made will do.
        lock = os.open(path, os.O_RDONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _keep_damaged(self, error: Exception, opened: int | None) -> OutboxFault:
        """Keep the damaged file under another name, and carry over what is whole in it."""
        path = self._path
        try:
            with self._locked(".lock"):
                if _inode(path) != opened:  # another process has set the damaged one aside already
                    return OutboxFault(f"{path}: the outbox was replaced; try again")
                tally = self._read_tally()
                salvaged = _salvaged_path(path)
                taken = salvage(path, salvaged, tally.put)
                number = len(self.damaged_files()) + 1
                kept = path.with_name(f"{path.name}.damaged-{number}")
                self._known = Tally(put=taken, sent=0)
                keep_tally(path, self._known)  # the others are missed from the damaged one only
                for suffix in ("-wal", "-shm", ""):
                    part = path.with_name(path.name + suffix)
                    if part.exists():
                        part.rename(kept.with_name(kept.name + suffix))
                salvaged.replace(path)
        except (OSError, *UNREADABLE) as trouble:
            return OutboxFault(
                f"{path}: the outbox is damaged ({error}), and cannot be set aside ({trouble});"
                " check disk and permissions"
            )
        self._count()
        words = " ".join(str(error).split())
        of = f"{taken} of {tally.put} photos" if tally.put else f"{taken} photos"
        return OutboxCorrupt(
            f"{path}: the outbox was damaged ({words}); {of} were whole and are in the new one;"
            f" the damaged one is kept as {kept}, do not delete it: the registrar's staff can"
            " recover photos from it",
            kept,
        )


def _inode(path: Path) -> int | None:
    """What tells a file from another that takes its name; None where there is none."""
    try:
        return path.stat().st_ino
    except OSError:
        return None


def _salvaged_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.salvaged")


def _parse_envelope(text: object) -> Envelope | None:
    try:
        return Envelope.model_validate_json(text) if isinstance(text, str) else None
    except ValidationError:
        return None


def _parse_receipt(text: object) -> Receipt | None:
    try:
        return Receipt.model_validate_json(text) if isinstance(text, str) else None
    except ValidationError:
        return None


def _is_id(text: object) -> bool:
    try:
        return isinstance(text, str) and str(UUID(text)) == text
    except ValueError:
        return False

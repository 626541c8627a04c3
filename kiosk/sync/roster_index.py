"""The roster on the booth's disk: an SQLite file from which a scan reads one entry.

Its head is the registrar's, signed, and each entry is signed by itself: a file that was changed
answers nobody. A base fills a new file, which then takes the place of the one before; a delta is
one transaction (rollback journal), so that a pulled plug leaves the roster of before or of after.
"""

import hashlib
import os
import sqlite3
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from nacl.signing import VerifyKey

import durable
from kiosk.errors import SyncError
from kiosk.sync.errors import Forged
from protocol.roster import Resolution
from protocol.roster_edition import (
    Entry,
    Head,
    check_base,
    check_delta,
    derive_place,
    derive_secret,
    open_alias,
    open_entry,
    read_entries,
)

Found = TypeVar("Found")

MAGIC = b"SQLite format 3\0"
"""How an index begins, and nothing that was kept in its place before."""

PATIENCE = 2.0
"""Seconds for another process to end its transaction: a delta takes a tenth of one."""

_SCHEMA = """
CREATE TABLE head (line BLOB NOT NULL, entries INTEGER NOT NULL) STRICT;
CREATE TABLE entry (
    place BLOB PRIMARY KEY,
    number INTEGER NOT NULL,
    signature BLOB NOT NULL,
    box BLOB NOT NULL
) STRICT;
"""

_ENTRIES = "SELECT place, number, box, signature FROM entry"

_DAMAGE = {"SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR", "SQLITE_MISMATCH"}
"""What SQLite says of a file that is damaged, or another's; the rest is the disk's."""


_FLIPPED = (ValueError, TypeError, AttributeError, OverflowError)
"""What is raised over a row of other types or texts than were written: the file was changed."""


class RosterIndex:
    """The registrar's roster of one institution; only a capture code opens the entry it is for."""

    def __init__(self, path: Path, verify_key: VerifyKey, institution_code: str) -> None:
        """Open an index for reading, for as long as this object is there.

        Raises FileNotFoundError, Forged where it is damaged or of another registrar or
        institution, SyncError where it cannot be read.
        """
        self._path, self._key = path, verify_key
        if not path.exists():
            raise FileNotFoundError(path)
        self._db, (self.head, self._count) = _open_to_read(path)
        weakref.finalize(self, self._db.close)
        try:
            check_base(self.head, institution_code, verify_key)
        except ValueError as error:
            raise Forged(f"{path}: the roster {error}; kiosk sync brings it") from error

    @property
    def issued_at(self) -> datetime:
        """When the registrar's roster answered so."""
        return self.head.issued_at

    def __len__(self) -> int:
        return self._count

    def may_have(self, capture_code: str) -> bool:
        """Whether a text looks like the roster's codes, as far as anything is known of these."""
        return self.head.looks is None or self.head.looks.fits(capture_code)

    def find(self, capture_code: str) -> Resolution | None:
        """Find what the registrar would have answered then; None where it knew no such code.

        Raises Forged, after which the next sync fetches the roster anew, or SyncError.
        """
        return self._find(capture_code, open_entry)

    def find_capture_code(self, key: str) -> str | None:
        """Find the capture code of whom a plain code's key means; None where none is told.

        Raises as `find`. It takes some 50 ms.
        """
        alias = self._find(key, open_alias)
        return None if alias is None else alias.capture_code

    def _find(
        self, text: str, open_it: Callable[[Entry, bytes, bytes, VerifyKey], Found]
    ) -> Found | None:
        secret = derive_secret(text, self.head.edition)
        place = derive_place(secret)
        try:
            with _told(self._path):
                row = self._db.execute(f"{_ENTRIES} WHERE place = ?", (place,)).fetchone()
            if row is None:
                return None
            return open_it(Entry(*row), secret, self.head.edition, self._key)
        except _FLIPPED as error:
            mark_damaged(self._path)
            raise Forged(
                f"{self._path}: an entry of the roster was changed; kiosk sync brings it"
            ) from error
        except Forged:
            mark_damaged(self._path)
            raise

    def check(self) -> None:
        """Look through the file: raises Forged where it is damaged, or entries are missing."""
        with _told(self._path):
            (found,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
            (count,) = self._db.execute("SELECT count(*) FROM entry").fetchone()
            _, entries = _head(self._db)
        if found != "ok" or mark_path(self._path).exists():
            raise Forged(f"{self._path}: the roster is damaged; kiosk sync brings it anew")
        if count != entries:
            raise Forged(
                f"{self._path}: the roster has {count} entries of {entries}; kiosk sync brings it"
            )


class ComingBase:
    """A base that is being fetched, in a file of its own: who is cut off goes on where it was."""

    def __init__(self, path: Path, head: Head) -> None:
        """Go on with what has come of this base, or begin; raises SyncError.

        `path` is the file; `head` is signed, as `check_base` says.
        """
        self.path, self.head = path, head
        held = self._read_head()
        self.is_whole = held is not None and held.follows(head)
        """Whether it has come, was checked, and deltas have been applied to it since."""
        if not self.is_whole and held != head:
            self._begin()

    @property
    def have(self) -> int:
        """Bytes of the base's entries that are there."""
        with _writing(self.path) as db:
            return _count(db) * self.head.entry_bytes

    def append(self, at: int, piece: bytes) -> None:
        """Keep the entries that come next, from so many bytes on. Raises Forged, SyncError."""
        try:
            entries = list(read_entries(piece))
        except ValueError as error:
            raise Forged(f"{self.path}: what came of the roster {error}") from error
        with _writing(self.path) as db:
            if _count(db) * self.head.entry_bytes == at:  # else another run has been here
                _put(db, entries)

    def finish(self) -> None:
        """Check that all is there as the registrar signed it; else drop it and raise Forged."""
        digest = hashlib.sha256()
        with _writing(self.path) as db:
            count = _count(db)
            for row in db.execute(f"{_ENTRIES} ORDER BY place"):
                digest.update(Entry(*row).encode())
        if (count, digest.digest()) != (self.head.count, self.head.entries_sha256):
            remove(self.path)
            raise Forged(f"{self.path}: has other entries than the registrar signed")

    def _read_head(self) -> Head | None:
        try:
            with _writing(self.path) as db:
                return _head(db)[0]
        except SyncError:
            return None

    def _begin(self) -> None:
        try:
            durable.make_private_folder(self.path.parent)
            remove(self.path)
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            durable.hand_over(self.path, self.path.parent)
        except OSError as error:
            raise _not_kept(self.path, error.strerror) from error
        with _writing(self.path) as db:
            db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA}")
            head = (self.head.line(), self.head.count)
            db.execute("INSERT INTO head VALUES (?, ?)", head)


def apply_delta(path: Path, head: Head, entries: bytes, key: VerifyKey) -> None:
    """Take an index to the next number, whole or not at all.

    What another run has brought meanwhile is passed over. Raises Forged where the delta is not this
    registrar's or does not follow, SyncError.
    """
    with _writing(path) as db:
        held, count = _head(db)
        if held.follows(head) or held == head:
            return
        try:
            found = check_delta(head, entries, held, key)
        except ValueError as error:
            raise Forged(f"{path}: a change of the roster {error}; kiosk sync asks anew") from error
        gone = [(entry.place,) for entry in found]
        deleted = db.executemany("DELETE FROM entry WHERE place = ?", gone).rowcount
        _put(db, stays := [entry for entry in found if entry.box])
        after = (head.line(), count - deleted + len(stays))
        db.execute("UPDATE head SET line = ?, entries = ?", after)


def take_place(path: Path, coming: Path) -> None:
    """Put a file that has come whole in the place of the roster before; raises SyncError."""
    try:
        # A journal of the file before would be played back onto this one.
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
        durable.move_whole(coming, path)
        mark_path(path).unlink(missing_ok=True)
    except FileNotFoundError:
        pass  # another run has done it
    except OSError as error:
        raise _not_kept(path, error.strerror) from error


def remove(path: Path) -> None:
    """Remove an index and its journal; raises OSError."""
    path.unlink(missing_ok=True)
    path.with_name(f"{path.name}-journal").unlink(missing_ok=True)


def mark_path(path: Path) -> Path:
    """Where it is noted that a scan has met damage, for the next sync."""
    return path.with_name(f"{path.name}.damaged")


def mark_damaged(path: Path) -> None:
    """Note that a scan has met damage."""
    with suppress(OSError):  # who only looks may not write there
        mark_path(path).touch(mode=0o600)
        durable.hand_over(mark_path(path), path.parent)


def _open_to_read(path: Path) -> tuple[sqlite3.Connection, tuple[Head, int]]:
    """Open a file to read, and read its head as `_head` does. Raises SyncError."""
    with _told(path):
        try:
            return _try_to_open(path, "ro")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname not in ("SQLITE_READONLY_ROLLBACK", "SQLITE_CANTOPEN"):
                raise
            # Who brought a delta was killed in it: undone by the first who may write.
            return _try_to_open(path, "rw")


def _try_to_open(path: Path, mode: str) -> tuple[sqlite3.Connection, tuple[Head, int]]:
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=PATIENCE,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        return db, _head(db)
    except BaseException:
        db.close()
        raise


@contextmanager
def _writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file for one transaction. Raises Forged, SyncError."""
    address = f"{path.absolute().as_uri()}?mode=rw"
    with (
        _told(path),
        closing(sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)) as db,
    ):
        db.execute("PRAGMA secure_delete = ON")
        db.execute("BEGIN IMMEDIATE")
        yield db
        db.execute("COMMIT")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say what SQLite cannot do as Forged, where the file is damaged, or as SyncError."""
    try:
        yield
    except _FLIPPED as error:
        raise Forged(f"{path}: the roster is damaged; kiosk sync brings it") from error
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        if any(name.startswith(damage) for damage in _DAMAGE):
            raise Forged(
                f"{path}: the roster is damaged ({error}); kiosk sync brings it"
            ) from error
        raise SyncError(
            f"{path}: the roster cannot be used ({error}); check the disk and whose file it is"
        ) from error


def _head(db: sqlite3.Connection) -> tuple[Head, int]:
    """The head of what a file holds, and how many entries it must have; raises ValueError."""
    line, entries = db.execute("SELECT line, entries FROM head").fetchone() or (b"", 0)
    return Head.model_validate_json(line), entries


def _count(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM entry").fetchone()[0])


def _put(db: sqlite3.Connection, entries: list[Entry]) -> None:
    rows = [(one.place, one.number, one.signature, one.box) for one in entries]
    db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?)", rows)


def _not_kept(path: Path, why: str | None) -> SyncError:
    return SyncError(f"{path}: the roster cannot be kept ({why}); check the disk")

"""What the registrar holds: booths, records of study, and photos, in one SQLite file.

A photo lies in the file itself, beside its receipt: both are there after one commit, or neither.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from nacl.signing import VerifyKey

from protocol.wire import Metadata, PhotoRefusal, Receipt, Resolution, Student
from registrar.errors import StoreError, UsageError
from registrar.roster import Record, is_abnormal

_VERSION = 2

_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS booth (
    booth_id TEXT PRIMARY KEY,
    verify_key BLOB NOT NULL
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

_ROWS = """
SELECT record.*, EXISTS (SELECT * FROM photo WHERE photo.record_id = record.record_id) AS has_photo
FROM record
"""

_PHOTOS = """
SELECT photo.number, photo.metadata, photo.receipt, record.record_id, record.name,
    record.student_no, record.institution_code, record.institution, record.college
FROM photo JOIN record USING (record_id)
"""


@dataclass(frozen=True, slots=True)
class Held:
    """A photo that the registrar holds, without its pixels."""

    metadata: Metadata
    receipt: Receipt
    student: Student


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the registrar holds."""

    records: int
    photographed: int
    """Records with a photo."""
    photos: int
    booths: int


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import has changed, in records."""

    new: int
    changed: int
    same: int


class Store:
    """The data folder. Each call is one transaction of its own, and any thread may make it."""

    def __init__(self, folder: Path) -> None:
        """Open the data folder, or make it for its owner only; raises StoreError."""
        self.folder = folder
        self._path = folder / "registrar.sqlite"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise StoreError(
                f"{folder}: the data folder cannot be used ({error.strerror}); "
                "name another with --data"
            ) from error
        with self._connection() as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version not in (0, _VERSION):
                age = "a newer" if version > _VERSION else "an older"
                raise UsageError(
                    f"{self._path}: is of {age} registrar (version {version}); "
                    "name another folder with --data"
                )
            if version == 0:
                db.executescript(_SCHEMA)

    # ---- booths ----

    def enrol(self, booth_id: str, verify_key: VerifyKey) -> None:
        """Serve a booth from now on; raises UsageError where its name is taken by another key."""
        with self._transaction() as db:
            row = db.execute(
                "SELECT verify_key FROM booth WHERE booth_id = ?", (booth_id,)
            ).fetchone()
            if row is None:
                db.execute("INSERT INTO booth VALUES (?, ?)", (booth_id, bytes(verify_key)))
            elif row["verify_key"] != bytes(verify_key):
                raise UsageError(
                    f"booth {booth_id}: is enrolled with another key; "
                    f"remove it first: registrar booth remove {booth_id}"
                )

    def remove_booth(self, booth_id: str) -> None:
        """Serve a booth no more; its photos stay. Raises UsageError where there is none."""
        with self._transaction() as db:
            if not db.execute("DELETE FROM booth WHERE booth_id = ?", (booth_id,)).rowcount:
                raise UsageError(f"booth {booth_id}: is not enrolled; see registrar booth list")

    def booths(self) -> dict[str, VerifyKey]:
        """Give the booths that are served."""
        with self._connection() as db:
            rows = db.execute("SELECT * FROM booth ORDER BY booth_id").fetchall()
        return {row["booth_id"]: VerifyKey(row["verify_key"]) for row in rows}

    # ---- roster ----

    def import_records(self, records: Iterable[Record]) -> Imported:
        """Add records and change those with the same id, all or none; none is removed.

        Raises UsageError where a capture code belongs to another record already.
        """
        fields = ", ".join(Record._fields)
        values = ", ".join(f":{field}" for field in Record._fields)
        changes = ", ".join(f"{field} = excluded.{field}" for field in Record._fields)
        tally = {"new": 0, "changed": 0, "same": 0}
        with self._transaction() as db:
            for record in records:
                row = db.execute(
                    f"SELECT {fields} FROM record WHERE record_id = ?", (record.record_id,)
                ).fetchone()
                outcome = "new" if row is None else "same" if tuple(row) == record else "changed"
                tally[outcome] += 1
                try:
                    db.execute(
                        f"INSERT INTO record ({fields}) VALUES ({values})"
                        f" ON CONFLICT (record_id) DO UPDATE SET {changes}",
                        record._asdict(),
                    )
                except sqlite3.IntegrityError as error:
                    raise UsageError(
                        f"record {record.record_id}: its capture code belongs to another record; "
                        "nothing was imported"
                    ) from error
            _touch(db)
        return Imported(**tally)

    def records(self) -> list[tuple[Record, bool]]:
        """Give every record of study, and whether it has a photo."""
        with self._connection() as db:
            rows = db.execute(f"{_ROWS} ORDER BY college, student_no, record_id").fetchall()
        return [(_record(row), bool(row["has_photo"])) for row in rows]

    def grant(self, record_id: str) -> None:
        """Permit one more photo of a student who has one; UsageError where there is no such."""
        with self._transaction() as db:
            if not db.execute(
                "UPDATE record SET granted = 1 WHERE record_id = ?", (record_id,)
            ).rowcount:
                raise UsageError(f"record {record_id}: is not in the roster")
            _touch(db)

    def resolve(self, capture_code: str) -> Resolution:
        """Say whose a capture code is, or why its owner is not admitted."""
        with self._connection() as db:
            row = db.execute(f"{_ROWS} WHERE capture_code = ?", (capture_code,)).fetchone()
        return "code_unknown" if row is None else _resolution(row)

    def resolutions(self) -> tuple[int, dict[str, Resolution]]:
        """Give the roster's revision, and what it answers to each capture code."""
        with self._connection() as db:
            db.execute("BEGIN")
            (revision,) = db.execute("SELECT revision FROM roster").fetchone()
            rows = db.execute(_ROWS).fetchall()
        return revision, {row["capture_code"]: _resolution(row) for row in rows}

    def revision(self) -> int:
        """Give the number that grows with every change of what the roster answers."""
        with self._connection() as db:
            return int(db.execute("SELECT revision FROM roster").fetchone()[0])

    # ---- photos ----

    def add(self, metadata: Metadata, jpeg: bytes, receipt: Receipt) -> Receipt | PhotoRefusal:
        """Hold a photo under a receipt, once; on the disk when this returns.

        Gives the receipt under which it is held, an earlier one where the same envelope came
        before; or why it is not held.
        """
        submission_id, record_id = str(metadata.submission_id), metadata.record_id
        with self._transaction() as db:
            earlier = db.execute(
                "SELECT receipt FROM photo WHERE submission_id = ?", (submission_id,)
            ).fetchone()
            if earlier is not None:
                held = Receipt.model_validate_json(earlier["receipt"])
                return held if held.envelope_sha256 == receipt.envelope_sha256 else "conflict"
            row = db.execute(f"{_ROWS} WHERE record_id = ?", (record_id,)).fetchone()
            if row is None:
                return "record_unknown"
            if row["has_photo"] and not row["granted"]:
                return "already_photographed"
            db.execute(
                "INSERT INTO photo (submission_id, record_id, metadata, jpeg, receipt)"
                " VALUES (?, ?, ?, ?, ?)",
                (
                    submission_id,
                    record_id,
                    metadata.model_dump_json(),
                    jpeg,
                    receipt.model_dump_json(),
                ),
            )
            db.execute("UPDATE record SET granted = 0 WHERE record_id = ?", (record_id,))
            _touch(db)
        return receipt

    def photos(self, limit: int, offset: int) -> list[Held]:
        """Give the photos, newest first."""
        with self._connection() as db:
            rows = db.execute(
                f"{_PHOTOS} ORDER BY photo.number DESC LIMIT ? OFFSET ?", (limit, offset)
            ).fetchall()
        return [_held(row) for row in rows]

    def last_photos(self) -> Iterator[tuple[Held, bytes]]:
        """Give each photographed record's newest photo with its JPEG, one after another."""
        with self._connection() as db:
            rows = db.execute(
                f"{_PHOTOS} WHERE photo.number IN (SELECT max(number) FROM photo"
                " GROUP BY record_id) ORDER BY record.student_no"
            ).fetchall()
        for row in rows:
            held = _held(row)
            jpeg = self.jpeg(held.metadata.submission_id)
            if jpeg is not None:
                yield held, jpeg

    def jpeg(self, submission_id: UUID) -> bytes | None:
        """Give a photo's JPEG; None where no such photo is held."""
        with self._connection() as db:
            row = db.execute(
                "SELECT jpeg FROM photo WHERE submission_id = ?", (str(submission_id),)
            ).fetchone()
        return None if row is None else bytes(row["jpeg"])

    def counts(self) -> Counts:
        """Count what is held."""
        with self._connection() as db:
            row = db.execute(
                "SELECT (SELECT count(*) FROM record),"
                " (SELECT count(DISTINCT record_id) FROM photo),"
                " (SELECT count(*) FROM photo), (SELECT count(*) FROM booth)"
            ).fetchone()
        return Counts(*row)

    # ---- the file ----

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
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
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction, kept at the end, or dropped with the connection that raised in it."""
        with self._connection() as db:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")


def _touch(db: sqlite3.Connection) -> None:
    db.execute("UPDATE roster SET revision = revision + 1")


def _record(row: sqlite3.Row) -> Record:
    return Record(*(row[field] for field in Record._fields))


def _student(row: sqlite3.Row) -> Student:
    return Student(
        record_id=row["record_id"],
        name=row["name"],
        student_no=row["student_no"],
        institution_code=row["institution_code"],
        institution=row["institution"],
        college=row["college"],
    )


def _resolution(row: sqlite3.Row) -> Resolution:
    if is_abnormal(row["student_no"]):
        return "record_abnormal"
    if row["has_photo"] and not row["granted"]:
        return "already_photographed"
    return _student(row)


def _held(row: sqlite3.Row) -> Held:
    return Held(
        Metadata.model_validate_json(row["metadata"]),
        Receipt.model_validate_json(row["receipt"]),
        _student(row),
    )

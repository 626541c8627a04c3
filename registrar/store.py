"""What the registrar holds: booths, records of study, and photos, each call one transaction.

A photo and its receipt are both held after one commit, or neither.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from uuid import UUID

from nacl.signing import VerifyKey

from protocol.envelope import Metadata
from protocol.receipt import PhotoRefusal, Receipt
from protocol.roster import Resolution
from protocol.student import Student
from registrar.database import Database
from registrar.errors import StoreError, UsageError
from registrar.photos import PHOTO_STORE, PhotoStore
from registrar.roster import Record, is_abnormal

_SELECT_RECORDS = """
SELECT record.*, EXISTS (SELECT * FROM photo WHERE photo.record_id = record.record_id) AS has_photo
FROM record
"""

_SELECT_PHOTOS = """
SELECT photo.number, photo.metadata, photo.receipt, record.record_id, record.name,
    record.student_no, record.institution_code, record.institution, record.college
FROM photo JOIN record USING (record_id)
"""


@dataclass(frozen=True, slots=True)
class HeldPhoto:
    """A photo that the registrar holds, without its pixels."""

    metadata: Metadata
    receipt: Receipt
    student: Student


@dataclass(frozen=True, slots=True)
class StoreCounts:
    """How much the registrar holds."""

    records: int
    photographed: int
    """Records with a photo."""
    photos: int
    booths: int


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import has changed, in records."""

    new: int
    changed: int
    same: int


class Store:
    """The data folder. Each call is one transaction of its own, and any thread may make it."""

    def __init__(self, folder: Path, photos: PhotoStore = PHOTO_STORE) -> None:
        """Open the data folder, or make it for its owner only; raises StoreError, UsageError."""
        self.folder = folder
        self._database = Database(folder)
        self._photos = photos

    # ---- booths ----

    def enrol_booth(self, booth_id: str, verify_key: VerifyKey) -> None:
        """Serve a booth from now on; raises UsageError where its name is taken by another key."""
        with self._database.transaction() as db:
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
        with self._database.transaction() as db:
            if not db.execute("DELETE FROM booth WHERE booth_id = ?", (booth_id,)).rowcount:
                raise UsageError(f"booth {booth_id}: is not enrolled; see registrar booth list")

    def booths(self) -> dict[str, VerifyKey]:
        """The booths that are served, with their keys."""
        with self._database.connection() as db:
            rows = db.execute("SELECT * FROM booth ORDER BY booth_id").fetchall()
        return {row["booth_id"]: VerifyKey(row["verify_key"]) for row in rows}

    # ---- roster ----

    def import_records(self, records: Iterable[Record]) -> ImportResult:
        """Add records and change those with the same id, all or none; none is removed.

        Raises UsageError where a capture code belongs to another record already.
        """
        columns = ", ".join(Record._fields)
        values = ", ".join(f":{field}" for field in Record._fields)
        changes = ", ".join(f"{field} = excluded.{field}" for field in Record._fields)
        tally = {"new": 0, "changed": 0, "same": 0}
        with self._database.transaction() as db:
            for record in records:
                row = db.execute(
                    f"SELECT {columns} FROM record WHERE record_id = ?", (record.record_id,)
                ).fetchone()
                outcome = "new" if row is None else "same" if tuple(row) == record else "changed"
                tally[outcome] += 1
                try:
                    db.execute(
                        f"INSERT INTO record ({columns}) VALUES ({values})"
                        f" ON CONFLICT (record_id) DO UPDATE SET {changes}",
                        record._asdict(),
                    )
                except sqlite3.IntegrityError as error:
                    raise UsageError(
                        f"record {record.record_id}: its capture code belongs to another record; "
                        "nothing was imported"
                    ) from error
            _count_change(db)
        return ImportResult(**tally)

    def records(self) -> list[tuple[Record, bool]]:
        """Every record of study, and whether it has a photo."""
        with self._database.connection() as db:
            rows = db.execute(
                f"{_SELECT_RECORDS} ORDER BY college, student_no, record_id"
            ).fetchall()
        return [(_record(row), bool(row["has_photo"])) for row in rows]

    def grant(self, record_id: str) -> None:
        """Permit one more photo of a student who has one; UsageError where there is no such."""
        with self._database.transaction() as db:
            if not db.execute(
                "UPDATE record SET granted = 1 WHERE record_id = ?", (record_id,)
            ).rowcount:
                raise UsageError(f"record {record_id}: is not in the roster")
            _count_change(db)

    def resolve(self, capture_code: str) -> Resolution:
        """Say whose a capture code is, or why its owner is not admitted."""
        with self._database.connection() as db:
            row = db.execute(
                f"{_SELECT_RECORDS} WHERE capture_code = ?", (capture_code,)
            ).fetchone()
        return "code_unknown" if row is None else _resolution(row)

    def resolutions(self) -> tuple[int, dict[str, Resolution]]:
        """The roster's revision, and what it answers to each capture code."""
        with self._database.connection() as db:
            db.execute("BEGIN")
            (revision,) = db.execute("SELECT revision FROM roster").fetchone()
            rows = db.execute(_SELECT_RECORDS).fetchall()
        return revision, {row["capture_code"]: _resolution(row) for row in rows}

    def revision(self) -> int:
        """The number that grows with every change of what the roster answers."""
        with self._database.connection() as db:
            return int(db.execute("SELECT revision FROM roster").fetchone()[0])

    # ---- photos ----

    def add_photo(
        self, metadata: Metadata, jpeg: bytes, receipt: Receipt
    ) -> Receipt | PhotoRefusal:
        """Hold a photo under a receipt, once; on the disk when this returns.

        Returns the receipt under which it is held, an earlier one where the same envelope came
        before; or why it is not held. Raises StoreError.
        """
        submission_id, record_id = str(metadata.submission_id), metadata.record_id
        with self._database.transaction() as db:
            earlier = db.execute(
                "SELECT receipt FROM photo WHERE submission_id = ?", (submission_id,)
            ).fetchone()
            if earlier is not None:
                held = Receipt.model_validate_json(earlier["receipt"])
                return held if held.envelope_sha256 == receipt.envelope_sha256 else "conflict"
            row = db.execute(f"{_SELECT_RECORDS} WHERE record_id = ?", (record_id,)).fetchone()
            if row is None:
                return "record_unknown"
            if row["has_photo"] and not row["granted"]:
                return "already_photographed"
            db.execute(
                "INSERT INTO photo (submission_id, record_id, metadata, jpeg, receipt)"
                " VALUES (?, ?, ?, x'', ?)",
                (submission_id, record_id, metadata.model_dump_json(), receipt.model_dump_json()),
            )
            self._keep(db, metadata.submission_id, jpeg)
            db.execute("UPDATE record SET granted = 0 WHERE record_id = ?", (record_id,))
            _count_change(db)
        return receipt

    def _keep(self, db: sqlite3.Connection, submission_id: UUID, jpeg: bytes) -> None:
        """Keep a photo's bytes before its row is committed, and read them back."""
        self._photos.put(db, submission_id, jpeg)
        if self._photos.get(db, submission_id) != jpeg:
            raise StoreError(f"photo {submission_id}: was not kept as it came; check the disk")

    def photos(self, limit: int, offset: int) -> list[HeldPhoto]:
        """The photos, newest first: `limit` of them after the first `offset`."""
        with self._database.connection() as db:
            rows = db.execute(
                f"{_SELECT_PHOTOS} ORDER BY photo.number DESC LIMIT ? OFFSET ?", (limit, offset)
            ).fetchall()
        return [_held_photo(row) for row in rows]

    def last_photos(self) -> Iterator[tuple[HeldPhoto, bytes]]:
        """Each photographed record's newest photo with its JPEG, one after another."""
        with self._database.connection() as db:
            rows = db.execute(
                f"{_SELECT_PHOTOS} WHERE photo.number IN (SELECT max(number) FROM photo"
                " GROUP BY record_id) ORDER BY record.student_no"
            ).fetchall()
        for row in rows:
            held = _held_photo(row)
            jpeg = self.jpeg(held.metadata.submission_id)
            if jpeg is not None:
                yield held, jpeg

    def jpeg(self, submission_id: UUID) -> bytes | None:
        """A photo's JPEG; None where no such photo is held."""
        with self._database.connection() as db:
            held = db.execute(
                "SELECT 1 FROM photo WHERE submission_id = ?", (str(submission_id),)
            ).fetchone()
            return None if held is None else self._photos.get(db, submission_id)

    def counts(self) -> StoreCounts:
        """Count what is held."""
        with self._database.connection() as db:
            row = db.execute(
                "SELECT (SELECT count(*) FROM record),"
                " (SELECT count(DISTINCT record_id) FROM photo),"
                " (SELECT count(*) FROM photo), (SELECT count(*) FROM booth)"
            ).fetchone()
        return StoreCounts(*row)


def _count_change(db: sqlite3.Connection) -> None:
    """Tell the extracts that the roster answers otherwise from now on."""
    db.execute("UPDATE roster SET revision = revision + 1")


def _record(row: sqlite3.Row) -> Record:
    return Record(*(row[field] for field in Record._fields))


def _student(row: sqlite3.Row) -> Student:
    return Student(*(row[field.name] for field in fields(Student)))


def _resolution(row: sqlite3.Row) -> Resolution:
    if is_abnormal(row["student_no"]):
        return "record_abnormal"
    if row["has_photo"] and not row["granted"]:
        return "already_photographed"
    return _student(row)


def _held_photo(row: sqlite3.Row) -> HeldPhoto:
    return HeldPhoto(
        Metadata.model_validate_json(row["metadata"]),
        Receipt.model_validate_json(row["receipt"]),
        _student(row),
    )

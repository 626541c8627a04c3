"""What the registrar holds: booths, records of study, and photos, each call one transaction.

A photo and its receipt are both held after one commit, or neither.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from nacl.signing import VerifyKey
from pydantic import ValidationError

from protocol.envelope import Metadata
from protocol.receipt import PhotoRefusal, Receipt
from protocol.report import BoothReport
from protocol.request import CLOCK_WINDOW
from protocol.roster import Resolution
from protocol.student import Student
from registrar.database import Database
from registrar.errors import StoreError, UsageError
from registrar.photos import PHOTO_STORE, PhotoStore
from registrar.roster import Record, is_abnormal, student_no_key

_SELECT_RECORDS = """
SELECT record.*, EXISTS (SELECT * FROM photo WHERE photo.record_id = record.record_id) AS has_photo
FROM record
"""

_SELECT_PHOTOS = """
SELECT photo.number, photo.metadata, photo.receipt, record.record_id, record.name,
    record.student_no, record.institution_code, record.institution, record.college
FROM photo JOIN record USING (record_id)
"""


EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
"""No photo of a booth's is older: what is, was taken by a clock that was never set."""


@dataclass(frozen=True, slots=True)
class FormerKey:
    """A key by which a booth was served until it was removed."""

    booth_id: str
    key: VerifyKey
    accepted: bool
    """Whether photos signed with it are taken all the same."""


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

    # ---- booths and keys ----

    def check_own_keys(self, public_keys: Mapping[str, bytes]) -> None:
        """Check that the registrar's keys are those that booths were told, or remember them.

        `public_keys` are the public halves by their files' names. Raises StoreError.
        """
        with self._database.transaction() as db:
            known = {row["file"]: row["public_key"] for row in db.execute("SELECT * FROM own_key")}
            for file, public_key in public_keys.items():
                if known.setdefault(file, public_key) != public_key:
                    raise StoreError(
                        f"{self.folder / file}: is not the key that booths were told; bring that"
                        " one back from a copy"
                    )
            db.executemany("INSERT OR IGNORE INTO own_key VALUES (?, ?)", known.items())

    def knows_of_booths(self) -> bool:
        """Say whether booths were told the registrar's keys, or have sent photos."""
        with self._database.connection() as db:
            (any_,) = db.execute(
                "SELECT EXISTS (SELECT * FROM booth) OR EXISTS (SELECT * FROM former_key)"
                " OR EXISTS (SELECT * FROM photo) OR EXISTS (SELECT * FROM own_key)"
            ).fetchone()
        return bool(any_)

    def enrol_booth(self, booth_id: str, verify_key: VerifyKey) -> None:
        """Serve a booth from now on; raises UsageError where its name is taken by another key."""
        named = (booth_id, bytes(verify_key))
        with self._database.transaction() as db:
            row = db.execute(
                "SELECT verify_key FROM booth WHERE booth_id = ?", (booth_id,)
            ).fetchone()
            if row is None:
                db.execute("INSERT INTO booth VALUES (?, ?)", named)
                db.execute("DELETE FROM former_key WHERE booth_id = ? AND verify_key = ?", named)
            elif row["verify_key"] != bytes(verify_key):
                raise UsageError(
                    f"booth {booth_id}: is enrolled with another key; "
                    f"remove it first: registrar booth remove {booth_id}"
                )

    def remove_booth(self, booth_id: str) -> None:
        """Serve a booth no more; its photos stay. Raises UsageError where there is none.

        Its key is remembered, so that a photo that still comes with it can be told.
        """
        with self._database.transaction() as db:
            db.execute(
                "INSERT OR IGNORE INTO former_key (booth_id, verify_key)"
                " SELECT booth_id, verify_key FROM booth WHERE booth_id = ?",
                (booth_id,),
            )
            if not db.execute("DELETE FROM booth WHERE booth_id = ?", (booth_id,)).rowcount:
                raise UsageError(f"booth {booth_id}: is not enrolled; see registrar booth list")

    def accept_former_keys(self, booth_id: str) -> int:
        """Take photos that were signed with a booth's former keys from now on; how many keys.

        Raises UsageError where it has none.
        """
        with self._database.transaction() as db:
            changed = db.execute(
                "UPDATE former_key SET accepted = 1 WHERE booth_id = ?", (booth_id,)
            ).rowcount
            if not changed:
                raise UsageError(f"booth {booth_id}: has no former key; see registrar booth list")
        return changed

    def booths(self) -> dict[str, VerifyKey]:
        """The booths that are served, with their keys."""
        with self._database.connection() as db:
            rows = db.execute("SELECT * FROM booth ORDER BY booth_id").fetchall()
        return {row["booth_id"]: VerifyKey(row["verify_key"]) for row in rows}

    def former_keys(self) -> list[FormerKey]:
        """The keys by which booths were served once."""
        with self._database.connection() as db:
            rows = db.execute("SELECT * FROM former_key ORDER BY booth_id, verify_key").fetchall()
        return [
            FormerKey(row["booth_id"], VerifyKey(row["verify_key"]), bool(row["accepted"]))
            for row in rows
        ]

    def keep_report(self, booth_id: str, report: BoothReport, received_at: datetime) -> None:
        """Keep how a booth stands, in the place of what it told before."""
        with self._database.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO report VALUES (?, ?, ?)",
                (booth_id, received_at.isoformat(), report.model_dump_json()),
            )

    def reports(self) -> dict[str, tuple[datetime, BoothReport]]:
        """What each booth that is served told last, and when that came."""
        with self._database.connection() as db:
            rows = db.execute(
                "SELECT report.* FROM report JOIN booth USING (booth_id) ORDER BY booth_id"
            ).fetchall()
        reports = {}
        for row in rows:
            with suppress(ValidationError):  # another version's: the next one replaces it
                report = BoothReport.model_validate_json(row["report"])
                reports[row["booth_id"]] = datetime.fromisoformat(row["received_at"]), report
        return reports

    # ---- roster ----

    def import_records(self, records: Iterable[Record]) -> ImportResult:
        """Add records and change those with the same id, all or none; none is removed.

        Codes may go from hand to hand among the records that come: what counts is who has them in
        the end. Raises UsageError where then two records have one capture code, or one student
        number.
        """
        columns = ", ".join(Record._fields)
        values = ", ".join(f":{field}" for field in Record._fields)
        changes = ", ".join(f"{field} = excluded.{field}" for field in Record._fields)
        tally = {"new": 0, "changed": 0, "same": 0}
        with self._database.transaction() as db:
            held = {row["record_id"]: _record(row) for row in db.execute("SELECT * FROM record")}
            coming = {record.record_id: record for record in records}
            _check_each_has_its_own(held, coming)
            for record in coming.values():
                before = held.get(record.record_id)
                tally["new" if before is None else "same" if before == record else "changed"] += 1
            # No record's code while they change hands: a code that begins so is never printable.
            db.executemany(
                "UPDATE record SET capture_code = char(0) || record_id WHERE record_id = ?",
                [(record_id,) for record_id in coming],
            )
            db.executemany(
                f"INSERT INTO record ({columns}) VALUES ({values})"
                f" ON CONFLICT (record_id) DO UPDATE SET {changes}",
                [record._asdict() for record in coming.values()],
            )
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
            if not EARLIEST <= metadata.taken_at <= receipt.at + timedelta(seconds=CLOCK_WINDOW):
                return "time"
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

    def find_photos(self, number: str) -> list[HeldPhoto]:
        """The photos of this submission number, as a student's receipt has it (`short_number`)."""
        with self._database.connection() as db:
            rows = db.execute(
                f"{_SELECT_PHOTOS} WHERE substr(photo.submission_id, 1, 8) = ?",
                (number.replace("-", "").strip().lower(),),
            ).fetchall()
        return [_held_photo(row) for row in rows]

    def photographed(self) -> list[Student]:
        """The students of whom photos are held, by student number."""
        with self._database.connection() as db:
            rows = db.execute(
                "SELECT * FROM record WHERE record_id IN (SELECT record_id FROM photo)"
                " ORDER BY student_no, record_id"
            ).fetchall()
        return [_student(row) for row in rows]

    def last_photos(self) -> Iterator[tuple[HeldPhoto, bytes]]:
        """Each photographed record's newest photo with its JPEG; raises StoreError."""
        for student in self.photographed():
            yield self.last_photo(student.record_id)

    def last_photo(self, record_id: str) -> tuple[HeldPhoto, bytes]:
        """A photographed record's newest photo with its JPEG.

        Raises StoreError where it cannot be read, or is not what was held.
        """
        with self._database.connection() as db:
            row = db.execute(
                f"{_SELECT_PHOTOS} WHERE record_id = ? ORDER BY photo.number DESC LIMIT 1",
                (record_id,),
            ).fetchone()
            if row is None:
                raise StoreError(f"record {record_id}: has no photo")
            try:
                held = _held_photo(row)
            except ValidationError as error:
                raise StoreError(
                    f"record {record_id}: what is held of its photo cannot be read; bring"
                    " registrar.sqlite back from a copy"
                ) from error
            jpeg = self._photos.get(db, held.metadata.submission_id)
        if hashlib.sha256(jpeg).digest() != held.metadata.photo_sha256:
            raise StoreError(
                f"record {record_id}: its photo was damaged on the disk; bring it back from a copy"
            )
        return held, jpeg

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


def _check_each_has_its_own(held: Mapping[str, Record], coming: Mapping[str, Record]) -> None:
    """Raise UsageError where two records would have one capture code or student number."""
    for what, key in _ITS_OWN:
        owners = {
            key(record): record.record_id
            for record in held.values()
            if record.record_id not in coming and key(record)
        }
        for record in coming.values():
            owner = owners.setdefault(key(record), record.record_id) if key(record) else None
            if owner not in (None, record.record_id):
                said = f": {record.student_no}" if what == "student number" else ""
                raise UsageError(
                    f"record {record.record_id}: its {what} belongs to record {owner}{said};"
                    " give each its own, both in one file; nothing was imported"
                )


_ITS_OWN: tuple[tuple[str, Callable[[Record], str]], ...] = (
    ("capture code", lambda record: record.capture_code),
    (
        "student number",
        lambda record: "" if is_abnormal(record.student_no) else student_no_key(record.student_no),
    ),
)
"""What no two records share; empty where a record has none."""


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

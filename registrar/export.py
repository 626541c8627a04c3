"""Export: approved photos as files, each with its record of provenance, a list, and checksums.

Which photos may leave is said in `registrar.exportable`, what their files are called in
`registrar.naming`.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from registrar.audit import append
from registrar.errors import StoreError
from registrar.exportable import Exportable, Selection, exportable
from registrar.naming import NAMINGS, FileNames, NamedBy, name_files
from registrar.opening import open_held
from registrar.photos import HeldPhoto, held_photo
from registrar.store import Store
from registrar.vault import Vault

LIST, CHECKSUMS, MANIFEST = "photos.csv", "SHA256SUMS", "manifest.json"
"""Beside the photos: who is who; each file's SHA-256, as `sha256sum -c` reads it; what was asked
for, and how many there are."""

HEADER = [
    "student_no",
    "name",
    "record_id",
    "institution_code",
    "institution",
    "college",
    "taken_at",
    "received_at",
    "booth_id",
    "photo_sha256",
    "file",
]


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be exported, for whom, and as of when."""

    selection: Selection
    named_by: NamedBy
    by: str
    """Who exports, as the audit log has it."""
    at: datetime


@dataclass(frozen=True, slots=True)
class ExportedPhoto:
    """A photo's files."""

    names: FileNames
    photo: bytes
    provenance: bytes
    row: list[str]
    """Its line of the list."""

    @property
    def files(self) -> dict[str, bytes]:
        """The files by name, as they appear: a photo never without its record."""
        return {self.names.provenance: self.provenance, self.names.photo: self.photo}

    def checksums(self) -> bytes:
        """The files' lines among the checksums."""
        lines = [checksum(name, content) for name, content in self.files.items()]
        return b"".join(lines)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why a photo is not exported, with the way out, in words for staff."""

    reason: str


def read_photos(store: Store, vault: Vault, request: Request) -> Iterator[ExportedPhoto | LeftOut]:
    """Each photo that may leave, or why it does not; one at a time in memory. Audited.

    Raises StoreError where the database cannot be read.
    """
    note_export(store, request, "export.begin", {})
    naming = NAMINGS[request.named_by]
    for photo in exportable(store.database, request.selection, naming, request.at):
        record_id = photo.record.record_id
        names = name_files(photo.record, naming)
        if isinstance(names, str):
            yield LeftOut(f"record {record_id}: {names}; mend the roster")
        elif photo.sharing:
            yield LeftOut(_say_shared(photo, naming.term))
        else:
            try:
                held = held_photo(photo.row)
                jpeg = open_held(store, vault, held)
            except ValidationError:
                yield LeftOut(
                    f"record {record_id}: what is held of its photo cannot be read; bring the"
                    " database back from a copy"
                )
            except StoreError as error:
                yield LeftOut(f"record {record_id}: {error}")
            else:
                provenance = held.metadata.provenance.as_file()
                yield ExportedPhoto(names, jpeg, provenance, _row(held, names))


def note_export(store: Store, request: Request, action: str, counted: dict[str, int]) -> None:
    """Write into the audit log that somebody exports, or has exported."""
    told = request.selection.texts()
    code = told.pop("institution_code", "")
    with store.database.transaction() as db:
        append(db, request.at, request.by, action, code, **told, **counted)


def manifest(request: Request, photos: int, left_out: int, waiting: int, checksums: bytes) -> bytes:
    """What was asked for and what there is; `checksums` is the SHA-256 of that file."""
    told = {
        "kind": "export 1",
        **_asked(request),
        "exported_at": request.at.isoformat(),
        "photos": photos,
        "left_out": left_out,
        "waiting_for_review": waiting,
        "checksums_sha256": checksums.hex(),
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"


def is_of_this(request: Request, found: bytes) -> bool:
    """Say whether a manifest is of an export of just this, done before."""
    try:
        told = json.loads(found)
    except ValueError:
        return False
    return isinstance(told, dict) and {**told, **_asked(request)} == told


def checksum(name: str, content: bytes) -> bytes:
    """A file's line among the checksums."""
    return f"{hashlib.sha256(content).hexdigest()}  {name}\n".encode()


def _asked(request: Request) -> dict[str, object]:
    return {"selection": request.selection.texts(), "named_by": request.named_by}


def _say_shared(photo: Exportable, term: str) -> str:
    said = " and ".join(sorted((photo.record.record_id, *photo.sharing)))
    return (
        f"record {photo.record.record_id}: records {said} have one {term}, or {term}s that a stick"
        " confuses; mend the roster, or export one institution"
    )


def _row(held: HeldPhoto, names: FileNames) -> list[str]:
    student, metadata = held.student, held.metadata
    return [
        student.student_no,
        student.name,
        student.record_id,
        student.institution_code,
        student.institution,
        student.college,
        metadata.taken_at.isoformat(),
        held.receipt.at.isoformat(),
        metadata.booth_id,
        metadata.photo_sha256.hex(),
        names.photo,
    ]

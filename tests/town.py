"""A registrar, an enrolled booth and its students, for the tests of both sides."""

import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid5

import numpy as np
from nacl.signing import SigningKey
from PIL import Image

from kiosk.sync.client import RegistrarClient
from kiosk.sync.keys import make_signing_key, parse_registrar_key
from kiosk.sync.outbox import Outbox
from protocol.envelope import Envelope, Metadata, seal_photo
from protocol.provenance import Operation, Provenance
from protocol.roster import Question
from protocol.signing import UNSIGNED, sign
from registrar.enrolment import Enrolment
from registrar.roster import Record
from registrar.serve import Server
from registrar.store import Store

BOOTH = "booth-1"
INSTITUTION = "10000"
STAFF = "staff-1"
TAKEN_AT = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
_IDS = UUID("6f0c4c6e-6f3c-4a7e-9d0a-2f3f2f1f5a10")


def picture(number: int) -> bytes:
    """A small JPEG that no other number makes."""
    pixels = np.random.default_rng(number).integers(0, 256, (16, 12, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).resize((120, 160)).save(file, "JPEG", quality=80)
    return file.getvalue()


def record(number: int, **changes: str) -> Record:
    """The record of study of student `number`."""
    usual = Record(
        f"code-{number}",
        f"record-{number}",
        f"学生{number}",
        f"2022{number:06d}",
        INSTITUTION,
        "示范大学",
        "文学院",
    )
    return usual._replace(**changes)


def question(capture_code: str) -> Question:
    """Whose a capture code is, where nobody is to be photographed."""
    return Question(capture_code=capture_code)


def submission(number: int) -> UUID:
    """The submission id of photo `number`."""
    return uuid5(_IDS, str(number))


def provenance(jpeg: bytes, key: SigningKey, **changes: object) -> Provenance:
    """A booth's signed record of a photo; `changes` are made before it is signed."""
    usual = Provenance(
        photo_sha256=hashlib.sha256(jpeg).digest(),
        capture_sha256=hashlib.sha256(b"capture").digest(),
        made_at=TAKEN_AT,
        booth_id=BOOTH,
        operations=(
            Operation(name="crop", parameters={"left": 12.0, "top": 30.25, "rows": 640}),
            Operation(name="encode", parameters={"quality": 95, "chroma": "4:4:4"}),
        ),
        rules={"one_face": 1.0, "glasses_glare": None},
        fidelity={"psnr": 71.5, "psnr_jpeg": 44.0, "structured": 0.75},
        kiosk_version="0.1.0",
        models={"modnet": "ab" * 32},
        calibration={"exposure_time": 10_000, "analogue_gain": 1.5},
        signature=UNSIGNED,
    )
    return sign(usual.model_copy(update=changes), key)


class Town:
    """A running registrar with one booth; `students` of them are on the roster."""

    def __init__(self, server: Server, folder: Path, students: int = 0) -> None:
        self.server = server
        self.store = server.store
        self.folder = folder
        self.key = make_signing_key(folder / "signing.key")
        self.enrolment: Enrolment = server.enrol(BOOTH, self.key.verify_key)
        self.outbox = Outbox(folder / "outbox.sqlite")
        self.roster = folder / "roster.extract"
        self.store.records.import_records(record(number) for number in range(students))

    def client(
        self,
        url: str | None = None,
        *,
        booth_id: str = BOOTH,
        key: SigningKey | None = None,
        clock: Callable[[], float] = lambda: datetime.now(UTC).timestamp(),
    ) -> RegistrarClient:
        """A client of the booth, or of one that pretends to be it."""
        return RegistrarClient(
            url or self.server.url,
            booth_id,
            key or self.key,
            self.server.keys.signing_key.verify_key,
            timeout=(5.0, 20.0),
            clock=clock,
        )

    def envelope(
        self,
        number: int,
        *,
        of_student: int | None = None,
        photo: bytes | None = None,
        record: Provenance | None = None,
    ) -> Envelope:
        """Seal photo `number`, which is of the student of that number unless said otherwise.

        `record` is what vouches for it instead of its own.
        """
        jpeg = picture(number) if photo is None else photo
        student = number if of_student is None else of_student
        metadata = Metadata(
            submission_id=submission(number),
            record_id=f"record-{student}",
            taken_at=TAKEN_AT,
            booth_id=BOOTH,
            photo_sha256=hashlib.sha256(jpeg).digest(),
            rules={"one_face": 1.0, "glasses_glare": None},
            kiosk_version="0.1.0",
            provenance=record or provenance(jpeg, self.key),
        )
        key = parse_registrar_key(self.enrolment.registrar_public_key)
        return seal_photo(metadata, jpeg, key, self.key)

    def put(self, count: int) -> None:
        """Put the photos of students 0 to count - 1 into the outbox."""
        for number in range(count):
            self.outbox.put(self.envelope(number))

    def permit(self, number: int) -> None:
        """Let student `number` be photographed once more."""
        self.store.permits.give(f"record-{number}", "the name was misspelt", STAFF, TAKEN_AT)

    def approve(self, *numbers: int, at: datetime = TAKEN_AT) -> None:
        """Approve photos, by one person."""
        for number in numbers:
            self.store.reviews.decide(STAFF, submission(number), "approved", at)

    def refuse(self, number: int, reason: str = "eyes_closed", at: datetime = TAKEN_AT) -> None:
        """Refuse a photo, by one person."""
        self.store.reviews.decide(STAFF, submission(number), "refused", at, reason=reason)

    def held(self) -> dict[UUID, bytes]:
        """Every photo at the registrar by its submission id; ValueError for one held twice."""
        photos = self.store.photos.newest(100_000, 0)
        ids = [held.metadata.submission_id for held in photos]
        if len(ids) != len(set(ids)):
            raise ValueError("a submission is held twice")
        return {submission_id: self.jpeg(submission_id) or b"" for submission_id in ids}

    def jpeg(self, submission_id: UUID, store: Store | None = None) -> bytes | None:
        """A photo as the registrar holds it, opened; None where it holds none."""
        sealed = (store or self.store).photos.sealed(submission_id)
        return None if sealed is None else self.server.keys.vault.photo(sealed)[1]

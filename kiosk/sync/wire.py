"""What booth and registrar say to each other: the types, and the very bytes that each signs.

JSON, with bytes as URL-safe base64. The registrar imports this module and nothing else of `kiosk`.
"""

import hashlib
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from kiosk.student import Student

__all__ = [
    "BOOTH_HEADER",
    "CLOCK_WINDOW",
    "PREFIX",
    "RESOLUTION",
    "SIGNATURE_HEADER",
    "TIME_HEADER",
    "CodeRefusal",
    "Envelope",
    "Extract",
    "Metadata",
    "PhotoRefusal",
    "Problem",
    "Question",
    "Receipt",
    "Resolution",
    "Student",
    "entry_index",
    "entry_key",
    "envelope_message",
    "receipt_message",
    "request_message",
]

PREFIX = "/v1"
"""Every path of the protocol starts with its version."""

CLOCK_WINDOW = 300
"""Seconds by which a booth's clock may differ from the registrar's, and a request be repeated."""

BOOTH_HEADER = "Booth-Id"
TIME_HEADER = "Booth-Time"
"""Whole seconds since 1970, by the booth's clock."""
SIGNATURE_HEADER = "Booth-Signature"
"""The booth's signature of `request_message`, in hexadecimal."""

CodeRefusal = Literal["code_unknown", "already_photographed", "record_abnormal"]
"""Why the registrar does not admit the student behind a capture code."""

PhotoRefusal = Literal["already_photographed", "record_unknown", "unreadable", "conflict"]
"""Why the registrar does not take a photo. unreadable: the envelope does not open, or what is in
it is not the JPEG that it claims. conflict: another envelope holds this submission id."""

BoothId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
Digest = Annotated[bytes, Field(min_length=32, max_length=32)]
Signature = Annotated[bytes, Field(min_length=64, max_length=64)]


class _Wire(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64"
    )


class Metadata(_Wire):
    """What is sealed together with a photo."""

    submission_id: UUID
    record_id: str
    taken_at: AwareDatetime
    booth_id: BoothId
    photo_sha256: Digest
    rules: dict[str, float | None]
    """Each rule's value at the shutter; None where it was not judged."""
    kiosk_version: str


class Envelope(_Wire):
    """A photo and its metadata, sealed to the registrar and signed by the booth."""

    submission_id: UUID
    """Outside the seal too: however often an envelope is sent, it is one submission."""
    booth_id: BoothId
    sealed: bytes
    """A NaCl sealed box of the metadata's JSON in one line, a line feed, and the JPEG."""
    signature: Signature

    @property
    def message(self) -> bytes:
        """The bytes that the booth signed."""
        return envelope_message(self.submission_id, self.booth_id, self.sealed)

    @property
    def sha256(self) -> bytes:
        """The digest by which a receipt names this envelope, and no other."""
        return hashlib.sha256(self.message).digest()


class Receipt(_Wire):
    """The registrar's signed word on one envelope: held, or why not."""

    submission_id: UUID
    envelope_sha256: Digest
    at: AwareDatetime
    refused: PhotoRefusal | None
    """None: the registrar holds the photo."""
    signature: Signature

    @property
    def message(self) -> bytes:
        """The bytes that the registrar signed."""
        return receipt_message(self.submission_id, self.envelope_sha256, self.at, self.refused)


class Question(_Wire):
    """Whose is this capture code? It travels in a body, so that no log of paths keeps it."""

    capture_code: Annotated[str, Field(min_length=1, max_length=4096)]


Resolution = Student | CodeRefusal
"""The answer: the student who may be photographed, or why there is none."""

RESOLUTION: TypeAdapter[Resolution] = TypeAdapter(Resolution)


class Extract(_Wire):
    """The roster for a booth without network. It names nobody to one who has no capture code."""

    kind: Literal["roster extract 1"] = "roster extract 1"
    issued_at: AwareDatetime
    salt: Digest
    """Drawn anew for each extract, so that two of them cannot be compared."""
    entries: dict[str, bytes]
    """By `entry_index`: a NaCl secret box under `entry_key` of the resolution's JSON, padded."""


class Problem(_Wire):
    """Why a request was not served."""

    error: Literal["not_enrolled", "clock_wrong", "malformed", "too_large"]
    detail: str


def _message(kind: str, *parts: bytes) -> bytes:
    """Join the parts, each with its length before it: no two lists of parts give one message."""
    return b"".join(len(part).to_bytes(8, "big") + part for part in (kind.encode(), *parts))


def envelope_message(submission_id: UUID, booth_id: str, sealed: bytes) -> bytes:
    """Give the bytes that a booth signs to vouch for an envelope."""
    return _message("envelope 1", submission_id.bytes, booth_id.encode(), sealed)


def receipt_message(
    submission_id: UUID, envelope_sha256: bytes, at: AwareDatetime, refused: PhotoRefusal | None
) -> bytes:
    """Give the bytes that the registrar signs to vouch for a receipt."""
    texts = (at.isoformat(), refused or "")
    return _message(
        "receipt 1", submission_id.bytes, envelope_sha256, *(text.encode() for text in texts)
    )


def request_message(method: str, path: str, booth_id: str, time: str, body: bytes) -> bytes:
    """Give the bytes that a booth signs so that its request is served."""
    texts = (method, path, booth_id, time)
    return _message("request 1", *(text.encode() for text in texts), hashlib.sha256(body).digest())


def _derive(capture_code: str, salt: bytes, person: bytes) -> bytes:
    return hashlib.blake2b(capture_code.encode(), digest_size=32, key=salt, person=person).digest()


def entry_index(capture_code: str, salt: bytes) -> str:
    """Give the place of a capture code's entry in an extract, in hexadecimal."""
    return _derive(capture_code, salt, b"roster index").hex()


def entry_key(capture_code: str, salt: bytes) -> bytes:
    """Give the 32 bytes of the key that opens a capture code's entry in an extract."""
    return _derive(capture_code, salt, b"roster entry")

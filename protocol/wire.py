"""What booth and registrar say to each other: the types, and the very bytes that each signs.

JSON, with bytes as URL-safe base64.
"""

import hashlib
import json
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from protocol.student import Student

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
    "Operation",
    "PhotoRefusal",
    "Problem",
    "Provenance",
    "Question",
    "Receipt",
    "Resolution",
    "Student",
    "entry_index",
    "entry_key",
    "envelope_message",
    "provenance_message",
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

PhotoRefusal = Literal[
    "already_photographed", "record_unknown", "unreadable", "provenance", "conflict"
]
"""Why the registrar does not take a photo. unreadable: the envelope does not open, or what is in
it is not the JPEG that it claims. provenance: the record of what was done to the capture is
missing, or is not this booth's of this photo. conflict: another envelope holds this submission
id."""

BOOTH_ID = r"^[A-Za-z0-9_-]{1,32}$"
"""Pattern of a booth's name: it stands in headers, in files' names and on screens."""

BoothId = Annotated[str, Field(pattern=BOOTH_ID)]
Digest = Annotated[bytes, Field(min_length=32, max_length=32)]
Signature = Annotated[bytes, Field(min_length=64, max_length=64)]

Text = Annotated[str, Field(max_length=1000, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
"""What a terminal can show: no control characters."""
Name = Annotated[Text, Field(min_length=1)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Whole = Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)]
"""No more than every reader of JSON keeps exactly."""
Value = Number | Whole | Text


class _Wire(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64"
    )


class Operation(_Wire):
    """One thing that was done to a capture on its way to the photo."""

    name: Name
    parameters: dict[Name, Value]


class Provenance(_Wire):
    """What was done to a capture until it was the photo, signed by the booth that did it.

    It says nothing of who is in the picture, and shows none of it.
    """

    kind: Literal["provenance 1"] = "provenance 1"
    photo_sha256: Digest
    """Of the JPEG file."""
    capture_sha256: Digest
    """Of the capture's pixels, as a binary PPM file holds them."""
    made_at: AwareDatetime
    booth_id: BoothId
    operations: Annotated[tuple[Operation, ...], Field(max_length=64)]
    """All that was done, in order."""
    rules: dict[Name, Number | None]
    """Each rule's value at the shutter, None where it was not judged; empty where the capture
    came from no shutter of the booth's."""
    fidelity: dict[Name, Number]
    """How near the photo's face is to the capture's, in dB and 8-bit codes."""
    kiosk_version: Name
    models: dict[Name, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]]
    """The SHA-256 of each model that the booth had, in hexadecimal."""
    calibration: dict[Name, Value]
    """What is known of camera and lamps at the shutter; may be empty."""
    signature: Signature

    @property
    def message(self) -> bytes:
        """The bytes that the booth signed."""
        return provenance_message(self)

    def as_file(self) -> bytes:
        """Give the record as it lies beside a photo: JSON, a value a line."""
        return self.model_dump_json(indent=1).encode() + b"\n"


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
    provenance: Provenance


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


def provenance_message(provenance: Provenance) -> bytes:
    """Give the bytes that a booth signs to vouch for a record of provenance.

    All that it says but its signature, as canonical JSON (RFC 8785): UTF-8 with sorted keys and
    without spaces, so that a record signs the same however its file was laid out or its numbers
    written.
    """
    said = provenance.model_dump(mode="json", exclude={"signature"})
    return _message("provenance 1", _canonical(said).encode())


def request_message(method: str, path: str, booth_id: str, time: str, body: bytes) -> bytes:
    """Give the bytes that a booth signs so that its request is served."""
    texts = (method, path, booth_id, time)
    return _message("request 1", *(text.encode() for text in texts), hashlib.sha256(body).digest())


def _canonical(value: object) -> str:
    """Give a JSON value's one text by RFC 8785."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: str(key).encode("utf-16-be"))
        return "{" + ",".join(f"{_canonical(key)}:{_canonical(value[key])}" for key in keys) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_canonical, value)) + "]"
    if isinstance(value, float):
        return _number(value)
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _number(value: float) -> str:
    """Write a finite number as ECMAScript does: whole ones without a point, far ones as 1e+21."""
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text, point = "".join(map(str, digits)), len(digits) + int(exponent)
    if value == 0:
        return "0"
    if not -6 < point <= 21:
        fraction = f".{text[1:]}" if text[1:] else ""
        written = f"{text[0]}{fraction}e{point - 1:+d}"
    elif point <= 0:
        written = f"0.{'0' * -point}{text}"
    elif point < len(text):
        written = f"{text[:point]}.{text[point:]}"
    else:
        written = text + "0" * (point - len(text))
    return f"-{written}" if sign else written


def _derive(capture_code: str, salt: bytes, person: bytes) -> bytes:
    return hashlib.blake2b(capture_code.encode(), digest_size=32, key=salt, person=person).digest()


def entry_index(capture_code: str, salt: bytes) -> str:
    """Give the place of a capture code's entry in an extract, in hexadecimal."""
    return _derive(capture_code, salt, b"roster index").hex()


def entry_key(capture_code: str, salt: bytes) -> bytes:
    """Give the 32 bytes of the key that opens a capture code's entry in an extract."""
    return _derive(capture_code, salt, b"roster entry")

"""The envelope: a photo sealed so that only the registrar opens it, before it meets a disk."""

import hashlib
from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.signing import SigningKey, VerifyKey
from pydantic import AwareDatetime, Field, ValidationError

from protocol.provenance import Provenance
from protocol.signing import UNSIGNED, is_signed, join_parts, sign
from protocol.wire import (
    MOST_NAMED,
    WITHOUT_NUL,
    BoothId,
    Digest,
    Name,
    Signature,
    Text,
    WireType,
)


def short_number(submission_id: UUID) -> str:
    """A submission's number as people write it down, say "3F6A-91C7": the id's first eight digits.

    It says nothing of the student.
    """
    digits = submission_id.hex[:8].upper()
    return f"{digits[:4]}-{digits[4:]}"


LARGEST_METADATA = 100_000
"""Bytes of a photo's metadata as JSON, ten times what booths say. Of a megabyte of JSON that is not
of its type, pydantic makes a gigabyte of reasons."""


class Metadata(WireType):
    """What is sealed together with a photo."""

    submission_id: UUID
    record_id: Annotated[str, Field(max_length=1000, pattern=WITHOUT_NUL)]
    taken_at: AwareDatetime
    booth_id: BoothId
    photo_sha256: Digest
    rules: Annotated[dict[Name, float | None], Field(max_length=MOST_NAMED)]
    """Each rule's value at the shutter; None where it was not judged."""
    kiosk_version: Text
    provenance: Provenance


class Envelope(WireType):
    """A photo and its metadata, sealed to the registrar and signed by the booth."""

    submission_id: UUID
    """Outside the seal too: however often an envelope is sent, it is one submission."""
    booth_id: BoothId
    sealed: bytes
    """A NaCl sealed box of the metadata's JSON in one line, a line feed, and the JPEG."""
    signature: Signature

    @property
    def message(self) -> bytes:
        """The bytes that the booth signs."""
        return join_parts(
            "envelope 1", self.submission_id.bytes, self.booth_id.encode(), self.sealed
        )

    @property
    def sha256(self) -> bytes:
        """The digest by which a receipt names this envelope, and no other."""
        return hashlib.sha256(self.message).digest()


EnvelopeFault = Literal["unreadable", "sealed_elsewhere", "provenance"]
"""Why an envelope is not opened. unreadable: another key signed it, or what is in it is not what
it claims. sealed_elsewhere: its booth sealed it to another key than the registrar's. provenance:
the record of what was done to the capture is missing, or is not this booth's of this photo."""


def seal_photo(
    metadata: Metadata, photo: bytes, registrar_key: PublicKey, signing_key: SigningKey
) -> Envelope:
    """Seal a photo (the JPEG file's bytes) to the registrar, and sign it as the booth's.

    Raises ValueError where the metadata describe another photo.
    """
    if hashlib.sha256(photo).digest() != metadata.photo_sha256:
        raise ValueError("photo: its SHA-256 is not the one in its metadata; nothing was sealed")
    sealed = SealedBox(registrar_key).encrypt(metadata.model_dump_json().encode() + b"\n" + photo)
    envelope = Envelope(
        submission_id=metadata.submission_id,
        booth_id=metadata.booth_id,
        sealed=sealed,
        signature=UNSIGNED,
    )
    return sign(envelope, signing_key)


def open_envelope(
    envelope: Envelope, seal_keys: Sequence[PrivateKey]
) -> tuple[Metadata, bytes] | EnvelopeFault:
    """Open an envelope: its metadata and the photo's bytes, or what is wrong with it.

    It is sealed to one of `seal_keys`. Whether its booth signed it is asked before (`is_signed`).
    """
    opened = open_sealed(envelope.sealed, seal_keys)
    if not isinstance(opened, tuple):
        return opened
    metadata, photo = opened
    claims = (metadata.submission_id, metadata.booth_id, metadata.photo_sha256)
    if claims != (envelope.submission_id, envelope.booth_id, hashlib.sha256(photo).digest()):
        return "unreadable"
    return metadata, photo


def open_sealed(
    sealed: bytes, seal_keys: Sequence[PrivateKey]
) -> tuple[Metadata, bytes] | EnvelopeFault:
    """Open what lies sealed in an envelope: as `open_envelope` does, whatever it claims."""
    for key in seal_keys:
        try:
            line, _, photo = SealedBox(key).decrypt(sealed).partition(b"\n")
        except CryptoError:
            continue
        if len(line) > LARGEST_METADATA:
            return "unreadable"
        try:
            return Metadata.model_validate_json(line), photo
        except ValidationError as error:
            within = {found["loc"][:1] for found in error.errors()}
            return "provenance" if within == {("provenance",)} else "unreadable"
    return "sealed_elsewhere"


def is_vouched_for(metadata: Metadata, booth_key: VerifyKey) -> bool:
    """Say whether the record of provenance is this booth's, of this photo, and as it was signed.

    The photo is the one whose digest stands in the metadata of an envelope that was opened.
    """
    record = metadata.provenance
    return (record.booth_id, record.photo_sha256) == (
        metadata.booth_id,
        metadata.photo_sha256,
    ) and is_signed(record, booth_key)

"""Intake: an envelope comes in, a signed receipt goes out, and the photo is held once."""

import hashlib
from datetime import datetime
from io import BytesIO

from nacl.exceptions import BadSignatureError, CryptoError
from nacl.public import PrivateKey, SealedBox
from nacl.signing import VerifyKey
from PIL import Image
from pydantic import ValidationError

from protocol.wire import (
    Envelope,
    Metadata,
    PhotoRefusal,
    Provenance,
    Receipt,
    receipt_message,
)
from registrar.keys import Keys
from registrar.store import Store

MOST_PIXELS = 4_000_000
"""The specification's largest photo has 2.4 million."""


def take(
    store: Store, keys: Keys, booth_key: VerifyKey, envelope: Envelope, at: datetime
) -> Receipt:
    """Hold what is in an envelope, or refuse it; signed either way."""

    def sign(refused: PhotoRefusal | None) -> Receipt:
        message = receipt_message(envelope.submission_id, envelope.sha256, at, refused)
        return Receipt(
            submission_id=envelope.submission_id,
            envelope_sha256=envelope.sha256,
            at=at,
            refused=refused,
            signature=keys.sign.sign(message).signature,
        )

    opened = open_envelope(envelope, booth_key, keys.seal)
    if not isinstance(opened, tuple):
        return sign(opened)
    outcome = store.add(*opened, sign(None))
    return outcome if isinstance(outcome, Receipt) else sign(outcome)


def open_envelope(
    envelope: Envelope, booth_key: VerifyKey, seal_key: PrivateKey
) -> tuple[Metadata, bytes] | PhotoRefusal:
    """Give an envelope's metadata and JPEG; where any of it is not what it claims, the refusal."""
    try:
        booth_key.verify(envelope.message, envelope.signature)
        opened = SealedBox(seal_key).decrypt(envelope.sealed)
        line, _, jpeg = opened.partition(b"\n")
        metadata = Metadata.model_validate_json(line)
    except (BadSignatureError, CryptoError):
        return "unreadable"
    except ValidationError as error:
        within = {found["loc"][:1] for found in error.errors()}
        return "provenance" if within == {("provenance",)} else "unreadable"
    claims = (metadata.submission_id, metadata.booth_id, metadata.photo_sha256)
    truth = (envelope.submission_id, envelope.booth_id, hashlib.sha256(jpeg).digest())
    if claims != truth or not is_jpeg(jpeg):
        return "unreadable"
    return (metadata, jpeg) if vouches(metadata.provenance, metadata, booth_key) else "provenance"


def vouches(provenance: Provenance, metadata: Metadata, booth_key: VerifyKey) -> bool:
    """Say whether a record of provenance is this booth's, of this photo, and as it was signed."""
    try:
        booth_key.verify(provenance.message, provenance.signature)
    except BadSignatureError:
        return False
    said = (provenance.booth_id, provenance.photo_sha256)
    return said == (metadata.booth_id, metadata.photo_sha256)


def is_jpeg(data: bytes) -> bool:
    """Say whether the bytes are one whole JPEG picture of a photo's size, and nothing else."""
    if not (data.startswith(b"\xff\xd8\xff") and data.endswith(b"\xff\xd9")):
        return False
    try:
        with Image.open(BytesIO(data), formats=["JPEG"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return False
            picture.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
    return True

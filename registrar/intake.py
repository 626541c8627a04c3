"""Intake: an envelope comes in, a signed receipt goes out, and the photo is held once."""

import hashlib
from datetime import datetime
from io import BytesIO

from nacl.exceptions import BadSignatureError, CryptoError
from nacl.public import PrivateKey, SealedBox
from nacl.signing import VerifyKey
from PIL import Image
from pydantic import ValidationError

from kiosk.sync.wire import Envelope, Metadata, PhotoRefusal, Receipt, receipt_message
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
    if opened is None:
        return sign("unreadable")
    outcome = store.add(*opened, sign(None))
    return outcome if isinstance(outcome, Receipt) else sign(outcome)


def open_envelope(
    envelope: Envelope, booth_key: VerifyKey, seal_key: PrivateKey
) -> tuple[Metadata, bytes] | None:
    """Give an envelope's metadata and JPEG; None where any of it is not what it claims."""
    try:
        booth_key.verify(envelope.message, envelope.signature)
        opened = SealedBox(seal_key).decrypt(envelope.sealed)
        line, _, jpeg = opened.partition(b"\n")
        metadata = Metadata.model_validate_json(line)
    except (BadSignatureError, CryptoError, ValidationError):
        return None
    claims = (metadata.submission_id, metadata.booth_id, metadata.photo_sha256)
    truth = (envelope.submission_id, envelope.booth_id, hashlib.sha256(jpeg).digest())
    return (metadata, jpeg) if claims == truth and is_jpeg(jpeg) else None


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

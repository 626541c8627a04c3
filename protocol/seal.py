"""Sealing: a photo becomes an envelope that only the registrar can open, before it meets a disk."""

import hashlib

from nacl.public import PublicKey, SealedBox
from nacl.signing import SigningKey

from protocol.wire import Envelope, Metadata, envelope_message


def seal(
    metadata: Metadata, photo: bytes, registrar_key: PublicKey, signing_key: SigningKey
) -> Envelope:
    """Seal a photo (the JPEG file's bytes) to the registrar, and sign it as the booth's.

    Raises ValueError where the metadata describe another photo.
    """
    if hashlib.sha256(photo).digest() != metadata.photo_sha256:
        raise ValueError("photo: its SHA-256 is not the one in its metadata; nothing was sealed")
    sealed = SealedBox(registrar_key).encrypt(metadata.model_dump_json().encode() + b"\n" + photo)
    message = envelope_message(metadata.submission_id, metadata.booth_id, sealed)
    return Envelope(
        submission_id=metadata.submission_id,
        booth_id=metadata.booth_id,
        sealed=sealed,
        signature=signing_key.sign(message).signature,
    )

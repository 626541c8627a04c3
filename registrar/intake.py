"""Intake: an envelope comes in, a signed receipt goes out, and the photo is held once."""

from datetime import datetime
from io import BytesIO

from nacl.signing import VerifyKey
from PIL import Image

from protocol.envelope import Envelope, EnvelopeFault, Metadata, is_vouched_for, open_envelope
from protocol.receipt import Receipt, sign_receipt
from registrar.keys import Keys
from registrar.store import Store

MOST_PIXELS = 4_000_000
"""The specification's largest photo has 2.4 million."""


def receive_envelope(
    store: Store, keys: Keys, booth_key: VerifyKey, envelope: Envelope, at: datetime
) -> Receipt:
    """Hold what is in an envelope, or refuse it; signed either way.

    `booth_key` is the key of the booth that sent it, `at` the time of the receipt.
    """
    opened = _open_checked(envelope, booth_key, keys)
    if not isinstance(opened, tuple):
        return sign_receipt(envelope, at, opened, keys.signing_key)
    held = store.add_photo(*opened, sign_receipt(envelope, at, None, keys.signing_key))
    if not isinstance(held, Receipt):
        return sign_receipt(envelope, at, held, keys.signing_key)
    return held


def _open_checked(
    envelope: Envelope, booth_key: VerifyKey, keys: Keys
) -> tuple[Metadata, bytes] | EnvelopeFault:
    """Open an envelope, and check that a photo is in it which its booth vouches for."""
    opened = open_envelope(envelope, booth_key, keys.seal_key)
    if not isinstance(opened, tuple):
        return opened
    metadata, jpeg = opened
    if not is_jpeg(jpeg):
        return "unreadable"
    return opened if is_vouched_for(metadata, jpeg, booth_key) else "provenance"


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

"""Intake: an envelope comes in, a signed receipt goes out, and the photo is held once."""

from datetime import datetime
from io import BytesIO

from nacl.signing import VerifyKey
from PIL import Image

from protocol.envelope import Envelope, Metadata, is_vouched_for, open_envelope
from protocol.jpeg import find_foreign_part
from protocol.receipt import PhotoRefusal, Receipt, sign_receipt
from protocol.signing import is_signed
from registrar.keys import Keys
from registrar.store import Store

LEAST_SIDE = 90
"""Pixels of a photo's shorter side: below it nobody is known, and no register takes one."""

MOST_PIXELS = 4_000_000
"""The specification's largest photo has 2.4 million."""

MOST_ELONGATED = 2.0
"""Photos stand upright, their rows at most so many times their columns."""


def receive_envelope(store: Store, keys: Keys, envelope: Envelope, at: datetime) -> Receipt:
    """Hold what is in an envelope, or refuse it; signed either way.

    Whichever booth brings it, it is judged by the keys of the booth that it names. `at` is the
    time of the receipt.
    """
    opened = _open_checked(store, keys, envelope)
    if not isinstance(opened, tuple):
        return sign_receipt(envelope, at, opened, keys.signing_key)
    held = store.add_photo(*opened, sign_receipt(envelope, at, None, keys.signing_key))
    if not isinstance(held, Receipt):
        return sign_receipt(envelope, at, held, keys.signing_key)
    return held


def _open_checked(
    store: Store, keys: Keys, envelope: Envelope
) -> tuple[Metadata, bytes] | PhotoRefusal:
    """Open an envelope, and check that a photo is in it which its booth vouches for."""
    booth_key = _find_key(store, envelope)
    if not isinstance(booth_key, VerifyKey):
        return booth_key
    opened = open_envelope(envelope, booth_key, keys.seal_key)
    if not isinstance(opened, tuple):
        return opened
    metadata, jpeg = opened
    if not is_photo(jpeg):
        return "no_photo"
    if not is_vouched_for(metadata, jpeg, booth_key):
        return "provenance"
    return opened


def _find_key(store: Store, envelope: Envelope) -> VerifyKey | PhotoRefusal:
    """Find the key that has signed an envelope among those of the booth that it names."""
    booth_id = envelope.booth_id
    present = store.booths().get(booth_id)
    if present is not None and is_signed(envelope, present):
        return present
    for former in store.former_keys():
        if former.booth_id == booth_id and is_signed(envelope, former.key):
            return former.key if former.accepted else "former_key"
    return "unreadable"


def is_photo(data: bytes) -> bool:
    """Say whether the bytes are one whole JPEG picture of a photo's size, and nothing else."""
    if find_foreign_part(data) is not None:
        return False
    try:
        with Image.open(BytesIO(data), formats=["JPEG"]) as picture:
            width, height = picture.size
            if min(width, height) < LEAST_SIDE or width * height > MOST_PIXELS:
                return False
            if not width <= height <= MOST_ELONGATED * width:
                return False
            picture.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
    return True

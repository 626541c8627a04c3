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
    judged = _judge(store, keys, envelope)
    if not isinstance(judged, Metadata):
        return sign_receipt(envelope, at, judged, keys.signing_key)
    held = store.photos.add(judged, envelope, sign_receipt(envelope, at, None, keys.signing_key))
    if not isinstance(held, Receipt):
        return sign_receipt(envelope, at, held, keys.signing_key)
    return held


def _judge(store: Store, keys: Keys, envelope: Envelope) -> Metadata | PhotoRefusal:
    """Have the vault look into an envelope that its booth has signed."""
    booth_key = _find_key(store, envelope)
    if not isinstance(booth_key, VerifyKey):
        return booth_key
    return keys.vault.check(envelope, booth_key)


def _find_key(store: Store, envelope: Envelope) -> VerifyKey | PhotoRefusal:
    """Find the key that has signed an envelope among those of the booth that it names."""
    booth_id = envelope.booth_id
    present = store.booths.key_of(booth_id)
    if present is not None and is_signed(envelope, present):
        return present
    for former in store.booths.former_keys(booth_id):
        if is_signed(envelope, former.key):
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

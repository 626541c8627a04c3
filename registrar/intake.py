"""Intake: an envelope comes in, a signed receipt goes out, and the photo is held once."""

from datetime import datetime

from nacl.signing import VerifyKey

from protocol.envelope import Envelope, Metadata
from protocol.receipt import PhotoRefusal, Receipt, sign_receipt
from protocol.signing import is_signed
from registrar.keys import Keys
from registrar.store import Store


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

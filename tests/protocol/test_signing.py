"""A signature of what is too large for memory is judged as libsodium judges one in memory."""

import numpy as np
from nacl.signing import SigningKey, VerifyKey

from protocol.signing import is_signature, is_signature_of

KEY = SigningKey(b"k" * 32)
ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of the curve's group (RFC 8032, section 5.1)."""


def both(signature: bytes, message: bytes, key: VerifyKey) -> bool:
    """Judge in memory and in pieces, which must agree."""
    pieces = [message[at : at + 7] for at in range(0, len(message), 7)]
    found = is_signature_of(signature, lambda: pieces, key)
    assert found is is_signature(signature, message, key)
    return found


def test_pieces_are_judged_as_the_whole_is() -> None:
    rng = np.random.default_rng(7)
    for length in (0, 1, 6, 7, 8, 200):
        key, message = SigningKey(rng.bytes(32)), rng.bytes(length)
        signature = key.sign(message).signature
        assert both(signature, message, key.verify_key)
        assert not both(signature, message + b"x", key.verify_key)
        assert not both(signature, message, KEY.verify_key)
        for place in (0, 31, 32, 63):
            changed = bytearray(signature)
            changed[place] ^= 1
            assert not both(bytes(changed), message, key.verify_key)


def test_no_second_signature_follows_from_a_first() -> None:
    signature = KEY.sign(b"message").signature
    scalar = int.from_bytes(signature[32:], "little") + ORDER
    assert not both(signature[:32] + scalar.to_bytes(32, "little"), b"message", KEY.verify_key)


def test_keys_and_signatures_that_are_none_are_refused() -> None:
    signature = KEY.sign(b"message").signature
    neutral = VerifyKey((1).to_bytes(32, "little"))
    assert not both(bytes([1]) + bytes(63), b"message", neutral)
    assert not both(bytes(64), b"message", KEY.verify_key)
    assert not both(signature[:-1], b"message", KEY.verify_key)
    assert not both(b"", b"message", KEY.verify_key)

"""Signing (Ed25519): which bytes are signed, and whether a key has signed them."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, Self, TypeVar

from nacl import bindings
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

SIGNATURE_BYTES = 64

UNSIGNED = bytes(SIGNATURE_BYTES)
"""Stands in the place of a signature until `sign` has made it."""


class Signed(Protocol):
    """A wire type with the signature of all else that it says."""

    @property
    def message(self) -> bytes:
        """The bytes that are signed."""

    @property
    def signature(self) -> bytes:
        """The signature of `message`, 64 bytes."""

    def model_copy(self, *, update: Mapping[str, Any]) -> Self:
        """Copy with some fields changed, as pydantic does."""


SignedType = TypeVar("SignedType", bound=Signed)


def join_parts(kind: str, *parts: bytes) -> bytes:
    """Join the parts of a message, each with its length before it.

    No two lists of parts give the same message, and none of one kind is one of another.
    """
    return b"".join(len(part).to_bytes(8, "big") + part for part in (kind.encode(), *parts))


def sign(unsigned: SignedType, key: SigningKey) -> SignedType:
    """Copy with the key's signature in place of the one before."""
    return unsigned.model_copy(update={"signature": key.sign(unsigned.message).signature})


def is_signed(signed: Signed, key: VerifyKey) -> bool:
    """Say whether the signature is this key's, of just what is said."""
    return is_signature(signed.signature, signed.message, key)


def is_signature(signature: bytes, message: bytes, key: VerifyKey) -> bool:
    """Say whether bytes are this key's signature of a message."""
    try:
        key.verify(message, signature)
    except (BadSignatureError, ValueError):  # ValueError: not the length of a signature
        return False
    return True


def is_signature_of(
    signature: bytes, pieces: Callable[[], Iterable[bytes]], key: VerifyKey
) -> bool:
    """Say whether bytes are this key's signature of a message that comes in pieces.

    `VerifyKey.verify` wants the message in memory, and copies it twice. This is the same equation
    (RFC 8032, section 5.1.7, without cofactor, as libsodium has it), over libsodium's own curve:
    [S]B - [h]A = R, with h = SHA-512(R, A, message). `tests/protocol/test_signing.py` holds the two
    against each other.
    """
    point, scalar, public = signature[:32], signature[32:], bytes(key)
    if len(signature) != SIGNATURE_BYTES or not _is_reduced(scalar):
        return False
    if not bindings.crypto_core_ed25519_is_valid_point(public):
        return False
    digest = hashlib.sha512(point + public)
    for piece in pieces():
        digest.update(piece)
    challenge = bindings.crypto_core_ed25519_scalar_reduce(digest.digest())
    try:
        signed = bindings.crypto_scalarmult_ed25519_base_noclamp(scalar)
        expected = bindings.crypto_scalarmult_ed25519_noclamp(challenge, public)
        found: bytes = bindings.crypto_core_ed25519_sub(signed, expected)
    except RuntimeError:  # the neutral element, which nobody who signs comes upon
        return False
    return found == point


def _is_reduced(scalar: bytes) -> bool:
    """Say whether a scalar is below the group's order: others would sign the same once more."""
    return bool(bindings.crypto_core_ed25519_scalar_reduce(scalar.ljust(64, b"\0")) == scalar)

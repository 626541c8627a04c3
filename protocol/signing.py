"""Signing (Ed25519): which bytes are signed, and whether a key has signed them."""

from collections.abc import Mapping
from typing import Any, Protocol, Self, TypeVar

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

UNSIGNED = bytes(64)
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

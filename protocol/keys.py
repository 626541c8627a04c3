"""Keys as people pass them on: 32 bytes in base64."""

import base64

KEY_BYTES = 32
"""Bytes of every key of the protocol: Curve25519 and Ed25519."""


def encode_key(key: bytes) -> str:
    """Write a key's bytes as base64."""
    return base64.b64encode(key).decode()


def decode_key(text: str | bytes) -> bytes:
    """Read a key; raises ValueError where the text is not base64 of 32 bytes."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError as error:  # binascii.Error is one, and so is text that is not ASCII
        raise ValueError("32 bytes in base64 are wanted") from error
    if len(key) != KEY_BYTES:
        raise ValueError("32 bytes in base64 are wanted")
    return key

"""The roster on the wire: whose a capture code is, asked or found in a signed extract."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from nacl.secret import SecretBox
from nacl.signing import SigningKey
from pydantic import AwareDatetime, Field, TypeAdapter

from protocol.capture_code import LONGEST_CODE
from protocol.student import Student
from protocol.wire import Digest, WireType

CodeRefusal = Literal["code_unknown", "already_photographed", "record_abnormal"]
"""Why the registrar does not admit the student behind a capture code."""

Resolution = Student | CodeRefusal
"""The answer: the student who may be photographed, or why there is none."""

RESOLUTION: TypeAdapter[Resolution] = TypeAdapter(Resolution)

_ENTRY_BLOCK = 256
"""An entry's length says nothing of the name in it: all are padded to a multiple of this."""


class Question(WireType):
    """Whose is this capture code? It travels in a body, so that no log of paths keeps it."""

    capture_code: Annotated[str, Field(min_length=1, max_length=LONGEST_CODE)]


class Extract(WireType):
    """The roster for a booth without network. It names nobody to one who has no capture code."""

    kind: Literal["roster extract 1"] = "roster extract 1"
    issued_at: AwareDatetime
    salt: Digest
    """Drawn anew for each extract, so that two of them cannot be compared."""
    entries: dict[str, bytes]
    """By `entry_index`: a NaCl secret box under `entry_key` of the resolution's JSON, padded."""


def sign_extract(
    resolutions: Mapping[str, Resolution], at: datetime, salt: bytes, key: SigningKey
) -> bytes:
    """Make the extract from the answer to each capture code: the registrar's signature and JSON.

    `salt` is 32 random bytes, never used for another extract.
    """
    entries = {}
    for capture_code, resolution in resolutions.items():
        entry = RESOLUTION.dump_json(resolution)
        padded = entry.ljust(-(-len(entry) // _ENTRY_BLOCK) * _ENTRY_BLOCK)
        box = SecretBox(entry_key(capture_code, salt))
        entries[entry_index(capture_code, salt)] = bytes(box.encrypt(padded))
    # Sorted by index: the order of the roster tells who is who.
    extract = Extract(issued_at=at, salt=salt, entries=dict(sorted(entries.items())))
    return bytes(key.sign(extract.model_dump_json().encode()))


def extract_tag(salt: bytes) -> str:
    """The HTTP entity tag that tells an extract from every other."""
    return f'"{salt.hex()}"'


def entry_index(capture_code: str, salt: bytes) -> str:
    """Derive the place of a capture code's entry in an extract, in hexadecimal."""
    return _derive(capture_code, salt, b"roster index").hex()


def entry_key(capture_code: str, salt: bytes) -> bytes:
    """Derive the 32 bytes of the key that opens a capture code's entry in an extract."""
    return _derive(capture_code, salt, b"roster entry")


def _derive(capture_code: str, salt: bytes, purpose: bytes) -> bytes:
    return hashlib.blake2b(capture_code.encode(), digest_size=32, key=salt, person=purpose).digest()

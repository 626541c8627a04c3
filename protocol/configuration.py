"""What a booth takes from its registrar: one small document of an institution, signed, versioned.

It is an allow-list: whatever else a document may say is left unread. Camera, lamps, keys and the
way to the registrar are the booth's own, and stand in its own file alone.
"""

import hashlib
from typing import Annotated

from nacl.signing import SigningKey, VerifyKey
from pydantic import AwareDatetime, ConfigDict, Field, ValidationError

from protocol.roster_edition import Count, InstitutionCode
from protocol.schedule import Schedule
from protocol.signing import is_signature, join_parts
from protocol.wire import Text, WireType

LONGEST_DOCUMENT = 4_000_000
"""Bytes; a schedule of 2,000 slots has some 400,000."""


class ToldSettings(WireType):
    """What staff of the registrar set for an institution's booths; None: nothing is said of it."""

    model_config = ConfigDict(extra="ignore")

    support_phone: Text | None = None
    support_hours: Text | None = None
    receipt_url: Annotated[Text, Field(max_length=127)] | None = None
    """Where a submission is looked up: what stands before its number in the receipt's code."""
    most_bytes_a_second: Annotated[int, Field(ge=50_000, le=10**9)] | None = None
    """Of a booth's sync, both ways together."""


class Configuration(WireType):
    """What one version of an institution's document says."""

    model_config = ConfigDict(extra="ignore")

    institution_code: InstitutionCode
    version: Count
    """Each is greater than the one before."""
    issued_at: AwareDatetime
    settings: ToldSettings = ToldSettings()
    schedule: Schedule = ()


def write_document(configuration: Configuration, key: SigningKey) -> bytes:
    """Write the document: a line with the signature in hexadecimal, and what is signed, as JSON."""
    content = configuration.model_dump_json(exclude_none=True).encode()
    return key.sign(_message(content)).signature.hex().encode() + b"\n" + content


def read_document(document: bytes, key: VerifyKey, institution_code: str) -> Configuration:
    """Read a document; raises ValueError where it is not this registrar's for the institution."""
    if len(document) > LONGEST_DOCUMENT:
        raise ValueError(f"is longer than {LONGEST_DOCUMENT} bytes")
    signature, _, content = document.partition(b"\n")
    try:
        signed = is_signature(bytes.fromhex(signature.decode("ascii")), _message(content), key)
    except ValueError:
        signed = False
    if not signed:
        raise ValueError("is not signed by this registrar")
    try:
        configuration = Configuration.model_validate_json(content)
    except ValidationError as error:
        raise ValueError("is written otherwise than this release reads it") from error
    if configuration.institution_code != institution_code:
        raise ValueError(
            f"is institution {configuration.institution_code}'s, and this is {institution_code}"
        )
    return configuration


def document_tag(document: bytes) -> str:
    """By which a booth says which document it has (`ETag`, `If-None-Match`)."""
    return f'"{hashlib.sha256(document).hexdigest()}"'


def _message(content: bytes) -> bytes:
    return join_parts("configuration 1", content)

"""What a booth tells of standardisations: made or void, so that each counts once."""

from typing import Annotated, Literal
from uuid import UUID

from nacl.exceptions import CryptoError
from nacl.public import SealedBox
from nacl.signing import SigningKey, VerifyKey
from pydantic import AwareDatetime, Field, ValidationError

from protocol.wire import WITHOUT_NUL, WireType

MOST_TOLD = 40
"""Standardisations that are told at once: a request of no more than 100,000 bytes."""


class Note(WireType):
    """Of whom one was that a booth made without asking, and when."""

    record_id: Annotated[str, Field(max_length=1000, pattern=WITHOUT_NUL)]
    earliest: AwareDatetime
    latest: AwareDatetime | None
    """None: the booth could not tell the day."""


class ToldStandardisation(WireType):
    """How one ended."""

    id: UUID
    outcome: Literal["made", "void"]
    """void: no photo was shown, whoever's fault it was."""
    note: Annotated[bytes, Field(max_length=1600)] | None = None
    """A sealed `Note`; None of one that the registrar was asked for."""


class ToldStandardisations(WireType):
    """A request's body."""

    told: Annotated[tuple[ToldStandardisation, ...], Field(max_length=MOST_TOLD)]


def seal_note(note: Note, registrar_verify_key: VerifyKey) -> bytes:
    """Seal a note to the registrar, before it meets a disk."""
    key = registrar_verify_key.to_curve25519_public_key()
    return SealedBox(key).encrypt(note.model_dump_json().encode())


def open_note(sealed: bytes, registrar_key: SigningKey) -> Note:
    """Open a note; raises ValueError where it is none that was sealed to this registrar."""
    try:
        opened = SealedBox(registrar_key.to_curve25519_private_key()).decrypt(sealed)
        return Note.model_validate_json(opened)
    except (CryptoError, ValidationError) as error:
        raise ValueError("is no note to this registrar") from error

"""The receipt: the registrar's signed word on one envelope."""

from typing import Literal
from uuid import UUID

from nacl.signing import SigningKey
from pydantic import AwareDatetime

from protocol.envelope import Envelope, EnvelopeFault
from protocol.signing import UNSIGNED, join_parts, sign
from protocol.wire import Digest, Signature, WireType

PhotoRefusal = Literal[
    "already_photographed",
    "record_unknown",
    EnvelopeFault,
    "former_key",
    "no_photo",
    "time",
    "conflict",
]
"""Why the registrar does not take a photo. former_key: it was signed with a key by which its booth
was enrolled once. no_photo: the file has another size than photos have, or something beside the
picture. time: it was taken when there was no booth yet, or will be. conflict: another envelope
holds this submission id."""


class Receipt(WireType):
    """The registrar's signed word on one envelope: held, or why not."""

    submission_id: UUID
    envelope_sha256: Digest
    at: AwareDatetime
    refused: PhotoRefusal | None
    """None: the registrar holds the photo."""
    signature: Signature

    @property
    def message(self) -> bytes:
        """The bytes that the registrar signs."""
        texts = (self.at.isoformat(), self.refused or "")
        return join_parts(
            "receipt 1",
            self.submission_id.bytes,
            self.envelope_sha256,
            *(text.encode() for text in texts),
        )

    def answers(self, envelope: Envelope) -> bool:
        """Say whether this is the word on just this envelope."""
        named = (self.submission_id, self.envelope_sha256)
        return named == (envelope.submission_id, envelope.sha256)


def sign_receipt(
    envelope: Envelope, at: AwareDatetime, refused: PhotoRefusal | None, key: SigningKey
) -> Receipt:
    """Write the registrar's word on an envelope, and sign it."""
    receipt = Receipt(
        submission_id=envelope.submission_id,
        envelope_sha256=envelope.sha256,
        at=at,
        refused=refused,
        signature=UNSIGNED,
    )
    return sign(receipt, key)

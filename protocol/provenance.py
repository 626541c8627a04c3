"""The record of provenance: what was done to a capture until it was the photo, and by which booth.

A booth signs it (`signing.sign`); it travels sealed with the photo and lies beside it in exports.
"""

import hashlib
from typing import Annotated, Literal

from nacl.signing import VerifyKey
from pydantic import AwareDatetime, Field

from protocol.canonical_json import canonical_json
from protocol.signing import is_signed, join_parts
from protocol.wire import MOST_NAMED, BoothId, Digest, Name, Number, Signature, Value, WireType

FILE_SUFFIX = ".provenance.json"
"""What a record's file is called, after the stem of its photo's name."""

ProvenanceFault = Literal["signature", "photo"]
"""Why a record does not vouch for a photo. signature: it was changed, or another key signed it.
photo: it is another photo's, or the photo was changed."""


EXCUSED = "excused"
"""The operation that says which rules need not hold, and of each whether the student `waived` it,
for staff to decide, or staff `granted` it."""


class Operation(WireType):
    """One thing that was done to a capture on its way to the photo."""

    name: Name
    parameters: Annotated[dict[Name, Value], Field(max_length=MOST_NAMED)]


class Provenance(WireType):
    """What was done to a capture until it was the photo, signed by the booth that did it.

    It says nothing of who is in the picture, and shows none of it.
    """

    kind: Literal["provenance 1"] = "provenance 1"
    photo_sha256: Digest
    """Of the JPEG file."""
    capture_sha256: Digest
    """Of the capture's pixels, as a binary PPM file holds them."""
    made_at: AwareDatetime
    booth_id: BoothId
    operations: Annotated[tuple[Operation, ...], Field(max_length=64)]
    """All that was done, in order."""
    rules: Annotated[dict[Name, Number | None], Field(max_length=MOST_NAMED)]
    """Each rule's value at the shutter, None where it was not judged; empty where the capture
    came from no shutter of the booth's."""
    fidelity: Annotated[dict[Name, Number], Field(max_length=MOST_NAMED)]
    """How near the photo's face is to the capture's, in dB and 8-bit codes."""
    kiosk_version: Name
    models: Annotated[
        dict[Name, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]], Field(max_length=MOST_NAMED)
    ]
    """The SHA-256 of each model that the booth had, in hexadecimal."""
    calibration: Annotated[dict[Name, Value], Field(max_length=MOST_NAMED)]
    """What is known of camera and lamps at the shutter; may be empty."""
    signature: Signature

    @property
    def excused(self) -> dict[str, str]:
        """By whom each rule is excused that need not hold: `waived` or `granted`."""
        found: dict[str, str] = {}
        for done in self.operations:
            if done.name == EXCUSED:
                found |= {rule: str(by) for rule, by in done.parameters.items()}
        return found

    @property
    def message(self) -> bytes:
        """The bytes that the booth signs: all that the record says, as canonical JSON.

        So it signs the same however its file is laid out or its numbers are written.
        """
        said = self.model_dump(mode="json", exclude={"signature"})
        return join_parts("provenance 1", canonical_json(said).encode())

    def as_file(self) -> bytes:
        """Write the record as it lies beside a photo: JSON, a value a line."""
        return self.model_dump_json(indent=1).encode() + b"\n"


def find_faults(record: Provenance, jpeg: bytes, key: VerifyKey) -> tuple[ProvenanceFault, ...]:
    """Find why a record does not vouch for a photo; nothing where it does.

    `jpeg` is the photo's file, `key` the public key of the booth that is to have signed.
    """
    faults: list[ProvenanceFault] = []
    if not is_signed(record, key):
        faults.append("signature")
    if hashlib.sha256(jpeg).digest() != record.photo_sha256:
        faults.append("photo")
    return tuple(faults)

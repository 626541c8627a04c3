"""What a booth takes from its registrar: one small document of an institution, signed, versioned.

It is an allow-list: whatever else a document may say is left unread. Camera, lamps, keys and the
way to the registrar are the booth's own, and stand in its own file alone.
"""

import hashlib
from datetime import timedelta
from typing import Annotated, Literal

from nacl.signing import SigningKey, VerifyKey
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, ValidationError

from protocol.admission import USUAL_LIMITS, Limits
from protocol.plain_code import check_pattern
from protocol.roster_edition import Count, InstitutionCode
from protocol.schedule import Schedule
from protocol.signing import is_signature, join_parts
from protocol.turn import Ruling
from protocol.wire import BoothId, Text, WireType

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
    early: Ruling | None = None
    """What becomes of who comes before their college's time; None: they are admitted."""
    late: Ruling | None = None
    """The same after it. Who waits begins when it is nobody's turn here."""
    wrong_place: Ruling | None = None
    """The same where their college's time is at another place."""
    standardisations_a_day: Annotated[int, Field(ge=1, le=20)] | None = None
    """How often a student is photographed on one day; then they wait (`protocol.admission`)."""
    wait_hours: Annotated[int, Field(ge=0, le=168)] | None = None
    """For how long, from the last time on."""
    resubmissions: Annotated[int, Field(ge=0, le=20)] | None = None
    """How many refused photos are replaced without asking; None: two. The registrar alone counts
    them."""
    plain_codes: Literal["off", "online", "offline"] | None = None
    """Whether plain codes (`protocol.plain_code`) are taken: not at all (None), where the registrar
    can be asked, or from the roster on the booth's disk as well, where they can be guessed."""
    plain_pattern: Annotated[Text, Field(max_length=100), AfterValidator(check_pattern)] | None = (
        None
    )
    """In which order the institution's own plain codes name what: 学号|姓名|院校代码."""
    plain_proof: Literal["card", "staff"] | None = None
    """What must be shown beside a plain code: the student card (None), or that to the staff, who
    say so in their menu."""
    decryptor: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")] | None = None
    """The registrar's plug-in that opens what the roster does not know."""

    @property
    def limits(self) -> Limits:
        """How often a student may come."""
        usual = USUAL_LIMITS
        most = self.standardisations_a_day
        hours = self.wait_hours
        return Limits(
            usual.standardisations_a_day if most is None else most,
            usual.wait if hours is None else timedelta(hours=hours),
        )


class Configuration(WireType):
    """What one version of an institution's document says."""

    model_config = ConfigDict(extra="ignore")

    institution_code: InstitutionCode
    version: Count
    """Each is greater than the one before."""
    issued_at: AwareDatetime
    settings: ToldSettings = ToldSettings()
    schedule: Schedule = ()
    sharers: Annotated[tuple[tuple[BoothId, ...], ...], Field(max_length=2)] = ()
    """The booths that share a student's day where they cannot ask; two lists while that changes."""


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

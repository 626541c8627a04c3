"""Who stands before the booth: the registrar is asked first, the roster here when it is silent."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol

from nacl.signing import VerifyKey

from kiosk.errors import SyncError
from kiosk.sync.ledger import Ledger
from kiosk.sync.roster import Roster
from protocol.admission import Limits, Moment, may_unasked, share_of, waits_until
from protocol.roster import Answer, CodeRefusal, Question, Wait
from protocol.standardisation import Note, seal_note
from protocol.student import Student

log = logging.getLogger(__name__)

Refusal = (
    CodeRefusal
    | Literal["other_institution", "registrar_unreachable", "network_needed", "code_unreadable"]
)
"""Why a code's student is not admitted, in the visit's words. network_needed: they may have been
photographed elsewhere as often as they may be, and nobody can be asked."""


class Resolver(Protocol):
    """Who knows whose a capture code is."""

    def resolve(self, question: Question) -> Answer:
        """Ask whose a code is: the student, or why there is none. Raises SyncError."""
        ...


@dataclass(frozen=True, slots=True)
class Unasked:
    """What a booth goes by that cannot ask."""

    roster: Roster | None
    booth_id: str
    registrar_verify_key: VerifyKey
    limits: Limits
    sharers: Sequence[Sequence[str]]
    """The booths among which a student's day is shared (`protocol.admission.share_of`)."""
    unknown: Refusal = "code_unknown"
    """What is said of a code that the roster here has not: the registrar may know more."""

    def find(
        self, question: Question, whose: bytes, now: Moment, ledger: Ledger
    ) -> Student | Refusal | Wait:
        """Find the student of a code; one that is not even in the roster here is unknown.

        Raises SyncError where the ledger fails.
        """
        if self.roster is None:
            return "registrar_unreachable"
        try:
            found = self.roster.find(question.capture_code) or self.unknown
        except SyncError as error:
            log.error("%s", error)
            return "registrar_unreachable"
        if not isinstance(found, Student):
            return found
        own = [each for each in ledger.own(whose) if each.id != question.standardisation]
        if (until := waits_until(own, now, self.limits)) is not None:
            return Wait(until)
        share = share_of(self.booth_id, self.sharers, found.record_id, self.limits)
        offline_from = found.offline_from
        kept_until = None if offline_from is None else datetime.fromtimestamp(offline_from, UTC)
        return found if may_unasked(own, share, kept_until, now) else "network_needed"

    def note(self, student: Student, now: Moment) -> bytes:
        """The sealed note by which the registrar will hear of whom it was not asked."""
        latest = now.latest if now.is_sure else None
        note = Note(record_id=student.record_id, earliest=now.earliest, latest=latest)
        return seal_note(note, self.registrar_verify_key)


def resolve(
    question: Question,
    whose: bytes,
    now: Moment,
    resolver: Resolver,
    unasked: Unasked,
    ledger: Ledger,
    institution_code: str,
) -> Student | Refusal | Wait:
    """Find the student of a capture code, or why there is none for this institution's booth.

    Who is admitted has begun the question's standardisation, which the ledger has as begun; `whose`
    it is by the ledger. Raises SyncError where that fails.
    """
    begun = question.standardisation
    asked = question.model_copy(update={"told": ledger.untold(whose)})
    found: Answer | Refusal
    try:
        found = resolver.resolve(asked)
    except SyncError:
        found = unasked.find(question, whose, now, ledger)
        if isinstance(found, Student) and begun is not None:
            ledger.add_note(begun, unasked.note(found, now))
    else:
        ledger.mark_told(asked.told, now.earliest)
        if not isinstance(found, Student) and begun is not None:
            ledger.drop(begun)
    if isinstance(found, Student) and found.institution_code != institution_code:
        return "other_institution"
    return found

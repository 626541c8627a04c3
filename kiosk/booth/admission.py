"""Who has scanned a code, and whether they may be photographed: asked, or read here."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

from nacl.signing import VerifyKey

from kiosk.errors import SyncError
from kiosk.sync.clock import proven_moment, read_clocks, read_told_time
from kiosk.sync.configuration import read_configuration
from kiosk.sync.ledger import Ledger
from kiosk.sync.plain_codes import ProofAsked, read_scan
from kiosk.sync.resolve import Refusal, Resolver, Unasked, resolve
from kiosk.sync.roster import Roster, read_roster
from protocol.configuration import ToldSettings
from protocol.plain_code import parse_key
from protocol.roster import Question, Wait
from protocol.student import Student

log = logging.getLogger(__name__)

Sharers = Sequence[Sequence[str]]

NOBODY: Sharers = ((),)
"""The list of sharers that leaves this booth no share."""


class Admission:
    """Finds the student of a code, and keeps the ledger of their standardisation."""

    def __init__(
        self,
        resolver: Resolver,
        registrar_verify_key: VerifyKey,
        ledger: Ledger,
        roster: Path,
        booth: tuple[str, str],
        new_id: Callable[[], UUID],
    ) -> None:
        """`booth` is the booth's id and its institution's code; `new_id` draws an id."""
        self._resolver, self._key, self._ledger = resolver, registrar_verify_key, ledger
        self._path, self._new_id = roster, new_id
        self._booth_id, self._institution_code = booth
        self.begun: UUID | None = None
        """The standardisation that was begun last."""
        self.proof_asked: ProofAsked | None = None
        """What must be shown beside the code that was asked of last."""

    def resolve(self, code: str) -> Student | Refusal | Wait:
        """Say whose capture code this is, or why its owner cannot be photographed.

        Who is admitted has begun a standardisation, `begun`, until `make` or `leave`. Raises
        SyncError where that cannot be noted.
        """
        if self.begun is None:
            self._ledger.void_all()  # whom an end of power has sent away was never here
        self.begun = begun = self._new_id()
        roster, (told, sharers) = self._read_roster(), self._read_told()
        code, self.proof_asked = read_scan(code, self._institution_code, told)
        if roster is not None and self.proof_asked is not None:
            code = _find_capture_code(code, roster)
        if roster is not None and not _may_be_known(code, roster, told):
            log.warning("reader: a scan looks like none of the roster's codes: scan it again")
            return "code_unreadable"
        issued_at = None if roster is None else roster.issued_at.timestamp()
        now = proven_moment(read_clocks(), read_told_time(self._path), issued_at)
        whose = self._ledger.whose(code)
        self._ledger.begin(begun, whose, now)
        question = Question(capture_code=code, standardisation=begun)
        open_elsewhere = self.proof_asked is not None or told.decryptor is not None
        unasked = Unasked(
            roster,
            self._booth_id,
            self._key,
            told.limits,
            sharers,
            unknown="registrar_unreachable" if open_elsewhere else "code_unknown",
        )
        return resolve(
            question, whose, now, self._resolver, unasked, self._ledger, self._institution_code
        )

    def make(self, begun: UUID | None) -> None:
        """Note that a photo is about to be shown. Raises SyncError."""
        if begun is not None:
            self._ledger.make(begun)

    def leave(self, begun: UUID | None) -> None:
        """Note that a visit has ended; unless a photo was shown, the student was never here."""
        if begun is None:
            return
        try:
            self._ledger.void(begun)
        except SyncError as error:
            log.error("ledger: %s", error)

    def _read_roster(self) -> Roster | None:
        try:
            return read_roster(self._path, self._key, self._institution_code)
        except SyncError as error:
            log.error("roster: %s", error)
            return None

    def _read_told(self) -> tuple[ToldSettings, Sharers]:
        """What the institution's staff have set, and the booths that share a student's day.

        Nothing is set, and this booth has no share, where that was damaged.
        """
        try:
            told = read_configuration(self._path, self._key, self._institution_code)
        except SyncError as error:
            log.error("configuration: %s", error)
            return ToldSettings(), NOBODY
        return (ToldSettings(), ()) if told is None else (told.settings, told.sharers)


def _may_be_known(code: str, roster: Roster, told: ToldSettings) -> bool:
    """Whether a code looks like the roster's, or is one that need not: a plain one, or one that the
    institution's decryptor opens."""
    return told.decryptor is not None or parse_key(code) is not None or roster.may_have(code)


def _find_capture_code(key: str, roster: Roster) -> str:
    """The capture code of whom a plain code means, where the roster here tells it."""
    try:
        return roster.find_capture_code(key) or key
    except SyncError as error:
        log.error("%s", error)
        return key

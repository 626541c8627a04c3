"""The way to the registrar: who a student is, and a safe place for the photo."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from nacl.public import PublicKey
from nacl.signing import SigningKey, VerifyKey

from kiosk import installed_version
from kiosk.booth.admission import Admission
from kiosk.booth.parts import KeptPhotos
from kiosk.config import Config
from kiosk.errors import KioskError, SyncError
from kiosk.models import load_manifest, verified_digests
from kiosk.pipeline.photo.burst import Shot
from kiosk.pipeline.photo.provenance import NO_EXCUSE, NO_VALUES, RecordValues, make_record
from kiosk.pipeline.photo.standardise import Photo
from kiosk.sync.clock import (
    Now,
    find_clock_fault,
    read_clocks,
    read_staffs_word,
    read_told_time,
)
from kiosk.sync.enrolment import read_enrolment
from kiosk.sync.errors import OutboxCorrupt
from kiosk.sync.ledger import Ledger, ledger_path
from kiosk.sync.outbox import Outbox
from kiosk.sync.plain_codes import ProofAsked
from kiosk.sync.resolve import Refusal, Resolver
from kiosk.sync.resolver import SocketResolver
from kiosk.sync.roster import Roster, read_roster
from kiosk.sync.write_probe import find_write_fault
from protocol.envelope import Metadata, seal_photo, short_number
from protocol.roster import Wait
from protocol.student import Student

log = logging.getLogger(__name__)


class SyncLink:
    """Resolves codes at the registrar or in the roster here, and seals photos into the outbox.

    It has no network: the resolver is asked over a socket of this machine.
    """

    def __init__(
        self,
        resolver: Resolver,
        registrar_verify_key: VerifyKey,
        outbox: Path,
        roster: Path,
        keys: tuple[PublicKey, SigningKey],
        booth: tuple[str, str],
        models: Mapping[str, str],
        new_id: Callable[[], UUID],
    ) -> None:
        """Open the outbox, if that is possible yet.

        `keys` are the registrar's public and the booth's signing key; `booth` is the booth's id
        and its institution's code; `models` are the SHA-256 of those it runs, in hexadecimal;
        `new_id` draws the id of a submission.
        """
        self._registrar_verify_key = registrar_verify_key
        self._path = outbox
        self._outbox: Outbox | None = None
        self._told: dict[str, str | None] = {}
        self._roster = roster
        self._registrar_key, self._signing_key = keys
        self._booth_id, self._institution_code = booth
        self._models = models
        self._new_id = new_id
        self._right: Now | None = None
        """What the clocks showed when they were right last."""
        self._word = read_staffs_word(roster)
        ledger = Ledger(ledger_path(outbox))
        self._admission = Admission(resolver, registrar_verify_key, ledger, roster, booth, new_id)
        self.can_keep_photos()  # staff are told at the start

    def resolve(self, code: str) -> Student | Refusal | Wait:
        """Say whose capture code this is, or why its owner cannot be photographed.

        Who is admitted has begun a standardisation, `begun`, until `make` or `leave`. Raises
        SyncError where that cannot be noted.
        """
        return self._admission.resolve(code)

    @property
    def begun(self) -> UUID | None:
        """The standardisation that was begun last; None before the first."""
        return self._admission.begun

    @property
    def proof_asked(self) -> ProofAsked | None:
        """What must be shown beside the code that was asked of last."""
        return self._admission.proof_asked

    def make(self, begun: UUID | None) -> None:
        """Note that a photo is about to be shown. Raises SyncError."""
        self._admission.make(begun)

    def leave(self, begun: UUID | None) -> None:
        """Note that a visit has ended; unless a photo was shown, the student was never here."""
        self._admission.leave(begun)

    def seal(
        self,
        student: Student,
        photo: Photo,
        shot: Shot,
        *,
        calibration: RecordValues = NO_VALUES,
        excused: Mapping[str, str] = NO_EXCUSE,
    ) -> str:
        """Put the sealed photo into the outbox, with the record of what was done to the shot.

        `calibration` is what is known of camera and lamps at the shutter; `excused` says of each
        rule that need not hold whether it was waived or granted. Returns the submission's number,
        as `protocol.envelope.short_number` writes it. Raises SyncError, and UsageError where a
        record cannot say what was done.
        """
        data = photo.encoded.data
        taken_at = self._taken_at()
        if missing := sorted(load_manifest().keys() - self._models.keys()):
            # What these would have told of is not proven of this photo.
            calibration = {**calibration, "models_missing": ", ".join(missing)}
        judged = shot.assessment.rules
        rules = {rule.id: rule.value for rule in judged}
        limits = {rule.id: rule.limit for rule in judged if rule.limit is not None}
        kiosk_version = installed_version()
        submission_id = self._new_id()
        metadata = Metadata(
            submission_id=submission_id,
            record_id=student.record_id,
            taken_at=taken_at,
            booth_id=self._booth_id,
            photo_sha256=hashlib.sha256(data).digest(),
            rules=rules,
            kiosk_version=kiosk_version,
            provenance=make_record(
                photo,
                shot.picture,
                made_at=taken_at,
                booth_id=self._booth_id,
                kiosk_version=kiosk_version,
                models=self._models,
                signing_key=self._signing_key,
                rules=rules,
                limits=limits,
                calibration=calibration,
                excused=excused,
            ),
        )
        envelope = seal_photo(metadata, data, self._registrar_key, self._signing_key)
        try:
            self._open_outbox().put(envelope)
        except OutboxCorrupt as error:
            log.error("outbox: %s", error)
            self._outbox = None
            self._open_outbox().put(envelope)
        return short_number(submission_id)

    def can_keep_photos(self) -> bool:
        """Try whether the outbox takes another photo. Staff are told in the log why not."""
        return self._tell("outbox", self._find_outbox_fault())

    def count_kept(self) -> KeptPhotos | None:
        """Count the photos in the outbox; None where it cannot be read."""
        try:
            counts = self._open_outbox().counts()
        except KioskError:
            return None  # told where another photo is to be kept
        return KeptPhotos(counts.pending, counts.set_aside)

    def has_right_clock(self) -> bool:
        """Ask what is known of the registrar's time. Staff are told in the log what is wrong."""
        now, told, issued_at = read_clocks(), read_told_time(self._roster), None
        word = read_staffs_word(self._roster)
        if told is None:
            with suppress(SyncError):  # told where a code is looked for
                roster = self._read_roster()
                issued_at = None if roster is None else roster.issued_at.timestamp()
        if word != self._word and word is not None:
            log.warning("clock: staff have said that it is right")
        self._word = word
        fault = find_clock_fault(now, told, issued_at, word=word, right=self._right)
        if fault is None:
            self._right = now
        return self._tell("clock", fault)

    def _taken_at(self) -> datetime:
        """When it is: counted on from when the clock was right last, so that it may leap meanwhile.

        Raises SyncError where it was not right since the booth's start.
        """
        if self._right is None:
            self.has_right_clock()
        at = None if self._right is None else self._right.wall_after(read_clocks())
        if at is None:
            raise SyncError("the booth's clock is wrong, and a photo says when it was taken")
        return datetime.fromtimestamp(at, UTC)

    def _read_roster(self) -> Roster | None:
        return read_roster(self._roster, self._registrar_verify_key, self._institution_code)

    def _find_outbox_fault(self) -> str | None:
        try:
            self._open_outbox().require_writable()
        except OutboxCorrupt as error:
            log.error("outbox: %s", error)
            self._outbox = None  # the next trial opens the new one
            return str(error)
        except KioskError as error:
            return str(error)
        return find_write_fault(self._path.parent)

    def _open_outbox(self) -> Outbox:
        """The outbox; where it was damaged, and so set aside, the new one. Raises KioskError."""
        if self._outbox is None:
            try:
                self._outbox = Outbox(self._path)
            except OutboxCorrupt as error:
                log.error("outbox: %s", error)
                self._outbox = Outbox(self._path)
        return self._outbox

    def _tell(self, what: str, fault: str | None) -> bool:
        """Log a fault that is new, and that one has gone; returns whether there is none."""
        before, self._told[what] = self._told.get(what), fault
        if fault is not None and before is None:
            log.error("%s: %s", what, fault)
        elif fault is None and before is not None:
            log.info("%s: works again", what)
        return fault is None


def open_link(config: Config, new_id: Callable[[], UUID]) -> SyncLink:
    """Open the link that is configured; raises UsageError or SyncError."""
    enrolled = read_enrolment(config.sync)
    sync = config.sync
    return SyncLink(
        SocketResolver(sync.socket),
        enrolled.registrar_verify_key,
        sync.outbox,
        sync.roster,
        (enrolled.registrar_key, enrolled.signing_key),
        (sync.booth_id, config.booth.institution_code),
        verified_digests(config.models.store),
        new_id,
    )

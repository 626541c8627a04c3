"""The way to the registrar: who a student is, and a safe place for the photo."""

import hashlib
import logging
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

from nacl.public import PublicKey
from nacl.signing import SigningKey

from kiosk.config import Config
from kiosk.errors import SyncError, UsageError
from kiosk.models import verified_digests
from kiosk.pipeline.photo.burst import Shot
from kiosk.pipeline.photo.provenance import NO_VALUES, RecordValues, make_record
from kiosk.pipeline.photo.standardise import Photo
from kiosk.sync.client import RegistrarClient
from kiosk.sync.errors import OutboxCorrupt
from kiosk.sync.keys import parse_registrar_key, parse_registrar_verify_key, read_signing_key
from kiosk.sync.outbox import LEAST_FREE_BYTES, Outbox
from kiosk.sync.resolve import Refusal, resolve
from kiosk.sync.roster import read_extract
from protocol.envelope import Metadata, seal_photo
from protocol.student import Student

log = logging.getLogger(__name__)

RESOLVE_PATIENCE = (2.0, 5.0)
"""Seconds that a student waits for the registrar before the extract is asked instead."""


class SyncLink:
    """Resolves codes at the registrar or in its extract, and seals photos into the outbox."""

    def __init__(
        self,
        client: RegistrarClient,
        outbox: Path,
        roster: Path,
        keys: tuple[PublicKey, SigningKey],
        booth: tuple[str, str],
        models: Mapping[str, str],
        new_id: Callable[[], UUID],
    ) -> None:
        """Open the outbox.

        `keys` are the registrar's public and the booth's signing key; `booth` is the booth's id
        and its institution's code; `models` are the SHA-256 of those it runs, in hexadecimal;
        `new_id` draws the id of a submission.
        """
        self._client = client
        self._path = outbox
        self._outbox = open_outbox(outbox)
        self._roster = roster
        self._registrar_key, self._signing_key = keys
        self._booth_id, self._institution_code = booth
        self._models = models
        self._new_id = new_id

    def resolve(self, code: str) -> Student | Refusal:
        """Say whose capture code this is, or why its owner cannot be photographed."""
        try:
            extract = read_extract(self._roster, self._client.registrar_verify_key)
        except SyncError as error:
            log.error("roster: %s", error)
            extract = None
        return resolve(code, self._client, extract, self._institution_code)

    def seal(
        self, student: Student, photo: Photo, shot: Shot, *, calibration: RecordValues = NO_VALUES
    ) -> None:
        """Put the sealed photo into the outbox, with the record of what was done to the shot.

        `calibration` is what is known of camera and lamps at the shutter. Raises SyncError, and
        UsageError where a record cannot say what was done.
        """
        data = photo.encoded.data
        taken_at = datetime.now(UTC)
        rules = {rule.id: rule.value for rule in shot.assessment.rules}
        kiosk_version = version("graduation-photo-booth")
        metadata = Metadata(
            submission_id=self._new_id(),
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
                calibration=calibration,
            ),
        )
        envelope = seal_photo(metadata, data, self._registrar_key, self._signing_key)
        try:
            self._outbox.put(envelope)
        except OutboxCorrupt as error:
            log.error("outbox: %s", error)
            self._outbox = open_outbox(self._path)
            self._outbox.put(envelope)

    def has_room(self) -> bool:
        """Whether the outbox's disk can take more photos."""
        return shutil.disk_usage(self._path.parent).free >= LEAST_FREE_BYTES


def open_outbox(path: Path) -> Outbox:
    """Open the outbox; where it was damaged, and so set aside, begin a new one."""
    try:
        return Outbox(path)
    except OutboxCorrupt as error:
        log.error("outbox: %s", error)
        return Outbox(path)


def open_client(
    config: Config, timeout: tuple[float, float] = (3.0, 20.0)
) -> tuple[RegistrarClient, SigningKey]:
    """Open the way to the registrar that is configured; raises UsageError where none is."""
    sync = config.sync
    if sync.registrar_public_key is None or sync.registrar_verify_key is None:
        raise UsageError(
            "no registrar is configured: enrol this booth with `registrar booth add`, and put what"
            " it prints under [sync] in the configuration; to try the booth without: kiosk demo"
        )
    signing_key = read_signing_key(sync.signing_key_file)
    verify_key = parse_registrar_verify_key(sync.registrar_verify_key)
    return (
        RegistrarClient(
            str(sync.registrar), sync.booth_id, signing_key, verify_key, timeout=timeout
        ),
        signing_key,
    )


def open_link(config: Config, new_id: Callable[[], UUID]) -> SyncLink:
    """Open the link that is configured; raises UsageError or SyncError."""
    client, signing_key = open_client(config, RESOLVE_PATIENCE)
    sync = config.sync
    return SyncLink(
        client,
        sync.outbox,
        sync.roster,
        (parse_registrar_key(sync.registrar_public_key or ""), signing_key),
        (sync.booth_id, config.booth.institution_code),
        verified_digests(config.models.store),
        new_id,
    )

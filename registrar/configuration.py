"""The configuration that booths fetch: what staff set for an institution's, and its schedule.

Who asks for it first after a change signs the next version: so no change has to wait for it, and no
worker is the one that publishes.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from nacl.signing import SigningKey
from pydantic import ValidationError
from sqlalchemy import Connection, Row, delete, exists, insert, select, update

from protocol.configuration import Configuration, ToldSettings, document_tag, write_document
from protocol.schedule import Slot
from registrar import audit
from registrar.errors import UsageError
from registrar.photo_history import SETTING
from registrar.schedule import slots_of
from registrar.sharing import Sharers, next_sharers, note_configuration
from registrar.storage.database import Database
from registrar.storage.tables import (
    BOOTH_SETTING,
    CONFIGURATION,
    PHOTO,
    RECORD,
    ROSTER_CHANGE,
    ROSTER_EDITION,
)

MOST_AHEAD = 20 * 366 * 86_400
"""By how far, in seconds, a booth's word may lead versions: none uses up what numbers there are."""


class Publisher:
    """Signs configurations. Any thread may call."""

    def __init__(
        self, database: Database, signing_key: SigningKey, now: Callable[[], datetime]
    ) -> None:
        self._database, self._key, self._now = database, signing_key, now

    def document(
        self, institution_code: str, booth_id: str, held: str, held_version: int | None = None
    ) -> bytes:
        """An institution's newest document, for a booth that holds the one with the tag `held`.

        Of `held_version`, where the booth tells it: it takes no other of that version or an older
        one, so after this clock was ahead, and a copy was brought back, all is said once more.
        """
        with self._database.transaction() as db:
            kept = _kept(db, institution_code)
            has_it = kept is not None and document_tag(kept.document) == held
            version = kept.version if kept is not None and has_it else None
            note_configuration(db, institution_code, booth_id, version)
            settings, schedule = _gather(db, institution_code)
            sharers = next_sharers(db, institution_code, kept)
            digest = self._digest(settings, schedule, sharers)
            at = self._now()
            most = int(at.timestamp()) + MOST_AHEAD
            before = -1 if kept is None else kept.version
            told = -1 if held_version is None or has_it else held_version
            if kept is not None and kept.digest == digest and told < before:
                return bytes(kept.document)
            configuration = Configuration(
                institution_code=institution_code,
                # The time, so that who was brought back from a copy gives no number again.
                version=max(int(at.timestamp()), max(before, min(told, most)) + 1),
                issued_at=at,
                settings=settings,
                schedule=schedule,
                sharers=sharers,
            )
            document = write_document(configuration, self._key)
            values = {
                "version": configuration.version,
                "digest": digest,
                "document": document,
                "sharers": json.dumps(sharers),
            }
            if kept is None:
                row = {"institution_code": institution_code, **values}
                db.execute(insert(CONFIGURATION).values(row))
            else:
                of = CONFIGURATION.c.institution_code == institution_code
                db.execute(update(CONFIGURATION).where(of).values(values))
            return document

    def _digest(
        self, settings: ToldSettings, schedule: tuple[Slot, ...], sharers: Sharers
    ) -> bytes:
        """What tells what is said, and by which key it is signed, from anything else."""
        said = hashlib.sha256(bytes(self._key.verify_key))
        said.update(settings.model_dump_json().encode())
        said.update(json.dumps(sharers).encode())
        for slot in schedule:
            said.update(slot.model_dump_json().encode())
        return said.digest()


def settings_of(db: Connection, institution_code: str) -> ToldSettings:
    """What staff have set for an institution's booths."""
    wanted = select(BOOTH_SETTING.c.name, BOOTH_SETTING.c.value)
    rows = db.execute(wanted.where(BOOTH_SETTING.c.institution_code == institution_code))
    return ToldSettings.model_validate({row.name: json.loads(row.value) for row in rows})


def set_for_booths(
    db: Connection, institution_code: str, name: str, value: str, by: str, at: datetime
) -> None:
    """Set what an institution's booths take from here; an empty value says nothing of it any more.

    Raises UsageError for what is no setting, or not of its kind.
    """
    if name not in ToldSettings.model_fields:
        allowed = ", ".join(ToldSettings.model_fields)
        raise UsageError(f"{name}: is none that booths take from here; there are {allowed}")
    try:
        checked = getattr(ToldSettings.model_validate({name: value or None}), name)
    except ValidationError as error:
        raise UsageError(f"{name}: {error.errors()[0]['msg']}") from error
    named = (
        BOOTH_SETTING.c.institution_code == institution_code,
        BOOTH_SETTING.c.name == name,
    )
    db.execute(delete(BOOTH_SETTING).where(*named))
    if checked is not None:
        row = {"institution_code": institution_code, "name": name, "value": json.dumps(checked)}
        db.execute(insert(BOOTH_SETTING).values(row))
    if name == "plain_codes":  # the next edition has their keys, or has them no more
        ours = ROSTER_EDITION.c.institution_code == institution_code
        db.execute(delete(ROSTER_EDITION).where(ours))
    if name == SETTING:
        _note_refused(db, institution_code)
    audit.append(db, at, by, "booth.configure", f"institution {institution_code}", **{name: value})


def _note_refused(db: Connection, institution_code: str) -> None:
    """Note for booths whose roster answers otherwise by the number of resubmissions."""
    refused = exists().where(PHOTO.c.record_id == RECORD.c.record_id, PHOTO.c.state == "refused")
    told = select(RECORD.c.institution_code, RECORD.c.capture_code).where(
        RECORD.c.institution_code == institution_code, refused
    )
    db.execute(insert(ROSTER_CHANGE).from_select(["institution_code", "capture_code"], told))


def _kept(db: Connection, institution_code: str) -> Row[Any] | None:
    """The version that was signed last; nobody signs another meanwhile."""
    wanted = select(CONFIGURATION).where(CONFIGURATION.c.institution_code == institution_code)
    return db.execute(wanted.with_for_update()).one_or_none()


def _gather(db: Connection, institution_code: str) -> tuple[ToldSettings, tuple[Slot, ...]]:
    return settings_of(db, institution_code), slots_of(db, institution_code)

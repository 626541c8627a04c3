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
from sqlalchemy import Connection, Row, delete, insert, select, update

from protocol.configuration import Configuration, ToldSettings, write_document
from protocol.schedule import Slot
from registrar import audit
from registrar.errors import UsageError
from registrar.schedule import slots_of
from registrar.storage.database import Database
from registrar.storage.tables import BOOTH_SETTING, CONFIGURATION


class Publisher:
    """Signs configurations. Any thread may call."""

    def __init__(
        self, database: Database, signing_key: SigningKey, now: Callable[[], datetime]
    ) -> None:
        self._database, self._key, self._now = database, signing_key, now

    def document(self, institution_code: str) -> bytes | None:
        """An institution's newest document; None where nothing was ever said to its booths."""
        with self._database.connection() as db:
            kept, said = _kept(db, institution_code), _gather(db, institution_code)
        if kept is None and said == (ToldSettings(), ()):
            return None
        digest = self._digest(*said)
        if kept is not None and kept.digest == digest:
            return bytes(kept.document)
        with self._database.transaction() as db:
            kept = _kept(db, institution_code, locked=True)
            said = _gather(db, institution_code)
            digest = self._digest(*said)
            if kept is not None and kept.digest == digest:
                return bytes(kept.document)
            return self._publish(db, institution_code, kept, *said)

    def _publish(
        self,
        db: Connection,
        institution_code: str,
        kept: Row[Any, Any, Any] | None,
        settings: ToldSettings,
        schedule: tuple[Slot, ...],
    ) -> bytes:
        at = self._now()
        # The time, so that a registrar that was brought back from a copy gives no number again.
        version = max(int(at.timestamp()), 0 if kept is None else kept.version + 1)
        configuration = Configuration(
            institution_code=institution_code,
            version=version,
            issued_at=at,
            settings=settings,
            schedule=schedule,
        )
        document = write_document(configuration, self._key)
        values = {
            "version": version,
            "digest": self._digest(settings, schedule),
            "document": document,
        }
        if kept is None:
            db.execute(insert(CONFIGURATION).values(institution_code=institution_code, **values))
        else:
            of = CONFIGURATION.c.institution_code == institution_code
            db.execute(update(CONFIGURATION).where(of).values(values))
        return document

    def _digest(self, settings: ToldSettings, schedule: tuple[Slot, ...]) -> bytes:
        """What tells what is said, and by which key it is signed, from anything else."""
        said = hashlib.sha256(bytes(self._key.verify_key))
        said.update(settings.model_dump_json().encode())
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
    audit.append(db, at, by, "booth.configure", f"institution {institution_code}", **{name: value})


def _kept(
    db: Connection, institution_code: str, *, locked: bool = False
) -> Row[Any, Any, Any] | None:
    """The version that was signed last; `locked`: nobody signs another meanwhile."""
    columns = (CONFIGURATION.c.version, CONFIGURATION.c.digest, CONFIGURATION.c.document)
    wanted = select(*columns).where(CONFIGURATION.c.institution_code == institution_code)
    return db.execute(wanted.with_for_update() if locked else wanted).one_or_none()


def _gather(db: Connection, institution_code: str) -> tuple[ToldSettings, tuple[Slot, ...]]:
    return settings_of(db, institution_code), slots_of(db, institution_code)

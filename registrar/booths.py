"""Booths and keys: who is served, by which keys, and how each stands."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from nacl.signing import VerifyKey
from pydantic import ValidationError
from sqlalchemy import Connection, delete, exists, insert, literal, or_, select, update

from protocol.report import BoothReport
from protocol.request import CLOCK_WINDOW
from registrar.errors import StoreError, UsageError
from registrar.storage.database import Database
from registrar.storage.tables import BOOTH, FORMER_KEY, OWN_KEY, PHOTO, REPORT


@dataclass(frozen=True, slots=True)
class FormerKey:
    """A key by which a booth was served until it was removed."""

    booth_id: str
    key: VerifyKey
    accepted: bool
    """Whether photos signed with it are taken all the same."""
    institution_code: str | None = None
    """Whose the booth was."""


class Booths:
    """The booths that the registrar serves, or served once. Each call is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def check_own_keys(self, public_keys: Mapping[str, tuple[bytes, ...]]) -> None:
        """Check that the registrar's keys are those that booths were told, or remember them.

        `public_keys` are the public halves by their files' names: of each the present one, and
        those before it. Raises StoreError.
        """
        with self._database.transaction() as db:
            known = {row.file: row.public_key for row in db.execute(select(OWN_KEY))}
            for file, (present, *former) in public_keys.items():
                if file not in known:
                    db.execute(insert(OWN_KEY).values(file=file, public_key=present))
                elif known[file] in former:  # it was renewed
                    named = OWN_KEY.c.file == file
                    db.execute(update(OWN_KEY).where(named).values(public_key=present))
                elif known[file] != present:
                    raise StoreError(
                        f"{self._database.folder / file}: is not the key that booths were told;"
                        " bring that one back from a copy"
                    )

    def are_known(self) -> bool:
        """Say whether booths were told the registrar's keys, or have sent photos."""
        told = or_(*(exists(select(table)) for table in (BOOTH, FORMER_KEY, PHOTO, OWN_KEY)))
        with self._database.connection() as db:
            return bool(db.execute(select(told)).scalar())

    def enrol(
        self, booth_id: str, verify_key: VerifyKey, institution_code: str | None = None
    ) -> None:
        """Serve a booth from now on; raises UsageError where its name is taken by another key."""
        with self._database.transaction() as db:
            enrol_booth_key(db, booth_id, verify_key, institution_code)

    def remove(self, booth_id: str) -> None:
        """Serve a booth no more; its photos stay. Raises UsageError where there is none."""
        with self._database.transaction() as db:
            remove_booth(db, booth_id)

    def accept_former_keys(self, booth_id: str) -> int:
        """Take photos that were signed with a booth's former keys from now on; how many keys.

        Raises UsageError where it has none.
        """
        with self._database.transaction() as db:
            return accept_keys(db, booth_id)

    def served(self) -> dict[str, VerifyKey]:
        """The booths that are served, with their keys."""
        with self._database.connection() as db:
            rows = db.execute(select(BOOTH).order_by(BOOTH.c.booth_id)).all()
        return {row.booth_id: VerifyKey(row.verify_key) for row in rows}

    def institution_of(self, booth_id: str) -> str | None:
        """Whose a booth is that is served; None where it is nobody's own, or not served."""
        with self._database.connection() as db:
            whose = select(BOOTH.c.institution_code).where(BOOTH.c.booth_id == booth_id)
            found: str | None = db.execute(whose).scalar()
        return found

    def institutions(self) -> dict[str, str | None]:
        """Whose each booth is that is served: an institution's code, None of nobody's own."""
        with self._database.connection() as db:
            rows = db.execute(select(BOOTH.c.booth_id, BOOTH.c.institution_code)).all()
        return {row.booth_id: row.institution_code for row in rows}

    def key_of(self, booth_id: str) -> VerifyKey | None:
        """The key by which a booth is served; None where it is not."""
        with self._database.connection() as db:
            key = db.execute(select(BOOTH.c.verify_key).where(BOOTH.c.booth_id == booth_id))
            found = key.scalar()
        return None if found is None else VerifyKey(found)

    def former_keys(self, booth_id: str | None = None) -> list[FormerKey]:
        """The keys by which booths were served once, or one of them."""
        wanted = select(FORMER_KEY).order_by(FORMER_KEY.c.booth_id, FORMER_KEY.c.verify_key)
        if booth_id is not None:
            wanted = wanted.where(FORMER_KEY.c.booth_id == booth_id)
        with self._database.connection() as db:
            rows = db.execute(wanted).all()
        return [
            FormerKey(row.booth_id, VerifyKey(row.verify_key), row.accepted, row.institution_code)
            for row in rows
        ]

    def keep_report(self, booth_id: str, report: BoothReport, received_at: datetime) -> None:
        """Keep how a booth stands, in the place of what it told before.

        Not where that was said a moment later: then somebody has sent an older request again.
        """
        values = {"received_at": received_at.isoformat(), "report": report.model_dump_json()}
        with self._database.transaction() as db:
            before = select(REPORT.c.report).where(REPORT.c.booth_id == booth_id)
            held = db.execute(before).scalar()
            if held is not None and _is_later(held, report.at):
                return
            if not db.execute(
                update(REPORT).where(REPORT.c.booth_id == booth_id).values(values)
            ).rowcount:
                db.execute(insert(REPORT).values(booth_id=booth_id, **values))

    def reports(self) -> dict[str, tuple[datetime, BoothReport]]:
        """What each booth that is served told last, and when that came."""
        with self._database.connection() as db:
            rows = db.execute(
                select(REPORT)
                .join(BOOTH, BOOTH.c.booth_id == REPORT.c.booth_id)
                .order_by(REPORT.c.booth_id)
            ).all()
        reports = {}
        for row in rows:
            with suppress(ValidationError):  # another version's: the next one replaces it
                report = BoothReport.model_validate_json(row.report)
                reports[row.booth_id] = datetime.fromisoformat(row.received_at), report
        return reports


def _is_later(held: str, at: datetime) -> bool:
    """Say whether a report was told after a time, but by no more than a request may be repeated."""
    try:
        ahead = BoothReport.model_validate_json(held).at - at
    except ValidationError:  # another version's
        return False
    return timedelta(0) < ahead <= timedelta(seconds=2 * CLOCK_WINDOW)


def enrol_booth_key(
    db: Connection, booth_id: str, verify_key: VerifyKey, institution_code: str | None = None
) -> None:
    """Serve a booth from now on; raises UsageError where its name is taken by another key.

    `institution_code` is whose staff see it; None where it is nobody's own.
    """
    key = bytes(verify_key)
    held_key = db.execute(select(BOOTH.c.verify_key).where(BOOTH.c.booth_id == booth_id)).scalar()
    if held_key is None:
        whose = {"institution_code": institution_code}
        db.execute(insert(BOOTH).values(booth_id=booth_id, verify_key=key, **whose))
        db.execute(
            delete(FORMER_KEY).where(
                FORMER_KEY.c.booth_id == booth_id, FORMER_KEY.c.verify_key == key
            )
        )
    elif held_key != key:
        raise UsageError(
            f"booth {booth_id}: is enrolled with another key; "
            f"remove it first: registrar booth remove {booth_id}"
        )


def check_name_is_free(db: Connection, booth_id: str) -> None:
    """Raise UsageError where a booth of that name is served."""
    if db.execute(select(BOOTH.c.booth_id).where(BOOTH.c.booth_id == booth_id)).first():
        raise UsageError(
            f"booth {booth_id}: is enrolled already; "
            f"remove it first: registrar booth remove {booth_id}"
        )


def remove_booth(db: Connection, booth_id: str) -> None:
    """Serve a booth no more; its photos stay. Raises UsageError where there is none.

    Its key is remembered, so that a photo that still comes with it can be told.
    """
    known = exists().where(
        FORMER_KEY.c.booth_id == BOOTH.c.booth_id,
        FORMER_KEY.c.verify_key == BOOTH.c.verify_key,
    )
    unknown = select(
        BOOTH.c.booth_id, BOOTH.c.verify_key, literal(False), BOOTH.c.institution_code
    ).where(BOOTH.c.booth_id == booth_id, ~known)
    names = ["booth_id", "verify_key", "accepted", "institution_code"]
    db.execute(insert(FORMER_KEY).from_select(names, unknown))
    if not db.execute(delete(BOOTH).where(BOOTH.c.booth_id == booth_id)).rowcount:
        raise UsageError(f"booth {booth_id}: is not enrolled; see registrar booth list")


def accept_keys(db: Connection, booth_id: str) -> int:
    """Take photos that were signed with a booth's former keys from now on; how many keys.

    Raises UsageError where it has none.
    """
    changed = db.execute(
        update(FORMER_KEY).where(FORMER_KEY.c.booth_id == booth_id).values(accepted=True)
    ).rowcount
    if not changed:
        raise UsageError(f"booth {booth_id}: has no former key; see registrar booth list")
    return changed

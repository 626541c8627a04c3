"""Among which booths a student's day is shared, and which of them know that it is kept back.

A booth may have left the network at any moment: it is what it surely knows that counts. Of the
roster it knows all that had changed when it was offered the number that it now says it holds.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from protocol.admission import Limits, deal_shares
from registrar.roster_rows import Told, find_edition
from registrar.storage.database import Database
from registrar.storage.tables import BOOTH, CONFIGURATION, SHARER

MARGIN = timedelta(seconds=10)
"""By which a change is older than a number that surely tells of it: transactions take as long at
most, and clocks of several workers differ less."""

Sharers = tuple[tuple[str, ...], ...]


class Sharing:
    """Notes what booths know of rosters. Each call is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note_roster(
        self, institution_code: str, booth_id: str, told: Told | None, asked_at: datetime
    ) -> None:
        """Note what a booth holds that has just been told what follows on it."""
        with self._database.transaction() as db:
            row = _find(db, institution_code, booth_id)
            edition = find_edition(db, institution_code)
            if edition is None:
                return
            knows = row.knows_until
            if told is not None and told.edition == row.edition and told.number >= row.number:
                knows = row.offered_at
            if told is not None and (told.edition, told.number) == (edition.salt, edition.number):
                knows = asked_at.timestamp()
            values = {
                "edition": edition.salt,
                "number": edition.number,
                "offered_at": asked_at.timestamp(),
                "knows_until": knows,
            }
            _change(db, institution_code, booth_id, values)


def note_configuration(
    db: Connection, institution_code: str, booth_id: str, version: int | None
) -> None:
    """Note that a booth holds this version of its configuration; None: none of those in force."""
    row = _find(db, institution_code, booth_id)
    if version is not None and version != row.configuration:
        _change(db, institution_code, booth_id, {"configuration": version})


def next_sharers(db: Connection, institution_code: str, kept: Row[Any] | None) -> Sharers:
    """The booths to be named in the configuration: those that it names, or a step on.

    From one list to another leads a version with both, until every booth that is named holds it. So
    no two booths ever go by lists that together deal more than there is.
    """
    rows = _sharing(db, institution_code)
    now = tuple(sorted(rows))
    named = read_sharers(kept)
    if not named:
        return (now,) if now else ()
    if len(named) == 1:
        return named if named[0] == now else (named[0], now)
    coming = named[1]
    holders = [rows[booth] for booth in {*named[0], *coming} if booth in rows]
    if kept is not None and all(row.configuration == kept.version for row in holders):
        return (coming,)
    return named


def read_sharers(kept: Row[Any] | None) -> Sharers:
    """The booths that the configuration in force names."""
    return () if kept is None else tuple(tuple(booths) for booths in json.loads(kept.sharers))


def shares_left(
    db: Connection,
    institution_code: str,
    record_id: str,
    since: float | None,
    limits: Limits,
) -> Mapping[str, int]:
    """The shares of a student's day that booths may use up without asking.

    `since` is from when on the day is kept back, in s since 1970; None: it is not. A booth that
    knows it has none, nor has one that is not served any more.
    """
    wanted = select(CONFIGURATION).where(CONFIGURATION.c.institution_code == institution_code)
    named = read_sharers(db.execute(wanted).one_or_none())
    if not named:
        return {}
    rows = _sharing(db, institution_code)
    known = {
        booth
        for booth, row in rows.items()
        if since is not None and row.knows_until >= since + MARGIN.total_seconds()
    }
    shares = deal_shares(named[0], record_id, limits)
    return {booth: share for booth, share in shares.items() if booth in rows and booth not in known}


def _sharing(db: Connection, institution_code: str) -> dict[str, Row[Any]]:
    """The booths that share an institution's students and are served."""
    wanted = (
        select(SHARER)
        .join(BOOTH, BOOTH.c.booth_id == SHARER.c.booth_id)
        .where(SHARER.c.institution_code == institution_code)
    )
    return {row.booth_id: row for row in db.execute(wanted)}


def _find(db: Connection, institution_code: str, booth_id: str) -> Row[Any]:
    """A booth's row; one that is new shares from now on."""
    named = (SHARER.c.institution_code == institution_code, SHARER.c.booth_id == booth_id)
    row = db.execute(select(SHARER).where(*named)).one_or_none()
    if row is None:
        db.execute(insert(SHARER).values(institution_code=institution_code, booth_id=booth_id))
        row = db.execute(select(SHARER).where(*named)).one()
    return row


def _change(
    db: Connection, institution_code: str, booth_id: str, values: Mapping[str, object]
) -> None:
    named = (SHARER.c.institution_code == institution_code, SHARER.c.booth_id == booth_id)
    db.execute(update(SHARER).where(*named).values(values))

"""The roster on its way to booths: what has changed becomes the next delta once somebody asks.

So no photo waits for a counter, and none costs more where the roster is long. A base is made when
an edition begins, and again, out of the base before and the deltas since, when these grow long.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from nacl.signing import SigningKey
from sqlalchemy import Connection, Row, delete, insert, select, text

from protocol.code_looks import joined
from protocol.roster import Alias, Resolution
from protocol.roster_edition import (
    Head,
    TooLong,
    derive_secret,
    first_head,
    make_delta,
    make_entry,
    next_head,
    read_entries,
    split_parts,
)
from registrar.objects import NoSuchObject, ObjectStore
from registrar.plain_keys import aliases, aliases_of
from registrar.records import resolutions, resolutions_of
from registrar.roster_base import entries_object, make_base, merge_base, place_base, read_head
from registrar.roster_claim import CLAIM, claimed
from registrar.roster_rows import (
    Told,
    change_edition,
    count_noted,
    find_edition,
    has_told,
    join_deltas,
    select_deltas,
)
from registrar.standardisations import keep_back
from registrar.storage.database import Database
from registrar.storage.tables import ROSTER_CHANGE, ROSTER_DELTA, ROSTER_EDITION

MOST_IN_DELTA = 500
"""Codes in one delta: 0.1 s, for which a photo may have to wait on SQLite."""

MANY_CHANGES = 1000
"""From which a quarter of the roster changed is a new edition and no delta: its base is smaller
than deltas of which each entry comes beside one that booths have."""

LONG_DELTAS = 1_000_000, 16_000_000
"""Bytes of deltas since a base from which half of its size calls for a new one, and the most that
there may be: they are in memory while it is made."""

LOOKED_AT_EACH = 64
"""Numbers after which it is looked at how long the deltas are."""

OLD = timedelta(days=1)
"""For which a base stays that has been replaced: a booth may be fetching it."""


class NotReady(Exception):
    """A new edition is being made: ask again in a minute."""


class RosterPublisher:
    """Tells booths the rosters. Any thread and any process may."""

    def __init__(
        self,
        database: Database,
        objects: ObjectStore,
        signing_key: SigningKey,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        draw_salt: Callable[[], bytes] = lambda: secrets.token_bytes(32),
    ) -> None:
        self._database, self._objects, self._key = database, objects, signing_key
        self._clock, self._draw_salt = clock, draw_salt

    def news(self, institution_code: str, told: Told | None) -> bytes | None:
        """What follows on what a booth holds; None where it has all.

        Deltas, or the head of a base to begin with. Raises NotReady, StoreError.
        """
        known = self._publish(institution_code, told)
        with self._database.connection() as db:
            row = find_edition(db, institution_code)
            if row is None or not row.base_object:
                raise NotReady
            if known and told is not None:
                if told.number == row.number:
                    return None
                return join_deltas(db, institution_code, told.number)
        try:
            return read_head(self._objects, row.base_object).line()
        except NoSuchObject:  # the object store has lost it
            self._begin(institution_code, row.salt)
            return self.news(institution_code, None)

    def base_size(self, institution_code: str, base: str) -> int:
        """Count the bytes of a base's entries, by its `Head.base`.

        Raises NoSuchObject, StoreError.
        """
        return self._objects.size(entries_object(place_base(institution_code, base)))

    def read_base(self, institution_code: str, base: str, start: int, length: int) -> bytes:
        """Read a part of a base's entries; raises NoSuchObject, StoreError."""
        name = entries_object(place_base(institution_code, base))
        return self._objects.get_range(name, start, length)

    # ---- deltas ----

    def _publish(self, institution_code: str, told: Told | None) -> bool:
        """Tell all that was noted, and say whether the edition has what a booth holds."""
        row, noted, known = self._look(institution_code, told)
        if row is None or self._is_given_up(row):
            self._begin(institution_code, None if row is None else row.salt)
            row, noted, known = self._look(institution_code, told)
        if row is None or not row.base_object:
            raise NotReady
        # What says that it is of a time to come is not believed, nor what is older than what the
        # booth holds (a copy of the registrar was brought back): so it is said once more.
        later = told is not None and not known and told.issued_at.timestamp() >= row.made_at
        anew = later or self._clock() < _time(row.made_at)
        many = noted > MANY_CHANGES and self._is_shorter_anew(row, noted)
        while noted > 0 or anew:
            if many or not self._add_delta(row, anew=anew):
                self._begin(institution_code, row.salt)
                return False
            noted, anew = noted - MOST_IN_DELTA, False
        return known

    def _is_shorter_anew(self, row: Row[Any], noted: int) -> bool:
        """Whether a new base is less than the deltas of so many changes, or there is none."""
        try:
            return noted > read_head(self._objects, row.base_object).count // 4
        except NoSuchObject:
            return True

    def _look(self, institution_code: str, told: Told | None) -> tuple[Row[Any] | None, int, bool]:
        """The edition's row, how many changes are noted, and whether it has what a booth holds."""
        with self._database.connection() as db:
            row = find_edition(db, institution_code)
            known = row is not None and told is not None and has_told(db, row, told)
            return row, count_noted(db, institution_code), known

    def _add_delta(self, seen: Row[Any], *, anew: bool) -> bool:
        """Make the next delta of what was noted; False where that takes another edition.

        Where nothing is noted, none is made, unless all is to be said `anew` since the edition was
        `seen`.
        """
        institution_code, salt = seen.institution_code, seen.salt
        ours = ROSTER_CHANGE.c.institution_code == institution_code
        columns = (ROSTER_CHANGE.c.id, ROSTER_CHANGE.c.capture_code)
        wanted = select(*columns).where(ours).order_by(ROSTER_CHANGE.c.id).limit(MOST_IN_DELTA)
        with self._database.connection() as db:
            found = db.execute(wanted).all()
        # Before the transaction, for which photos wait: a short code takes some 50 ms.
        derived = {row.capture_code: derive_secret(row.capture_code, salt) for row in found}
        with self._database.transaction() as db:
            row = find_edition(db, institution_code, lock=True)
            if row is None or row.salt != salt or not row.base_object:
                return True  # another worker has begun one meanwhile
            # What is noted since goes into the next.
            changes = [noted for noted in db.execute(wanted) if noted.capture_code in derived]
            if not changes and not (anew and row.number == seen.number):
                return True  # another worker has told it
            codes = list({change.capture_code: None for change in changes})
            found_now = resolutions_of(db, institution_code, codes) if codes else {}
            answers = dict(keep_back(db, institution_code, found_now.items(), self._clock()))
            stand_for = aliases_of(db, institution_code, codes)
            opening = {code: derived[code] for code in codes}
            try:
                head, delta = self._sign_delta(self._newest(db, row), opening, answers, stand_for)
            except (TooLong, NoSuchObject):  # NoSuchObject: the object store has lost the base
                return False
            values = {"institution_code": institution_code, "number": head.number, "body": delta}
            db.execute(insert(ROSTER_DELTA).values(values))
            now = {
                "number": head.number,
                "chain": head.chain,
                "made_at": head.issued_at.timestamp(),
            }
            db.execute(change_edition(institution_code, salt).values(now))
            told = [change.id for change in changes]
            db.execute(delete(ROSTER_CHANGE).where(ROSTER_CHANGE.c.id.in_(told)))
        if head.number % LOOKED_AT_EACH == 0:
            with suppress(NoSuchObject):  # whoever asks for the base has it made anew
                self._shorten(institution_code)
        return True

    def _sign_delta(
        self,
        newest: Head,
        opening: Mapping[str, bytes],
        answers: dict[str, Resolution],
        stand_for: Mapping[str, Alias],
    ) -> tuple[Head, bytes]:
        looks = joined(newest.looks, answers)
        head = next_head(newest, self._clock()).model_copy(update={"looks": looks})
        entries = [
            make_entry(secret, answers.get(code) or stand_for.get(code), head, self._key)
            for code, secret in opening.items()
        ]
        return make_delta(head, entries, self._key)

    def _newest(self, db: Connection, row: Row[Any]) -> Head:
        """The head of an edition's newest delta, or of its base where there is none since."""
        for body in select_deltas(db, row.institution_code, row.number - 1, most=1):
            return next(split_parts(body))[0]
        return read_head(self._objects, row.base_object)

    # ---- bases ----

    def _is_given_up(self, row: Row[Any]) -> bool:
        """Whether who began an edition has ended without its base."""
        return not row.base_object and self._clock() - _time(row.made_at) > CLAIM

    def _begin(self, institution_code: str, former: bytes | None) -> None:
        """Begin an edition in the place of the one of the salt `former`; raises NotReady.

        First, in one transaction, all that was noted goes, since the base will have it; then the
        roster is read. Who is killed meanwhile leaves an edition without base, and renews no claim.
        """
        salt, now = self._draw_salt(), self._clock()
        with self._database.transaction() as db:
            if not self._database.is_file:
                db.execute(text("LOCK TABLE roster_edition IN SHARE ROW EXCLUSIVE MODE"))
            row = find_edition(db, institution_code)
            if (None if row is None else row.salt) != former:
                raise NotReady  # another worker has begun one
            for table in (ROSTER_CHANGE, ROSTER_DELTA, ROSTER_EDITION):
                db.execute(delete(table).where(table.c.institution_code == institution_code))
            edition = {
                "institution_code": institution_code,
                "salt": salt,
                "number": 0,
                "chain": salt,
                "base_object": "",
                "base_number": 0,
                "made_at": now.timestamp(),
            }
            db.execute(insert(ROSTER_EDITION).values(edition))
        unsized = first_head(institution_code, salt, now)

        def answers() -> Iterator[tuple[str, Resolution | Alias]]:
            with self._database.connection() as db:
                found = resolutions(db, institution_code)
                yield from keep_back(db, institution_code, found, self._clock())
            with self._database.connection() as db:
                yield from aliases(db, institution_code)

        try:
            with claimed(self._database, institution_code, salt, self._clock):
                base = make_base(unsized, answers, self._objects, self._database.folder, self._key)
        except BaseException:
            self._give_up(institution_code, salt)
            raise
        with self._database.transaction() as db:
            kept = {
                "base_object": place_base(institution_code, base.base),
                "made_at": now.timestamp(),
            }
            db.execute(change_edition(institution_code, salt).values(kept))
        self._sweep(institution_code, place_base(institution_code, base.base))

    def _give_up(self, institution_code: str, salt: bytes) -> None:
        """Leave an edition without base to who asks next."""
        with self._database.transaction() as db:
            db.execute(change_edition(institution_code, salt).values(made_at=0.0))

    def _shorten(self, institution_code: str) -> None:
        """Make a new base where the deltas since the last have grown long."""
        least, most = LONG_DELTAS
        with self._database.connection() as db:
            row = find_edition(db, institution_code)
            if row is None or not row.base_object:
                return
            before = read_head(self._objects, row.base_object)
            bodies = list(select_deltas(db, institution_code, before.number))
        half = before.count * before.entry_bytes // 2
        if sum(map(len, bodies)) < min(max(half, least), most):
            return
        parts = [part for body in bodies for part in split_parts(body)]
        deltas = (entry for _, entries in parts for entry in read_entries(entries))
        base = merge_base(
            before, deltas, parts[-1][0], self._objects, self._database.folder, self._key
        )
        with self._database.transaction() as db:
            moved = change_edition(institution_code, before.edition).where(
                ROSTER_EDITION.c.base_number == before.number
            )
            values = {
                "base_object": place_base(institution_code, base.base),
                "base_number": base.number,
            }
            if db.execute(moved.values(values)).rowcount:
                # Those since the base before stay: to booths that had it they are shorter.
                old = ROSTER_DELTA.c.number <= before.number
                ours = ROSTER_DELTA.c.institution_code == institution_code
                db.execute(delete(ROSTER_DELTA).where(ours, old))
        self._sweep(institution_code, place_base(institution_code, base.base))

    def _sweep(self, institution_code: str, present: str) -> None:
        """Remove bases that no booth fetches any more."""
        until = (self._clock() - OLD).timestamp()
        for name, made_at in list(self._objects.names(f"roster/{institution_code}/")):
            if made_at < until and not name.startswith(f"{present}/"):
                self._objects.delete(name)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

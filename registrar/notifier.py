"""The notifier: sends the notices of the outbox, each until it was taken or given up.

Any number may run at once, on any number of machines: each notice is one notifier's at a time. A
notifier that is killed leaves the one it had to be sent again: who takes notices knows them by
their number. Nothing here writes a name, a number of a student or a face into a log.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import SystemRandom
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection, Select, bindparam, select, update

from registrar.errors import StoreError
from registrar.photo_history import bar_of, history_columns
from registrar.photo_state import State
from registrar.roster import Record
from registrar.storage.database import Database
from registrar.storage.tables import NOTICE, PHOTO, RECORD

_log = logging.getLogger("uvicorn.error")

LEASE = 120.0
"""Seconds after which a notice that a notifier took, and told nothing of, is another's: longer than
any channel takes (`registrar.channels.DEADLINE`)."""

FIRST_WAIT, LONGEST_WAIT = 30.0, 6 * 3600.0
"""Seconds to the second attempt; they double from one to the next, up to the longest."""

MOST_ATTEMPTS = 14
"""After these, over two days, a notice is given up, and the desk counts it."""

LOOK = 5.0
"""Seconds between two looks into an outbox in which nothing was due."""


_STANDS: Select[Any] = select(
    *history_columns(RECORD.c.record_id, RECORD.c.institution_code)
).where(RECORD.c.record_id == bindparam("record"))


@dataclass(frozen=True, slots=True)
class Notice:
    """What a student is to be told of a photo."""

    number: int
    """No other notice has it: who gets one twice knows it by this."""
    state: State
    refusal: str | None
    made_at: datetime
    submission_id: UUID
    record: Record
    is_last: bool = False
    """Whether no more photo is taken of them without a permit: as many as may be were replaced."""


class NotSent(Exception):
    """Why a notice was not taken; said without the student's name, number or address."""

    def __init__(self, why: str, *, hopeless: bool = False) -> None:
        super().__init__(why)
        self.hopeless = hopeless
        """Whether another attempt would end the same."""


class Channel(Protocol):
    """Takes notices to students."""

    def send(self, notice: Notice) -> None:
        """Send a notice; NotSent where it was not taken."""


class Notifier:
    """Drains the outbox through channels."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        now: Callable[[], float] = lambda: datetime.now(UTC).timestamp(),
        draw: Callable[[], float] = SystemRandom().random,  # noqa: B008 - has no state
    ) -> None:
        """`now` is in seconds since 1970, `draw` a number from 0 to 1."""
        self._database = database
        self._channels = channels
        self._now = now
        self._draw = draw

    def run(self, stop: threading.Event) -> None:
        """Send what is due until told to stop."""
        while not stop.is_set():
            try:
                idle = not self.send_one()
            except StoreError as error:
                _log.error("registrar: notices wait: %s", error)
                idle = True
            if idle:
                stop.wait(LOOK)

    def send_one(self) -> bool:
        """Send the notice that has been due longest; False where none is. Raises StoreError."""
        with self._database.transaction() as db:
            taken = self._take(db)
        if taken is None:
            return False
        notice, channel, attempts = taken
        try:
            self._channels[channel].send(notice)
        except NotSent as error:
            self._note_failure(notice.number, channel, attempts, error)
            return True
        sent = {"sent_at": self._now(), "next_at": None, "fault": None}
        with self._database.transaction() as db:
            db.execute(update(NOTICE).where(NOTICE.c.id == notice.number).values(sent))
        return True

    def _take(self, db: Connection) -> tuple[Notice, str, int] | None:
        """Take a notice that is due, for as long as the lease is; and how often it was tried."""
        now = self._now()
        due = (
            select(NOTICE, PHOTO.c.submission_id, *RECORD.c)
            .join(PHOTO, PHOTO.c.number == NOTICE.c.photo_number)
            .join(RECORD, RECORD.c.record_id == PHOTO.c.record_id)
            .where(NOTICE.c.next_at <= now, NOTICE.c.channel.in_(list(self._channels)))
            .order_by(NOTICE.c.next_at, NOTICE.c.id)
            .limit(1)
            .with_for_update(of=NOTICE, skip_locked=True)
        )
        row = db.execute(due).first()
        if row is None:
            return None
        attempts = row.attempts + 1
        leased = {"next_at": now + LEASE, "attempts": attempts}
        db.execute(update(NOTICE).where(NOTICE.c.id == row.id).values(leased))
        notice = Notice(
            row.id,
            row.state,
            row.refusal,
            datetime.fromtimestamp(row.made_at, UTC),
            UUID(row.submission_id),
            Record(*(getattr(row, field) for field in Record._fields)),
            is_last=bar_of(db.execute(_STANDS, {"record": row.record_id}).one())
            == "resubmissions_used",
        )
        return notice, row.channel, attempts

    def _note_failure(self, number: int, channel: str, attempts: int, error: NotSent) -> None:
        given_up = error.hopeless or attempts >= MOST_ATTEMPTS
        pause = wait_after(attempts, self._draw())
        failed = {"fault": str(error)[:200], "next_at": None if given_up else self._now() + pause}
        with self._database.transaction() as db:
            db.execute(update(NOTICE).where(NOTICE.c.id == number).values(failed))
        then = "given up" if given_up else f"again in {pause:.0f} s"
        _log.warning("registrar: notice %d by %s: %s; %s", number, channel, error, then)


@contextmanager
def notifying(database: Database, channels: Mapping[str, Channel]) -> Iterator[None]:
    """Send notices on a thread of their own meanwhile; without channels there are none."""
    if not channels:
        yield
        return
    stop = threading.Event()
    notifier = Notifier(database, channels)
    thread = threading.Thread(target=notifier.run, args=(stop,), name="notifier", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()


def wait_after(attempts: int, draw: float) -> float:
    """Seconds until the next attempt after so many: doubled each time, and a drawn part of it.

    At least half: so those that failed together do not all come back together.
    """
    doubled = FIRST_WAIT * 2.0 ** min(attempts - 1, 20)
    return min(doubled, LONGEST_WAIT) * (0.5 + draw / 2)

"""The schedule that the registrar has told this booth, asked at the present moment.

It stops nobody where there is none, where it is damaged, or where it says nothing of somebody.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from nacl.signing import VerifyKey

from kiosk.errors import SyncError
from kiosk.sync.configuration import configuration_path, read_configuration
from protocol.student import Student
from protocol.timetable import Timetable
from protocol.turn import NO_AGENDA, Agenda, Turn

log = logging.getLogger(__name__)

Mark = tuple[int, int, int]


class HeldSchedule:
    """Reads what a sync has brought, again where that has changed. Any thread may ask."""

    def __init__(
        self,
        roster: Path,
        key: VerifyKey,
        institution_code: str,
        place: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`place` is where the booth stands; `roster` lies beside what the registrar told."""
        self._roster, self._key, self._institution_code = roster, key, institution_code
        self._place, self._now = place, now
        self._read: tuple[Mark | None, Timetable] = (None, Timetable())

    def agenda(self) -> Agenda:
        """Whose turn it is here, and who comes next."""
        table = self._timetable()
        return table.agenda(self._now()) if table.slots else NO_AGENDA

    def turn_of(self, student: Student) -> Turn | None:
        """How a student stands to the schedule; None where it says nothing of them."""
        return self._timetable().find_turn(student.college, self._now())

    def _timetable(self) -> Timetable:
        mark, held = self._mark(), self._read
        if held[0] != mark:
            held = self._read = mark, self._look()
        return held[1]

    def _mark(self) -> Mark | None:
        """What tells one file from the next in its place."""
        try:
            found = configuration_path(self._roster).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _look(self) -> Timetable:
        try:
            told = read_configuration(self._roster, self._key, self._institution_code)
        except SyncError as error:
            log.error("schedule: %s; nobody is stopped by it", error)
            told = None
        if told is None:
            return Timetable()
        table = Timetable(told.schedule, self._place, told.settings)
        if table.slots and not table.knows_place:
            log.warning("schedule: names no place as booth.place does: places are not told apart")
        return table

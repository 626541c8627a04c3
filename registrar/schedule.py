"""The schedules that are held: whose colleges come when and where; imported, and told to booths."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select

from protocol.schedule import Slot
from registrar.schedule_reading import JudgedSchedule
from registrar.storage.database import Database
from registrar.storage.tables import RECORD, SCHEDULE_SLOT


@dataclass(frozen=True, slots=True)
class ScheduleChange:
    """What an import changes, in slots."""

    new: int
    removed: int
    same: int


@dataclass(frozen=True, slots=True)
class SchedulePreview:
    """What an import would do."""

    judged: JudgedSchedule
    result: ScheduleChange
    """Of the rows that are not refused."""
    remarks: tuple[str, ...]


def preview_schedule(database: Database, judged: JudgedSchedule) -> SchedulePreview:
    """Try an import; nothing is changed."""
    with database.connection() as db:
        parts = [_compare(db, code, slots) for code, slots in judged.slots().items()]
        strange = tuple(_find_strange(db, judged))
    return SchedulePreview(judged, _count(parts), (*judged.remarks, *strange))


def import_schedule(
    database: Database,
    judged: JudgedSchedule,
    *,
    partial: bool,
    note: Callable[[Connection, ScheduleChange], None],
) -> ScheduleChange:
    """Make a file's slots the schedule of each institution that it names; others keep theirs.

    Raises UsageError where rows are refused; `partial` leaves those out. `note` is the last to be
    called in the transaction.
    """
    if not partial:
        judged.check_all_good()
    with database.transaction() as db:
        parts = []
        for code, slots in judged.slots().items():
            parts.append(_compare(db, code, slots))
            db.execute(delete(SCHEDULE_SLOT).where(SCHEDULE_SLOT.c.institution_code == code))
            db.execute(insert(SCHEDULE_SLOT), [_row(code, slot) for slot in slots])
        done = _count(parts)
        note(db, done)
    return done


def slots_of(db: Connection, institution_code: str) -> tuple[Slot, ...]:
    """An institution's slots, by their start, then by place."""
    return tuple(slot for _, slot in all_slots(db, institution_code))


def all_slots(db: Connection, institution_code: str | None = None) -> Iterator[tuple[str, Slot]]:
    """The slots of an institution, or of all, each with whose it is; by their start and place."""
    table = SCHEDULE_SLOT.c
    wanted = select(SCHEDULE_SLOT).order_by(
        table.institution_code, table.starts_at, table.place, table.ends_at
    )
    if institution_code is not None:
        wanted = wanted.where(table.institution_code == institution_code)
    for row in db.execute(wanted):
        yield (
            row.institution_code,
            Slot(
                place=row.place,
                starts_at=datetime.fromtimestamp(row.starts_at, UTC),
                ends_at=datetime.fromtimestamp(row.ends_at, UTC),
                colleges=tuple(json.loads(row.colleges)),
            ),
        )


def only_institution(db: Connection) -> str | None:
    """The code of the one institution on the roster; None where there are none, or several."""
    codes = db.execute(select(RECORD.c.institution_code).distinct().limit(2)).scalars().all()
    return codes[0] if len(codes) == 1 else None


def _compare(
    db: Connection, institution_code: str, slots: tuple[Slot, ...]
) -> tuple[set[Slot], set[Slot]]:
    """The slots that are held, and those that come."""
    return set(slots_of(db, institution_code)), set(slots)


def _count(parts: list[tuple[set[Slot], set[Slot]]]) -> ScheduleChange:
    return ScheduleChange(
        new=sum(len(coming - held) for held, coming in parts),
        removed=sum(len(held - coming) for held, coming in parts),
        same=sum(len(held & coming) for held, coming in parts),
    )


def _find_strange(db: Connection, judged: JudgedSchedule) -> Iterator[str]:
    """Colleges that come and are none of the roster's: booths would greet nobody by them."""
    for code, slots in judged.slots().items():
        known = set(
            db.execute(
                select(RECORD.c.college).where(RECORD.c.institution_code == code).distinct()
            ).scalars()
        )
        named = {college for slot in slots for college in slot.colleges}
        if strange := sorted(named - known):
            yield f"{judged.name}: the roster of {code} has nobody in {', '.join(strange)}"


def _row(institution_code: str, slot: Slot) -> dict[str, object]:
    return {
        "institution_code": institution_code,
        "place": slot.place,
        "starts_at": slot.starts_at.timestamp(),
        "ends_at": slot.ends_at.timestamp(),
        "colleges": json.dumps(slot.colleges, ensure_ascii=False),
    }

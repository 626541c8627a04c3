"""Figures: photos by day, hour, college and booth, and why some were refused."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, case, cast, func, select

from registrar.exportable import Selection
from registrar.storage.tables import PHOTO, RECORD

MOST_LINES = 200
"""Colleges and booths that a page shows."""


@dataclass(frozen=True, slots=True)
class Line:
    """The photos of one college, or of one booth."""

    name: str
    photos: int
    refused: int
    students: int | None = None
    """On the roster; None of a booth."""
    photographed: int = 0
    """Of them, those with a photo that is not refused."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a page of figures shows."""

    states: dict[str, int]
    by_day: dict[date, int]
    by_hour: dict[int, int]
    """0 to 23, by this machine's clock."""
    by_reason: dict[str, int]
    by_college: list[Line]
    by_booth: list[Line]

    @property
    def photos(self) -> int:
        """How many were taken."""
        return sum(self.states.values())


def figures(db: Connection, selection: Selection, at: datetime) -> Figures:
    """Count the photos of a selection; `at` says what offset this machine's clock has now."""
    offset = int((at.astimezone().utcoffset() or timedelta()).total_seconds())
    # One number for the hour and the day: SQLite and PostgreSQL have no function in common for it.
    hours = (cast(PHOTO.c.taken_at, BigInteger) + offset) // 3600
    by_hours: dict[int, int] = dict(_counted(db, hours, selection))
    by_hour = dict.fromkeys(range(24), 0)
    by_day: dict[date, int] = {}
    for hour, count in sorted(by_hours.items()):
        by_hour[hour % 24] += count
        day = datetime.fromtimestamp(hour // 24 * 86_400, UTC).date()
        by_day[day] = by_day.get(day, 0) + count
    reasons = _counted(db, PHOTO.c.refusal, selection, refused=True)
    return Figures(
        dict(_counted(db, PHOTO.c.state, selection)),
        by_day,
        by_hour,
        {str(reason): count for reason, count in reasons},
        _colleges(db, selection),
        _booths(db, selection),
    )


def institutions(db: Connection, institution_code: str | None = None) -> list[tuple[str, str]]:
    """The institutions on the roster, or the one: code and name."""
    wanted = select(RECORD.c.institution_code, func.max(RECORD.c.institution))
    if institution_code is not None:
        wanted = wanted.where(RECORD.c.institution_code == institution_code)
    rows = db.execute(
        wanted.group_by(RECORD.c.institution_code).order_by(RECORD.c.institution_code)
    )
    return [(code, name) for code, name in rows]


def colleges(db: Connection, institution_code: str) -> list[str]:
    """The names of an institution's colleges, `MOST_LINES` at most."""
    wanted = select(RECORD.c.college).where(RECORD.c.institution_code == institution_code)
    named = wanted.distinct().order_by(RECORD.c.college).limit(MOST_LINES)
    return list(db.execute(named).scalars())


def _of(selection: Selection, *columns: Any) -> Select[Any]:
    joined = PHOTO.join(RECORD, RECORD.c.record_id == PHOTO.c.record_id)
    return select(*columns).select_from(joined).where(selection.students(), selection.photos())


def _counted(
    db: Connection, by: Any, selection: Selection, *, refused: bool = False
) -> list[tuple[Any, int]]:
    """How many photos there are of each value, most first."""
    counting = _of(selection, by.label("value"), func.count().label("count"))
    if refused:
        counting = counting.where(PHOTO.c.state == "refused")
    rows = db.execute(counting.group_by("value").order_by(func.count().desc()))
    return [(row.value, int(row[1])) for row in rows]


_REFUSED = func.sum(case((PHOTO.c.state == "refused", 1), else_=0))


def _booths(db: Connection, selection: Selection) -> list[Line]:
    wanted = _of(selection, PHOTO.c.booth_id, func.count(), _REFUSED).group_by(PHOTO.c.booth_id)
    rows = db.execute(wanted.order_by(PHOTO.c.booth_id).limit(MOST_LINES))
    return [Line(name, int(photos), int(refused)) for name, photos, refused in rows]


def _colleges(db: Connection, selection: Selection) -> list[Line]:
    """Each college's photos of these days, and how many of its students have one."""
    college = RECORD.c.college
    in_force = case((PHOTO.c.state != "refused", PHOTO.c.record_id))
    wanted = _of(selection, college, func.count(), _REFUSED, func.count(in_force.distinct()))
    found = {row[0]: row for row in db.execute(wanted.group_by(college))}
    students = select(college, func.count()).where(selection.students()).group_by(college)
    rows = db.execute(students.order_by(func.count().desc(), college).limit(MOST_LINES)).all()
    lines = []
    for name, count in rows:
        _, photos, refused, photographed = found.get(name, (name, 0, 0, 0))
        lines.append(Line(name, int(photos), int(refused), int(count), int(photographed)))
    return lines

"""Records of study that are held: imported, and looked up by capture code."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Row,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    true,
    update,
)

from protocol.roster import Resolution
from protocol.student import Student
from registrar.errors import UsageError
from registrar.photo_history import bar_of, history_columns
from registrar.plain_keys import in_roster, key_of
from registrar.roster import Record, is_abnormal, student_no_key
from registrar.storage.database import Database
from registrar.storage.tables import RECORD, RECORD_GRANT, ROSTER_CHANGE

AT_ONCE = 2000
"""Records that are handed to the database at once."""

NOBODYS = "\x01"
"""No record's code while codes change hands: one that begins so is never printable."""

_FIELDS = Record._fields

_COMING = Table(
    "coming",
    MetaData(),
    *(Column(field, Text, primary_key=field == "record_id") for field in _FIELDS),
    Column("student_no_key", Text, index=True),
    prefixes=["TEMPORARY"],
)

_GRANTS = (
    select(func.aggregate_strings(RECORD_GRANT.c.name, " "))
    .where(RECORD_GRANT.c.record_id == RECORD.c.record_id)
    .scalar_subquery()
)
"""The names of what was granted beforehand; NULL where nothing was."""

_RECORDS: Select[Any] = select(
    RECORD,
    *history_columns(RECORD.c.record_id, RECORD.c.institution_code),
    _GRANTS.label("granted"),
)
"""Records, and all that the roster's answer hangs on. Written once: making it costs as much as a
look-up."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import has changed, in records."""

    new: int
    changed: int
    same: int


class Clash(NamedTuple):
    """A record that comes and cannot be taken beside another."""

    record_id: str
    reason: str


class Records:
    """The records of study. Each call is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def import_records(
        self,
        records: Iterable[Record],
        *,
        partial: bool = False,
        note: Callable[[Connection, ImportResult], None] = lambda db, done: None,
        institution_code: str | None = None,
    ) -> ImportResult:
        """Add records and change those with the same id, all or none; none is removed.

        Codes may go from hand to hand among the records that come: what counts is who has them in
        the end. Raises UsageError where then two records have one capture code, or two of one
        institution one student number, or one that comes is another institution's than
        `institution_code`; `partial` leaves those out that come. `note` is the last to be called in
        the transaction.
        """
        with self._database.transaction() as db:
            if not self._database.is_file:
                db.execute(text("LOCK TABLE record IN SHARE ROW EXCLUSIVE MODE"))
            _COMING.create(db)
            _hand_over(db, records)
            if partial:
                _leave_out_clashes(db, institution_code)
            elif clashes := _find_clashes(db, institution_code):
                raise UsageError(
                    "\n".join(f"record {clash.record_id}: {clash.reason}" for clash in clashes)
                    + "; give each its own, both in one file; nothing was imported"
                )
            done = _count(db)
            _merge(db)
            _COMING.drop(db)
            note(db, done)
        return done

    def preview(
        self, records: Iterable[Record], institution_code: str | None = None
    ) -> tuple[ImportResult, list[Clash]]:
        """What a partial import of records would change, and which it would leave out.

        Changes nothing, and keeps nobody from writing meanwhile.
        """
        with self._database.connection() as db:
            _COMING.create(db)
            _hand_over(db, records)
            clashes = _leave_out_clashes(db, institution_code)
            done = _count(db)
            db.rollback()
        return done, clashes

    def all(self) -> list[tuple[Record, bool]]:
        """Every record of study, and whether it has a photo that is not refused."""
        with self._database.connection() as db:
            rows = db.execute(
                _RECORDS.order_by(RECORD.c.college, RECORD.c.student_no, RECORD.c.record_id)
            ).all()
        return [
            (Record(*(getattr(row, name) for name in _FIELDS)), row.standing is not None)
            for row in rows
        ]

    def count(self) -> int:
        """How many there are."""
        with self._database.connection() as db:
            return int(db.execute(select(func.count()).select_from(RECORD)).scalar_one())

    def resolve(self, capture_code: str) -> Resolution:
        """Say whose a capture code is, or why its owner is not admitted."""
        with self._database.connection() as db:
            row = db.execute(_RECORDS.where(RECORD.c.capture_code == capture_code)).one_or_none()
        return "code_unknown" if row is None else _resolution(row)

    def resolve_number(self, institution_code: str, student_no: str, name: str = "") -> Resolution:
        """Say whose a student number is, and whether they may be photographed.

        Where a name is given, it is to be theirs.
        """
        with self._database.connection() as db:
            row = db.execute(
                _RECORDS.where(
                    RECORD.c.institution_code.concat("") == institution_code,
                    RECORD.c.student_no_key == student_no_key(student_no),
                )
            ).one_or_none()
        if row is None or name not in ("", row.name):
            return "code_unknown"
        return _resolution(row)

    def find(self, institution_code: str, record_id: str, student_no: str) -> Record | None:
        """Find an institution's record by its id, or by its student number where that is empty."""
        named = (
            RECORD.c.record_id == record_id
            if record_id
            else RECORD.c.student_no_key == student_no_key(student_no)
        )
        # By one index: that of the institution would lead through all of its records.
        whose = RECORD.c.institution_code.concat("") == institution_code
        with self._database.connection() as db:
            row = db.execute(select(RECORD).where(named, whose)).one_or_none()
        return None if row is None else Record(*(getattr(row, name) for name in _FIELDS))


def lock_record(db: Connection, record_id: str) -> bool:
    """Keep others from what hangs on a record until the transaction ends; whether there is one."""
    wanted = select(RECORD.c.record_id).where(RECORD.c.record_id == record_id)
    return db.execute(wanted.with_for_update()).first() is not None


def note_change(db: Connection, record_id: str) -> None:
    """Note that the roster answers otherwise to a record's code, in the transaction that does it.

    Booths hear of it with the next delta.
    """
    db.execute(_NOTE, {"record": record_id})


_NOTE = insert(ROSTER_CHANGE).from_select(
    ["institution_code", "capture_code"],
    select(RECORD.c.institution_code, RECORD.c.capture_code).where(
        RECORD.c.record_id == bindparam("record")
    ),
)


def resolutions_of(
    db: Connection, institution_code: str, capture_codes: Sequence[str]
) -> dict[str, Resolution]:
    """What an institution's roster answers to codes; those that are none of its lack."""
    # By the codes alone: asked for both, SQLite would walk through the whole institution.
    found = db.execute(_RECORDS.where(RECORD.c.capture_code.in_(capture_codes)))
    return {
        row.capture_code: _resolution(row)
        for row in found
        if row.institution_code == institution_code
    }


def resolutions(db: Connection, institution_code: str) -> Iterable[tuple[str, Resolution]]:
    """What an institution's roster answers to each of its codes, row by row."""
    wanted = _RECORDS.where(RECORD.c.institution_code == institution_code)
    for row in db.execute(wanted.execution_options(yield_per=AT_ONCE)):
        yield row.capture_code, _resolution(row)


def student_of(row: Row[Any]) -> Student:
    """The student of a row that has a record's columns."""
    return Student(
        row.record_id,
        row.name,
        row.student_no,
        row.institution_code,
        row.institution,
        row.college,
    )


def _resolution(row: Row[Any]) -> Resolution:
    if is_abnormal(row.student_no):
        return "record_abnormal"
    granted = () if row.granted is None else tuple(sorted(row.granted.split()))
    return bar_of(row) or replace(student_of(row), refused=row.refusal, granted=granted)


def _hand_over(db: Connection, records: Iterable[Record]) -> None:
    """Put the records that come into a table of this transaction's own; of two the later counts."""
    coming = iter(records)
    while some := list(islice(coming, AT_ONCE)):
        rows = {record.record_id: _row(record) for record in some}
        db.execute(_COMING.delete().where(_COMING.c.record_id.in_(rows)))
        db.execute(_COMING.insert(), list(rows.values()))


def _row(record: Record) -> dict[str, str | None]:
    abnormal = is_abnormal(record.student_no)
    key = None if abnormal else student_no_key(record.student_no)
    return {**record._asdict(), "student_no_key": key}


_HERE = RECORD.c.record_id == _COMING.c.record_id
_DIFFERS = or_(*(RECORD.c[field] != _COMING.c[field] for field in _FIELDS))


def _count(db: Connection) -> ImportResult:
    """Count what the records that come would change."""
    known = exists().where(_HERE)
    total = db.execute(select(func.count()).select_from(_COMING)).scalar_one()
    new = db.execute(select(func.count()).select_from(_COMING).where(~known)).scalar_one()
    changed = db.execute(select(func.count()).where(_HERE, _DIFFERS)).scalar_one()
    return ImportResult(new=new, changed=changed, same=total - new - changed)


def _merge(db: Connection) -> None:
    """Make the records that come those that are held."""
    here, differs = _HERE, _DIFFERS
    known = exists().where(here)
    changed = db.execute(select(literal(True)).where(here, differs).limit(1)).first() is not None
    changes = [RECORD.c.institution_code, RECORD.c.capture_code]
    said = ["institution_code", "capture_code"]
    if changed:
        db.execute(insert(ROSTER_CHANGE).from_select(said, select(*changes).where(here, differs)))
        db.execute(insert(ROSTER_CHANGE).from_select(said, _keys(RECORD, here, differs)))
    told = select(_COMING.c.institution_code, _COMING.c.capture_code)
    db.execute(
        insert(ROSTER_CHANGE).from_select(
            said, told.where(or_(~known, exists().where(here, differs)))
        )
    )
    keys = _keys(_COMING, or_(~known, exists().where(here, differs)))
    db.execute(insert(ROSTER_CHANGE).from_select(said, keys))
    if changed:
        others = select(_COMING.c.record_id).where(exists().where(here, differs))
        db.execute(
            update(RECORD)
            .where(RECORD.c.record_id.in_(others))
            .values(capture_code=NOBODYS + RECORD.c.record_id)
        )
        columns = [*_FIELDS, "student_no_key"]
        db.execute(
            update(RECORD)
            .where(here, differs)
            .values({column: _COMING.c[column] for column in columns if column != "record_id"})
        )
    columns = [*_FIELDS, "student_no_key"]
    db.execute(
        insert(RECORD).from_select(columns, select(*(_COMING.c[c] for c in columns)).where(~known))
    )


def _keys(records: Table, *which: ColumnElement[bool]) -> Select[Any]:
    """The keys of plain codes of some records, by whose institution, where that wants them told."""
    told = in_roster(records.c.institution_code)
    return select(records.c.institution_code, key_of(records)).where(
        *which, records.c.student_no_key.is_not(None), told
    )


def _leave_out_clashes(db: Connection, institution_code: str | None) -> list[Clash]:
    """Leave out the records that come and clash, until none does: one may keep what another got."""
    left_out: list[Clash] = []
    while clashes := _find_clashes(db, institution_code):
        left_out += clashes
        ids = [clash.record_id for clash in clashes]
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            db.execute(_COMING.delete().where(_COMING.c.record_id.in_(some)))
    return left_out


def _may_be_one(column: str, institution_code: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether two records with one text in a column clash: institutions number by themselves.

    By no index: that of the institution would lead through all of its records.
    """
    if column != "student_no_key":
        return true()
    return institution_code.concat("") == _COMING.c.institution_code


def _find_clashes(db: Connection, institution_code: str | None) -> list[Clash]:
    """Find the records that come and would share a capture code or student number with others.

    Or are another institution's than `institution_code`, if one is given; of what is another's no
    more is told.
    """
    coming = _COMING.alias("coming_too")
    stays = ~exists().where(coming.c.record_id == RECORD.c.record_id)
    clashes: dict[str, Clash] = {}
    whose = RECORD.c.institution_code.label("whose")
    if institution_code is not None:
        strange = select(_COMING.c.record_id).where(_HERE, whose != institution_code)
        for row in db.execute(strange):
            clashes[row.record_id] = Clash(row.record_id, "is another institution's record")
    for what, column in (("capture code", "capture_code"), ("student number", "student_no_key")):
        other = _COMING.alias("other")
        among = select(
            _COMING,
            other.c.record_id.label("owner"),
            other.c.institution_code.label("whose"),
        ).where(
            _COMING.c[column] == other.c[column],
            _COMING.c.record_id > other.c.record_id,
            _may_be_one(column, other.c.institution_code),
        )
        taken = select(_COMING, RECORD.c.record_id.label("owner"), whose).where(
            and_(_COMING.c[column] == RECORD.c[column], RECORD.c.record_id != _COMING.c.record_id),
            stays,
            _may_be_one(column, RECORD.c.institution_code),
        )
        for row in [*db.execute(among), *db.execute(taken)]:
            said = f": {row.student_no}" if what == "student number" else ""
            owner = f"record {row.owner}{said}"
            if institution_code not in (None, row.whose):
                owner = "another institution's record"
            reason = f"its {what} belongs to {owner}"
            clashes.setdefault(row.record_id, Clash(row.record_id, reason))
    return list(clashes.values())

"""Plain codes' keys in the roster: where an institution wants that booths know them offline.

The entry that a key opens has nothing but the capture code, under which all else is found: so it
changes with an import alone, and never with a photo.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    bindparam,
    exists,
    insert,
    literal,
    select,
)

from protocol.plain_code import PlainCode, parse_key
from protocol.roster import Alias
from registrar.storage.tables import BOOTH_SETTING, RECORD, ROSTER_CHANGE

AT_ONCE = 2000


def in_roster(institution_code: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether an institution's roster has keys of plain codes."""
    return exists().where(
        BOOTH_SETTING.c.institution_code == institution_code,
        BOOTH_SETTING.c.name == "plain_codes",
        BOOTH_SETTING.c.value == '"offline"',
    )


def key_of(record: FromClause) -> ColumnElement[str]:
    """The key of a record's plain code, as `PlainCode.key`; NULL where its number is abnormal."""
    of = record.c
    return (
        literal("plain|")
        .concat(of.institution_code)
        .concat("|")
        .concat(of.student_no_key)
        .concat("|")
        .concat(of.name)
    )


def note_key(db: Connection, record_id: str) -> None:
    """Note that the roster answers otherwise to a record's plain code."""
    db.execute(_NOTE, {"record": record_id})


_NOTE = insert(ROSTER_CHANGE).from_select(
    ["institution_code", "capture_code"],
    select(RECORD.c.institution_code, key_of(RECORD)).where(
        RECORD.c.record_id == bindparam("record"),
        RECORD.c.student_no_key.is_not(None),
        in_roster(RECORD.c.institution_code),
    ),
)


def aliases(db: Connection, institution_code: str) -> Iterator[tuple[str, Alias]]:
    """Each key of an institution's roster and what it stands for; none where it wants none."""
    wanted = select(key_of(RECORD).label("key"), RECORD.c.capture_code).where(
        RECORD.c.institution_code == institution_code,
        RECORD.c.student_no_key.is_not(None),
        in_roster(RECORD.c.institution_code),
    )
    for row in db.execute(wanted.execution_options(yield_per=AT_ONCE)):
        yield row.key, Alias(row.capture_code)


def aliases_of(db: Connection, institution_code: str, noted: Iterable[str]) -> Mapping[str, Alias]:
    """What those of an institution's keys stand for that are among what was noted."""
    plain = {text: code for text in noted if (code := parse_key(text)) is not None}
    return _find(db, institution_code, list(plain.values())) if plain else {}


def _find(db: Connection, institution_code: str, plain: Sequence[PlainCode]) -> dict[str, Alias]:
    wanted = {code.key for code in plain}
    numbers = [code.student_no for code in plain]
    found = db.execute(
        select(key_of(RECORD).label("key"), RECORD.c.capture_code).where(
            RECORD.c.student_no_key.in_(numbers),
            # By the numbers alone: asked for both, SQLite would walk through the institution.
            RECORD.c.institution_code.concat("") == institution_code,
            in_roster(RECORD.c.institution_code),
        )
    )
    return {row.key: Alias(row.capture_code) for row in found if row.key in wanted}

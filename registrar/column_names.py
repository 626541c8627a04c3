"""What an institution's lists call a column and no other's do: said once, remembered, and told."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from registrar import audit
from registrar.errors import UsageError
from registrar.spreadsheets.columns import Column, plain_name
from registrar.storage.tables import COLUMN_NAME

Named = Mapping[str, str]
"""By what a column is called, as `plain_name` writes it, the column that is meant; "": none."""

MOST = 50
"""That are said at once."""

LONGEST = 100
"""Characters."""


def parse_named(texts: Iterable[str], columns: Sequence[Column]) -> Named:
    """Read `CALLED=COLUMN`, each; after nothing, that is no longer meant. Raises UsageError."""
    known = {plain_name(name): each.name for each in columns for name in (each.name, *each.called)}
    named: dict[str, str] = {}
    for text in texts:
        called, is_said, column = text.replace("＝", "=").rpartition("=")
        if not is_said or not (plain := plain_name(called)) or len(called) > LONGEST:
            raise UsageError(f"{text[:LONGEST]}: write CALLED=COLUMN, as 编号=record_id")
        if plain_name(column) not in known and column.strip():
            wanted = ", ".join(each.name for each in columns)
            raise UsageError(f"{column[:LONGEST]}: is no column; there are {wanted}")
        if plain in known:
            raise UsageError(f"{called}: is what {known[plain]} is called anyway")
        named[plain] = known.get(plain_name(column), "")
    if len(named) > MOST:
        raise UsageError(f"{len(named)} columns are named; at most {MOST} are")
    return named


def remembered(db: Connection, institution_code: str | None) -> Named:
    """What was said for an institution's lists, or for those of whoever imports for all."""
    wanted = select(COLUMN_NAME.c.called, COLUMN_NAME.c.meant)
    rows = db.execute(wanted.where(COLUMN_NAME.c.institution_code == (institution_code or "")))
    return {row.called: row.meant for row in rows}


def remember(
    db: Connection, institution_code: str | None, named: Named, by: str, at: datetime
) -> None:
    """Remember what was said, in the transaction of the import that it was said for."""
    whose = institution_code or ""
    for called, meant in named.items():
        db.execute(
            delete(COLUMN_NAME).where(
                COLUMN_NAME.c.institution_code == whose, COLUMN_NAME.c.called == called
            )
        )
        if meant:
            row = {"institution_code": whose, "called": called, "meant": meant}
            db.execute(insert(COLUMN_NAME).values(row))
    if named:
        said = ", ".join(f"{called}={meant}" for called, meant in named.items())
        audit.append(db, at, by, "roster.columns", f"institution {whose or 'all'}", columns=said)


def with_names(columns: Sequence[Column], named: Named) -> tuple[Column, ...]:
    """The columns, each called as well as it was said."""
    return tuple(
        column._replace(
            called=(*column.called, *(text for text, name in named.items() if name == column.name))
        )
        for column in columns
    )

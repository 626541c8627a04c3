"""The header of a table: found below titles, its columns known by any of their names."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from protocol.characters import remove_unseen
from registrar.errors import UsageError
from registrar.spreadsheets.sheet import Sheet

HEADER_WITHIN = 30
"""Rows that are not empty within which the header is looked for: above it stand titles."""

_NOTE = re.compile(r"\(.*\)$|[*:]+$")
"""What follows a column's name: in brackets what it is like, a star where it is needed."""


class Column(NamedTuple):
    """A column that is looked for."""

    name: str
    called: tuple[str, ...] = ()
    """What others call it."""
    is_needed: bool = True

    def __str__(self) -> str:
        return f"{self.name} ({self.called[0]})" if self.called else self.name


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet of which the header was found."""

    sheet: Sheet
    header_line: int
    places: tuple[tuple[str, int], ...]
    """Each column that is there, and its place in a row."""
    width: int
    """Columns up to the last that has a name."""
    unused: tuple[str, ...]
    """The names of the columns that nobody looks for."""
    header: tuple[str, ...] = ()
    """What the row with the columns' names says."""

    def rows(self) -> Iterator[tuple[int, dict[str, str] | str]]:
        """Each row below the header that is not empty, with its line: its fields by their columns.

        Or why it has none. Raises UsageError.
        """
        for line, row in self.sheet.rows():
            if line <= self.header_line:
                continue
            if len(row) == self.width or (
                len(row) > self.width and not any(text.strip() for text in row[self.width :])
            ):
                yield line, {name: row[at] for name, at in self.places}
            else:
                yield line, f"the row does not have {self.width} columns"


def find_header(sheet: Sheet, columns: Sequence[Column]) -> Table:
    """Find the row that names the columns: that which names most of them.

    Their order is free, and there may be others. Raises UsageError where one is missing or named
    twice.
    """
    known = {
        plain_name(name): column.name
        for column in columns
        for name in (column.name, *column.called)
    }
    line, named, header = 1, list[str | None](), list[str]()
    for at, (found_line, row) in enumerate(sheet.rows()):
        if at == HEADER_WITHIN:
            break
        found = [known.get(plain_name(text)) for text in row]
        if at == 0 or len(set(found) - {None}) > len(set(named) - {None}):
            line, named, header = found_line, found, row
    where = f"{sheet.name}:{line}: the header"
    if missing := [str(one) for one in columns if one.is_needed and one.name not in named]:
        raise UsageError(f"{where} lacks {', '.join(missing)}; {_say_wanted(columns)}")
    times = Counter(name for name in named if name is not None)
    if twice := [name for name, count in times.items() if count > 1]:
        raise UsageError(f"{where} has {twice[0]} twice; {_say_wanted(columns)}")
    places = tuple((name, at) for at, name in enumerate(named) if name is not None)
    named_at = [at for at, text in enumerate(header) if text.strip()]
    unused = tuple(header[at].strip() for at in named_at if named[at] is None)
    return Table(sheet, line, places, named_at[-1] + 1, unused, tuple(header))


def plain_name(name: str) -> str:
    """A column's name without widths, spaces, line breaks, notes and what shows nothing."""
    name = unicodedata.normalize("NFKC", remove_unseen(name)).casefold()
    return _NOTE.sub("", "".join(name.split()))


def _say_wanted(columns: Sequence[Column]) -> str:
    needed = ",".join(column.name for column in columns if column.is_needed)
    others = ",".join(column.name for column in columns if not column.is_needed)
    return f"wanted: {needed}" + (f", and if there are any {others}" if others else "")

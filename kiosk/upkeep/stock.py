"""What the booth uses up: counted down by visits, and lamps counted up by hours.

The booth counts, and staff's commands write into the same file meanwhile. What fails here stops no
booth: a damaged file is moved aside, and a new one begun.
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Protocol

import durable
from kiosk.errors import KioskError, UsageError

LAMP = "lamp."
"""Begins a lamp's name here, so that no item's is the same."""

WORN_FROM = 0.9
"""Share of its life after which a lamp is told to be ordered."""

BUSY_SECONDS = 5.0
"""How long one who writes waits for the other."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS item (name TEXT PRIMARY KEY, remaining REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS lamp (name TEXT PRIMARY KEY, seconds REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS change (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, name TEXT NOT NULL, what TEXT NOT NULL,
    amount REAL NOT NULL, by TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS counted (visits INTEGER NOT NULL) STRICT;
INSERT INTO counted SELECT 0 WHERE NOT EXISTS (SELECT * FROM counted);
"""


class StockError(KioskError, OSError):
    """The stock's file cannot be read or written."""


class Item(Protocol):
    """Something that visits use up."""

    @property
    def unit(self) -> str:
        """What one is called: `sheet`."""
        ...

    @property
    def a_visit(self) -> float:
        """How many a visit takes, on the average."""
        ...

    @property
    def least(self) -> float:
        """Below this many, more are to be brought."""
        ...


class UsualItem(NamedTuple):
    """An item as it is counted unless it is configured otherwise (`Item`)."""

    unit: str
    a_visit: float
    least: float


USUAL_ITEMS: Mapping[str, UsualItem] = MappingProxyType(
    {
        "wipes": UsualItem("wipe", 1, 50),
        "mirrors": UsualItem("mirror", 0.002, 2),
        "lens_cloths": UsualItem("cloth", 0.01, 3),
        "paper": UsualItem("sheet", 1, 100),
    }
)
"""What is counted unless it is configured otherwise: `spare_parts.CONSUMABLES`. A wipe for whoever
comes next and a sheet for whoever goes; a mirror breaks in a year, a cloth serves a week."""


@dataclass(frozen=True, slots=True)
class Supply:
    """How much of one item is there, or how long one lamp has burnt."""

    name: str
    unit: str
    amount: float | None
    """What is left of an item; a lamp's hours at full level. None: never counted yet."""
    bound: float
    """The least of an item; a lamp's life in hours."""
    is_low: bool
    """Whether staff are to do something."""
    changed_at: datetime | None = None
    """When somebody restocked, exchanged or counted it last."""
    changed_by: str = ""

    @property
    def is_lamp(self) -> bool:
        """Whether it counts up."""
        return self.name.startswith(LAMP)


@dataclass(frozen=True, slots=True)
class Change:
    """Something that staff did to the stock, or that was done to its file."""

    at: datetime
    name: str
    what: str
    """`restocked` by an amount, `set` to one; `lost`: what was counted before."""
    amount: float
    by: str


def stock_path(outbox: Path) -> Path:
    """Where a booth's stock lies: beside its outbox, whichever user types the command."""
    return outbox.with_name("stock.sqlite")


def _now() -> datetime:
    return datetime.now(UTC)


class Stock:
    """The stock in its file, which is opened anew for each call. Any thread may call.

    Every call raises StockError where the disk does not let it. What was damaged is moved aside
    first, told to `on_loss` in words, and the call goes on with an empty file.
    """

    def __init__(
        self,
        path: Path,
        items: Mapping[str, Item] = USUAL_ITEMS,
        lamp_life: float = 25_000,
        *,
        now: Callable[[], datetime] = _now,
        on_loss: Callable[[str], None] = lambda says: None,
    ) -> None:
        """`lamp_life` is in hours at full level."""
        self._path, self._items, self._lamp_life = path, items, lamp_life
        self._now, self._on_loss = now, on_loss

    def count(self, visits: int, lamp_seconds: Mapping[str, float]) -> None:
        """Count visits that ended, and how long lamps burnt, in seconds at full level."""
        with self._transaction() as db:
            db.execute("UPDATE counted SET visits = visits + ?", (visits,))
            db.executemany(
                "UPDATE item SET remaining = max(remaining - ?, 0) WHERE name = ?",
                [(visits * item.a_visit, name) for name, item in self._items.items()],
            )
            db.executemany(
                "INSERT INTO lamp VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET seconds = seconds + excluded.seconds",
                lamp_seconds.items(),
            )

    def restock(self, name: str, amount: float, by: str) -> None:
        """Add what somebody has brought. Raises UsageError for what is no item."""
        self._require_item(name)
        with self._transaction() as db:
            db.execute(
                "INSERT INTO item VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET remaining = remaining + excluded.remaining",
                (name, amount),
            )
            self._note(db, name, "restocked", amount, by)

    def set(self, name: str, amount: float, by: str) -> None:
        """Set what somebody has counted; of `lamp.NAME` the hours, 0 for a new one.

        Raises UsageError for what is neither.
        """
        with self._transaction() as db:
            if name.startswith(LAMP):
                lamp = name.removeprefix(LAMP)
                known = [row[0] for row in db.execute("SELECT name FROM lamp")]
                if lamp not in known:
                    raise UsageError(
                        f"{name}: no such lamp has burnt yet; there are"
                        f" {', '.join(LAMP + each for each in known) or 'none'}"
                    )
                db.execute("UPDATE lamp SET seconds = ? WHERE name = ?", (amount * 3600, lamp))
            else:
                self._require_item(name)
                db.execute("INSERT OR REPLACE INTO item VALUES (?, ?)", (name, amount))
            self._note(db, name, "set", amount, by)

    def supplies(self) -> list[Supply]:
        """Every item that is configured, and every lamp that has burnt."""
        with self._transaction() as db:
            remaining = dict(db.execute("SELECT name, remaining FROM item").fetchall())
            seconds = dict(db.execute("SELECT name, seconds FROM lamp ORDER BY name").fetchall())
            changes = {change.name: change for change in _read_changes(db)}
        return [
            *(self._item_supply(name, remaining.get(name), changes) for name in self._items),
            *(self._lamp_supply(name, burnt / 3600, changes) for name, burnt in seconds.items()),
        ]

    def visits(self) -> int:
        """How many visits were counted since the file was begun."""
        with self._transaction() as db:
            return int(db.execute("SELECT visits FROM counted").fetchone()[0])

    def changes(self) -> list[Change]:
        """Everything that staff did, the oldest first."""
        with self._transaction() as db:
            return _read_changes(db)

    def find_loss(self) -> Change | None:
        """That what was counted got lost, unless staff have set something since."""
        changes = self.changes()
        return changes[-1] if changes and changes[-1].what == "lost" else None

    def _item_supply(
        self, name: str, amount: float | None, changes: Mapping[str, Change]
    ) -> Supply:
        item, change = self._items[name], changes.get(name)
        low = amount is not None and amount < item.least
        return Supply(name, item.unit, amount, item.least, low, *_when_and_who(change))

    def _lamp_supply(self, lamp: str, hours: float, changes: Mapping[str, Change]) -> Supply:
        name, life = LAMP + lamp, self._lamp_life
        low = hours >= WORN_FROM * life
        return Supply(name, "hour", hours, life, low, *_when_and_who(changes.get(name)))

    def _require_item(self, name: str) -> None:
        if name not in self._items:
            raise UsageError(
                f"{name}: is nothing that is counted; there are {', '.join(self._items)}, and"
                f" with `set` {LAMP}NAME"
            )

    def _note(self, db: sqlite3.Connection, name: str, what: str, amount: float, by: str) -> None:
        db.execute(
            "INSERT INTO change (at, name, what, amount, by) VALUES (?, ?, ?, ?, ?)",
            (self._now().isoformat(), name, what, amount, by),
        )

    # ---- the file ----

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction; a damaged file is moved aside before."""
        try:
            durable.make_private_folder(self._path.parent)
            lost = self._mend()
            with closing(self._connect()) as db:
                db.execute("BEGIN IMMEDIATE")
                for statement in filter(str.strip, _SCHEMA.split(";")):
                    db.execute(statement)
                if lost is not None:
                    self._note(db, str(lost), "lost", 0, "")
                yield db
                db.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            if isinstance(error, KioskError):
                raise
            why = error.strerror if isinstance(error, OSError) else error
            raise StockError(
                f"{self._path}: the stock cannot be counted ({why}); see `kiosk doctor` for the"
                " disk"
            ) from error
        if lost is not None:
            self._on_loss(
                f"{self._path}: was damaged; it lies in {lost}, and all is counted anew. Count"
                " what is there: kiosk stock set ITEM AMOUNT --by NAME"
            )

    def _connect(self) -> sqlite3.Connection:
        if not self._path.exists():
            self._path.touch(mode=0o600)
            durable.hand_over(self._path, self._path.parent)
        return sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)

    def _mend(self) -> Path | None:
        """Move a damaged file aside; returns where it lies then, None for one that is whole."""
        if not self._path.exists() or self._is_whole():
            return None
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)  # another process may find it damaged, too
            if self._is_whole():
                return None
            aside = self._path.with_name(f"{self._path.name}.damaged-{self._now():%Y%m%dT%H%M%S}")
            journal = self._path.with_name(f"{self._path.name}-journal")
            self._path.replace(aside)
            if journal.exists():  # it would be played back into the new file
                journal.replace(aside.with_name(f"{aside.name}-journal"))
            return aside
        finally:
            os.close(folder)

    def _is_whole(self) -> bool:
        try:
            with closing(self._connect()) as db:
                return bool(db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                return False
            raise


def _read_changes(db: sqlite3.Connection) -> list[Change]:
    rows = db.execute("SELECT at, name, what, amount, by FROM change ORDER BY number")
    return [
        Change(datetime.fromisoformat(at), name, what, amount, by)
        for at, name, what, amount, by in rows
    ]


def _when_and_who(change: Change | None) -> tuple[datetime | None, str]:
    return (None, "") if change is None else (change.at, change.by)

"""Taking the booth's databases from one release's schemas to another's, forward and back.

A step is an SQL script in a release's folder: `migrations/STORE/0002.forward.sql` leads from schema
1 to 2, `0002.back.sql` from 2 to 1. So the release that worked until now takes both ways, and
whether the next one's programs work does not matter (docs/decisions/0012).

    python -m kiosk.release.migrations TO OTHER

is what /usr/local/lib/kiosk/trial calls between two releases' folders, while the booth is down.
"""

import hashlib
import json
import sqlite3
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import durable
from kiosk.errors import KioskError, UsageError
from kiosk.release.errors import ReleaseError
from protocol.signing import join_parts

if TYPE_CHECKING:
    from kiosk.config import Config

PATIENCE = 20
"""Seconds for another process, such as sync, to end its transaction."""

SNAPSHOT = "before-migration"
"""Folder beside the outbox with the databases as they were. The photos in it are sealed, and go
from the outbox once they are sent: so it goes, too, as soon as the trial has ended."""


@dataclass(frozen=True, slots=True)
class Store:
    """One of the booth's databases."""

    name: str
    """Also that of the check by which `doctor` looks at it."""
    path: Callable[["Config"], Path]
    kept: str = ""
    """A query of what no step may change, be it forward or back: it is answered alike before and
    after each, or the step is not taken."""


STORES = (
    Store(
        "outbox",
        lambda config: config.sync.outbox,
        # Of the states only whether one is sent: a new one must become an old one on the way back.
        "SELECT number, submission_id, envelope_sha256, envelope, receipt, state = 'sent'"
        " FROM outbox ORDER BY number",
    ),
    Store("stock", lambda config: config.sync.outbox.with_name("stock.sqlite")),
)


def read_schemas(release: Path) -> dict[str, int]:
    """Read the number of each database's schema under a release; raises ReleaseError."""
    path = release / "migrations" / "schemas.json"
    try:
        numbers = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ReleaseError(
            f"{path}: cannot be read ({error}); is the release whole? kiosk update --list"
        ) from error
    return {str(name): int(number) for name, number in numbers.items()}


def find_steps(store: str, first: int, last: int, releases: Iterable[Path]) -> list[Path]:
    """Find the scripts that lead from one schema to another, in their order.

    They are in whichever of the releases' folders has them. Raises ReleaseError where one is
    missing.
    """
    if first <= last:
        names = [f"{number:04}.forward.sql" for number in range(first + 1, last + 1)]
    else:
        names = [f"{number:04}.back.sql" for number in range(first, last, -1)]
    folders = [release / "migrations" / store for release in releases]
    found = []
    for name in names:
        paths = [folder / name for folder in folders if (folder / name).is_file()]
        if not paths:
            raise ReleaseError(
                f"the {store}'s data cannot be taken from schema {first} to {last}: no release"
                f" here has {store}/{name}"
            )
        found.append(paths[0])
    return found


def migrate(
    files: Mapping[Store, Path], to: Path, other: Path, snapshot: Path, say: Callable[[str], None]
) -> None:
    """Take each database to the schema that the release `to` has.

    Each step is one transaction, which bears the schema's number with it: after a power cut this
    is called again, and goes on. A database that is not there, or new, is left to the release.
    Raises ReleaseError; what was done until then stands.
    """
    wanted = read_schemas(to)
    for store, path in files.items():
        last = wanted.get(store.name)
        if last is None or not path.exists():
            continue
        try:
            with closing(_open(path)) as db:
                if (first := _read_schema(db)) in (0, last):
                    continue
                steps = find_steps(store.name, first, last, (to, other))
                _take_snapshot(db, snapshot / f"{store.name}.{first}.sqlite")
                for step in steps:
                    say(f"{path}: {step.name}")
                    _take(db, store, step)
        except (sqlite3.Error, UnicodeDecodeError, OSError) as error:
            raise ReleaseError(f"{path}: could not be taken to schema {last} ({error})") from error


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=PATIENCE, isolation_level=None
    )
    db.text_factory = bytes
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA secure_delete = ON")
    return db


def _read_schema(db: sqlite3.Connection) -> int:
    """The number of a database's schema; 0 where it is empty. The first stock bore no number."""
    (number,) = db.execute("PRAGMA user_version").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return int(number) or int(tables > 0)


def _take(db: sqlite3.Connection, store: Store, step: Path) -> None:
    """Take one step, whole or not at all; raises ReleaseError where it changes what is kept."""
    number, _, way = step.name.removesuffix(".sql").partition(".")
    after = int(number) if way == "forward" else int(number) - 1
    # What is kept is read within the same transaction, so that no photo can come in between.
    db.execute("BEGIN EXCLUSIVE")
    try:
        before = _digest(db, store)
        for statement in _statements(step.read_text("utf-8")):
            db.execute(statement)
            if not db.in_transaction:
                raise ReleaseError(f"{step}: ends the transaction: it is not gone on with")
        if _digest(db, store) != before:
            raise ReleaseError(f"{step}: would change what is kept: it is not taken")
        db.execute(f"PRAGMA user_version = {after}")
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def _statements(script: str) -> Iterable[str]:
    """A script's statements; lines that begin with -- are remarks. Raises ReleaseError."""
    told = "\n".join(line for line in script.splitlines() if not line.lstrip().startswith("--"))
    statement = ""
    *parts, rest = told.split(";")
    for part in parts:
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if (statement + rest).strip():
        raise ReleaseError(f"the step ends within a statement: {(statement + rest).strip()!r}")


def _digest(db: sqlite3.Connection, store: Store) -> str:
    digest = hashlib.sha256()
    for row in db.execute(store.kept) if store.kept else ():
        parts = (part if isinstance(part, bytes) else repr(part).encode() for part in row)
        digest.update(join_parts("row", *parts))
    return digest.hexdigest()


def _take_snapshot(db: sqlite3.Connection, to: Path) -> None:
    """Copy a database as it is; one of before an interruption stays. Raises OSError."""
    if to.exists():
        return
    durable.make_private_folder(to.parent)
    part = to.with_suffix(".part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    with closing(sqlite3.connect(part)) as copy:
        db.backup(copy)
    part.replace(to)


def main(arguments: list[str]) -> int:
    """Take the configured booth's databases to the schemas of one release."""
    from kiosk.config import load

    if len(arguments) != 2:
        print("usage: python -m kiosk.release.migrations TO OTHER", file=sys.stderr)
        return 2
    to, other = map(Path, arguments)
    try:
        config = load().config
        files = {store: store.path(config) for store in STORES}
        snapshot = config.sync.outbox.with_name(SNAPSHOT)
        migrate(files, to, other, snapshot, print)
    except UsageError as error:
        print(f"migrations: {error}", file=sys.stderr)
        return 2
    except KioskError as error:
        print(f"migrations: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

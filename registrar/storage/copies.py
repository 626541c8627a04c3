"""Copies of the database: made while it is used, and brought back into an empty one."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine, inspect
from sqlalchemy.exc import SQLAlchemyError

from durable import name_whole
from registrar.errors import StoreError, UsageError
from registrar.storage.database import FILE, Database, open_server

_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "passfile": "PGPASSFILE",
    "service": "PGSERVICE",
}
"""What libpq's programs are told by variables, which no list of processes shows."""


def copy_database(database: Database, file: Path) -> None:
    """Copy a database to a new file, as it is at one moment. Raises StoreError."""
    if not database.is_file:
        with file.open("wb") as out:
            _run(database.engine, "pg_dump", "--format=custom", stdout=out.fileno())
        return
    try:
        with (
            closing(sqlite3.connect(database.folder / FILE)) as held,
            closing(sqlite3.connect(file)) as copy,
        ):
            held.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, with none beside it
    except sqlite3.Error as error:
        raise StoreError(
            f"{database.folder / FILE}: cannot be copied ({error}); check the disk"
        ) from error


def check_is_empty(folder: Path, url: str | None) -> None:
    """Raise UsageError where a database holds anything: a copy is brought back into an empty one.

    None: the file in `folder`.
    """
    if url is None:
        if (folder / FILE).exists():
            raise UsageError(f"{folder / FILE}: is there already; name an empty folder with --data")
        return
    engine = open_server(url)
    try:
        tables = inspect(engine).get_table_names()
    except SQLAlchemyError as error:
        raise StoreError("the configured database: cannot be reached; see that it runs") from error
    finally:
        engine.dispose()
    if tables:
        raise UsageError("the configured database: is not empty; name an empty one")


def bring_back(copy: Path, folder: Path, url: str | None) -> None:
    """Make a copy the database: the file in `folder`, or an empty one at a `url`, all or nothing.

    Raises StoreError, UsageError.
    """
    if url is None:
        with copy.open("rb") as file:
            name_whole(folder / FILE, file)
        return
    engine = open_server(url)
    words = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    try:
        _run(engine, "pg_restore", *words, f"--dbname={engine.url.database}", str(copy))
    finally:
        engine.dispose()


def _run(engine: Engine, program: str, *words: str, stdout: int | None = None) -> None:
    """Run one of PostgreSQL's programs on the server of an engine; raises StoreError."""
    path = _find(program)
    _, said = engine.dialect.create_connect_args(engine.url)
    variables: Mapping[str, str] = {
        _VARIABLES[name]: str(value) for name, value in said.items() if name in _VARIABLES
    }
    done = subprocess.run(
        [path, "--no-password", *words],
        env={**os.environ, **variables},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        why = done.stderr.strip().partition("\n")[0]
        raise StoreError(f"the configured database: {program} fails ({why})")


def _find(program: str) -> str:
    """Find a program: on the path, or among Debian's, the newest; raises UsageError."""
    debians = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=_number)
    found = shutil.which(program) or (str(debians[-1]) if debians else None)
    if found is None:
        raise UsageError(f"{program}: is not installed (Debian's package postgresql-client)")
    return found


def _number(path: Path) -> int:
    name = path.parts[-3]
    return int(name) if name.isdecimal() else 0

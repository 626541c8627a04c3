"""The database: an SQLite file in the data folder, or PostgreSQL where that is configured."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from registrar.errors import StoreError, UsageError
from registrar.storage.tables import HEAD, METADATA, VERSION

FILE = "registrar.sqlite"
"""The SQLite file in the data folder."""

OLDEST_FILE, NEWEST_FILE = 2, 4
"""Versions of SQLite files (`user_version`) from before there were migrations, that are carried
on. What came between them are tables of their own."""

WAIT = 10.0
"""Seconds that a transaction waits for another's end."""

CONNECTIONS = 16
"""Connections to PostgreSQL that a process holds open at once."""


MAKING = 8760
"""PostgreSQL's advisory lock under which tables are made and changed."""


class Database:
    """Opens transactions; any thread may."""

    def __init__(self, folder: Path, url: str | None = None, *, keys_there: bool = False) -> None:
        """Open the database at an SQLAlchemy `url`, or the file in `folder`; make what lacks.

        `keys_there`: the registrar's keys are, so a database that is missing or empty was lost.
        Raises StoreError, and UsageError where it is of another version of the registrar.
        """
        self.folder = folder
        self._writers = threading.Lock()
        self._where = str(folder / FILE) if url is None else "the configured database"
        self.engine = _open_file(folder) if url is None else open_server(url)
        with self.connection() as db:
            version = self._version(db)
            if version is None and keys_there:
                raise StoreError(
                    f"{self._where}: is missing or empty, and the registrar's keys are there;"
                    " bring it back from a copy, or name a new folder with --data"
                )
        self.before = version
        """The version that was found: None of a new one, otherwise HEAD once `migrate` is done."""
        if version is None:
            self._make()
        elif version != HEAD:
            self._check_known(version)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """One look at what is held; what the database cannot do is raised as StoreError."""
        try:
            with self.engine.connect() as db:
                yield db
        except SQLAlchemyError as error:
            raise self._fault(error) from error

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction, kept at the end, or dropped where something was raised in it."""
        with self._turn():
            try:
                with self.engine.connect().execution_options(writes=True) as db, db.begin():
                    yield db
            except SQLAlchemyError as error:
                raise self._fault(error) from error

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let this process's threads write to the file one after another.

        SQLite has who waits for a writer look again after a while that grows to 0.1 s: of several
        most would sleep while nobody writes. On a server each waits for its own rows alone.
        """
        if not self.is_file:
            yield
            return
        is_theirs = self._writers.acquire(timeout=WAIT)  # else SQLite says that it is locked
        try:
            yield
        finally:
            if is_theirs:
                self._writers.release()

    def close(self) -> None:
        """Close the connections that are held open."""
        self.engine.dispose()

    @property
    def is_file(self) -> bool:
        """Whether it is the embedded SQLite file."""
        return self.engine.dialect.name == "sqlite"

    def _version(self, db: Connection) -> str | None:
        """The migration that the tables are at; None where there are no tables."""
        tables = inspect(db).get_table_names()
        if VERSION.name in tables:
            found: str | None = db.execute(select(VERSION.c.version_num)).scalar()
            return found
        if self.is_file and (file := db.exec_driver_sql("PRAGMA user_version").scalar_one()):
            if not OLDEST_FILE <= file <= NEWEST_FILE:
                age = "a newer" if file > NEWEST_FILE else "an older"
                raise UsageError(
                    f"{self._where}: is of {age} registrar (version {file}); "
                    "name another folder with --data"
                )
            return "0000"
        return None

    def _make(self) -> None:
        with self.transaction() as db:
            if not self.is_file:  # two processes may come upon an empty database at once
                db.execute(select(func.pg_advisory_xact_lock(MAKING)))
            METADATA.create_all(db)
            if db.execute(select(VERSION)).first() is None:
                db.execute(VERSION.insert().values(version_num=HEAD))

    def _check_known(self, version: str) -> None:
        if version > HEAD:
            raise UsageError(
                f"{self._where}: is of a newer registrar (version {version}); bring the registrar"
                " up to date, or name another folder with --data"
            )

    def _fault(self, error: SQLAlchemyError) -> StoreError:
        """Say what went wrong without what was written: it names students."""
        cause = getattr(error, "orig", None)
        why = type(error).__name__ if cause is None else str(cause).partition("\n")[0]
        mend = "check the disk" if self.is_file else "check that it runs and may be reached"
        return StoreError(f"{self._where}: cannot be used ({why}); {mend}")


def _open_file(folder: Path) -> Engine:
    """The SQLite file of a data folder, made for its owner only. Raises StoreError."""
    path = folder / FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(
            f"{folder}: the data folder cannot be used ({error.strerror}); name another with --data"
        ) from error
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": WAIT, "check_same_thread": False},
        pool_size=CONNECTIONS,
        max_overflow=-1,
    )
    event.listen(engine, "connect", _set_up_file)
    event.listen(engine, "begin", _begin)
    return engine


def open_server(url: str) -> Engine:
    """PostgreSQL at a URL. Raises UsageError."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UsageError("database: is no address; give postgresql+psycopg://…") from error
    if parsed.get_backend_name() != "postgresql":
        raise UsageError(
            f"database: {parsed.get_backend_name()} is none that the registrar knows;"
            " give postgresql+psycopg://…, or nothing for the file in the data folder"
        )
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=WAIT,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": int(WAIT),
            "options": f"-c lock_timeout={WAIT:.0f}s -c idle_in_transaction_session_timeout=60s",
        },
    )


def _set_up_file(connection: Any, record: object) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says, not by themselves
    pragmas = (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
    )
    for pragma in pragmas:  # what is deleted is overwritten
        connection.execute(f"PRAGMA {pragma}")


def _begin(db: Connection) -> None:
    """Take the right to write at once: a transaction that asks for it later can be refused it."""
    writes = db.get_execution_options().get("writes", False)
    db.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

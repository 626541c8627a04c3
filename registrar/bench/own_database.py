"""A database of a bench's own on the server that its settings name: begun empty, and dropped."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from registrar.errors import UsageError
from registrar.settings import FILE


@contextmanager
def own_database(settings: Path | None, folder: Path) -> Iterator[None]:
    """Make a data folder whose settings are these, but for the database's name.

    The database is there while the context lasts. None: an SQLite file in the folder. Raises
    UsageError where the server makes none.
    """
    folder.mkdir(mode=0o700)
    if settings is None:
        yield
        return
    told = settings.read_text()
    address = tomllib.loads(told).get("database")
    if not isinstance(address, str):
        (folder / FILE).write_text(told)
        yield
        return
    name = f"registrar_bench_{token_hex(4)}"
    own = make_url(address).set(database=name).render_as_string(hide_password=False)
    (folder / FILE).write_text(told.replace(address, own))
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as db:
            db.execute(text(f"CREATE DATABASE {name}"))
    except SQLAlchemyError as error:
        raise UsageError(
            f"{settings}: the database's user can make no database for the bench"
            f" ({type(error).__name__}); let it (CREATEDB)"
        ) from error
    try:
        yield
    finally:
        with suppress(SQLAlchemyError), engine.connect() as db:  # it may have been killed
            db.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        engine.dispose()

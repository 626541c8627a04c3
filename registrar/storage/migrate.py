"""Carry a database of an earlier registrar on, with Alembic, in one transaction."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from nacl.public import PublicKey
from sqlalchemy import func, select

from registrar.objects import ObjectStore
from registrar.storage.database import MAKING, Database

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(
    database: Database,
    objects: ObjectStore,
    seal_key: PublicKey | None,
    name_photo: Callable[[UUID, bytes], str],
) -> None:
    """Run the migrations that a database lacks, all or none. Raises StoreError.

    Photos that lay in the SQLite file in the clear are sealed to `seal_key` and put into `objects`
    under the names that `name_photo` gives; None where there are none, since no booth was told a
    key.
    """
    from alembic import command  # only here: opening a database of this version needs none of it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes.update(objects=objects, seal_key=seal_key, name_photo=name_photo)
    with database.transaction() as db:
        if not database.is_file:
            db.execute(select(func.pg_advisory_xact_lock(MAKING)))
        config.attributes["connection"] = db
        command.upgrade(config, "head")

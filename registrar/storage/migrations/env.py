"""Alembic's entry: runs the migrations in the transaction of `registrar.storage.migrate`."""

from alembic import context

from registrar.storage.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()

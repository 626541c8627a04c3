"""Standardisations are counted across booths, rules granted beforehand, look-ups limited."""

from alembic import op
from sqlalchemy import Column, Text, inspect

from registrar.storage.tables import COLUMN_NAME, LOOKUP, RECORD_GRANT, SHARER, STANDARDISATION

revision, down_revision = "0004", "0003"


def upgrade() -> None:
    """Make the tables of this version."""
    db = op.get_bind()
    for table in (STANDARDISATION, SHARER, RECORD_GRANT, LOOKUP, COLUMN_NAME):
        table.create(db)
    known = {column["name"] for column in inspect(db).get_columns("configuration")}
    if "sharers" not in known:  # 0003 has just made the table as it is now
        sharers = Column("sharers", Text, nullable=False, server_default="[]")
        op.add_column("configuration", sharers)

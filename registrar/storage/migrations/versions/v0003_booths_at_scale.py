"""Uploads go on where they were cut; booths are configured from here."""

from alembic import op

from registrar.storage.tables import BOOTH_SETTING, CONFIGURATION, UPLOAD_PART

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    """Make the tables of this version."""
    db = op.get_bind()
    for table in (UPLOAD_PART, BOOTH_SETTING, CONFIGURATION):
        table.create(db)

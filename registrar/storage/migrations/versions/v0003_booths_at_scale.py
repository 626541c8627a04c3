"""Uploads go on where they were cut; booths are configured from here; staff and booths may
be one institution's; there is a schedule."""

from alembic import op
from sqlalchemy import Column, Text, inspect

from registrar.storage.tables import BOOTH_SETTING, CONFIGURATION, SCHEDULE_SLOT, UPLOAD_PART

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    """Make the tables of this version."""
    db = op.get_bind()
    for table in (UPLOAD_PART, BOOTH_SETTING, CONFIGURATION, SCHEDULE_SLOT):
        table.create(db)
    for name in _BOUND:
        known = {column["name"] for column in inspect(db).get_columns(name)}
        if "institution_code" not in known:  # 0002 has just made the table as it is now
            op.add_column(name, Column("institution_code", Text))
    if "record_id_no" not in {index["name"] for index in inspect(db).get_indexes("record")}:
        op.create_index("record_id_no", "record", ["id_no"])


_BOUND = ("staff", "booth", "former_key")
"""What may be one institution's from now on."""

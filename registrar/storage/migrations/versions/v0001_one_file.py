"""The SQLite file as it was before there were migrations, whichever version it has."""

from alembic import op

revision, down_revision = "0001", None

_TABLES = (
    "former_key (booth_id TEXT NOT NULL, verify_key BLOB NOT NULL,"
    " accepted INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (booth_id, verify_key))",
    "report (booth_id TEXT PRIMARY KEY, received_at TEXT NOT NULL, report TEXT NOT NULL)",
    "own_key (file TEXT PRIMARY KEY, public_key BLOB NOT NULL)",
)
"""What versions 3 and 4 added to version 2."""


def upgrade() -> None:
    """Bring versions 2 and 3 to version 4."""
    for table in _TABLES:
        op.execute(f"CREATE TABLE IF NOT EXISTS {table} STRICT")

"""What a registrar has stored: so that a test can say that rubbish has left nothing there."""

from sqlalchemy import func, select

from registrar.storage.tables import METADATA
from registrar.store import Store

NOTED = {"attempt"}
"""Tables that count who asks: bounded, and cleared by themselves."""


def stored(store: Store) -> dict[str, object]:
    """How many rows each table has, and the objects' names."""
    with store.database.connection() as db:
        found: dict[str, object] = {
            name: db.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in METADATA.tables.items()
            if name not in NOTED
        }
    for folder in ("photos", "imports", "roster"):
        found[f"objects {folder}"] = sorted(name for name, _ in store.objects.names(folder))
    return found

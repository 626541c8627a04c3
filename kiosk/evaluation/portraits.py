"""Where the labelled portraits lie: real people's pictures, of which the project keeps none."""

import os
from pathlib import Path

from kiosk.errors import UsageError
from kiosk.evaluation.rows import Row

BESIDE_CHECKOUT = Path(__file__).resolve().parents[3] / "shared" / "data" / "portraits"
"""Where they are looked for when $KIOSK_PORTRAITS names no other folder."""

LABELS = "labels.csv"


def portraits_folder() -> Path | None:
    """The folder with the portraits and their labels, or None where there is none.

    Raises UsageError where $KIOSK_PORTRAITS names a folder that has no labels.
    """
    named = os.environ.get("KIOSK_PORTRAITS")
    folder = Path(named) if named else BESIDE_CHECKOUT
    if (folder / LABELS).exists():
        return folder
    if named:
        raise UsageError(f"{folder}: no {LABELS} there; correct $KIOSK_PORTRAITS")
    return None


def missing_portraits(bench: str) -> Row:
    """The row that says that a bench went without portraits."""
    row = f"no portraits in {BESIDE_CHECKOUT}: name their folder in $KIOSK_PORTRAITS"
    return Row(bench, row, 0, "portraits")

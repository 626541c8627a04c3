"""Photos of the labelled portraits: real people's pictures, of which the project keeps none."""

import csv
import os
from collections.abc import Iterator
from pathlib import Path

from kiosk.config import Config
from kiosk.errors import UsageError
from kiosk.evaluation.portrait_photos import make_photo, rows_of_photos
from kiosk.evaluation.progress import show_progress
from kiosk.evaluation.rows import Row
from kiosk.pipeline.loading import load_models
from kiosk.pipeline.picture import read_picture

BESIDE_CHECKOUT = Path(__file__).resolve().parents[3] / "shared" / "data" / "portraits"
"""Where they are looked for when $KIOSK_PORTRAITS names no other folder."""

LABELS = "labels.csv"

QUICK_STEP = 6
"""A quick run looks at each sixth."""


def measure(config: Config, *, quick: bool) -> Iterator[Row]:
    """Make the photo of each portrait, and look for specks and saw-teeth on it."""
    folder = portraits_folder()
    if folder is None:
        yield missing_portraits("portraits")
        return
    with (folder / LABELS).open(newline="", encoding="utf-8") as file:
        names = [row["file"] for row in csv.DictReader(file)][:: QUICK_STEP if quick else 1]
    models = load_models(config.models.store)
    made = [
        make_photo(models, name, read_picture(folder / name))
        for name in show_progress(names, "making photos")
    ]
    models.looker.close()
    yield from rows_of_photos(made)


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

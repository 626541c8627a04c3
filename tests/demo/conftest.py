"""What the demo's tests share."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _models(models_store: Path) -> None:
    """The demo needs the models."""

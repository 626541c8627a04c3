"""What tests share: the repository's folder, and a store with the models."""

from pathlib import Path

import pytest

from kiosk.models import default_mirror, default_store, fetch, load_manifest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
"""Data beside the repository; a checkout may stand without it."""


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The data beside the repository."""
    if not SHARED.is_dir():
        pytest.skip("../shared/data is not there")
    return SHARED


@pytest.fixture(scope="session")
def models_mirror() -> Path | None:
    """The folder with model files that no registry carries, where there is one."""
    beside = SHARED / "models"
    return default_mirror() or (beside if beside.is_dir() else None)


@pytest.fixture(scope="session")
def models_store(models_mirror: Path | None) -> Path:
    """The store with every required model, as `make setup` leaves it."""
    store = default_store()
    found = fetch(load_manifest().values(), store, models_mirror, lambda _: None)
    missing = [row.error for row in found if row.model.required and row.error]
    if missing:
        pytest.fail(f"models are missing, run `make setup`: {'; '.join(missing)}")
    return store

"""What tests share: the repository's folder, and a store with the models."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import pytest

from kiosk.camera.frame import Picture
from kiosk.config import LampSettings
from kiosk.lighting import usual_levels
from kiosk.models import default_mirror, default_store, fetch, load_manifest
from kiosk.pipeline.loading import LoadedModels, load_models
from kiosk.pipeline.look.looker import Looker
from kiosk.twin import Posture, Twin
from tests.standing_clock import Clock

# Screens are drawn without a display, and chimes sound without a loudspeaker.
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

if "PYTEST_XDIST_WORKER" in os.environ:
    # Each worker has a core of its own: more threads would only take it from the other.
    cv2.setNumThreads(1)
    for library in ("OMP", "OPENBLAS"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: half of what the booth's tests do is to wait."""
    return (os.cpu_count() or 1) + 1


ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
"""Data beside the repository; a checkout may stand without it."""


@pytest.fixture(autouse=True)
def quick_stretch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests' capture codes are short, and guessed by nobody: they need not be slow to guess."""
    monkeypatch.setattr("protocol.roster_edition.STRETCH", (1, 8192))


@pytest.fixture
def clock() -> Clock:
    """A clock that stands until it is moved."""
    return Clock()


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


@pytest.fixture(scope="session")
def models(models_store: Path) -> Iterator[LoadedModels]:
    """All models of a visit, loaded once."""
    opened = load_models(models_store)
    yield opened
    opened.looker.close()


@pytest.fixture(scope="session")
def looker(models: LoadedModels) -> Looker:
    """The face models."""
    return models.looker


@pytest.fixture(scope="session")
def at_booth() -> Callable[..., Picture]:
    """Take the main picture of the twin's student in a pose, under working lamps or others."""
    taken: dict[tuple[object, ...], Picture] = {}

    def take(posture: Posture | None = None, **lamps: float) -> Picture:
        posture = posture or Posture()
        key = (posture, *sorted(lamps.items()))
        if key not in taken:
            twin = Twin("lin", LampSettings().pins, seed=1)
            twin.wires.posture = posture
            for lamp, level in ({**usual_levels.WORKING, **lamps}).items():
                twin.wires.set_level(lamp, level)
            camera = twin.open_camera()
            camera.start()
            image = camera.read(main=True).image
            camera.stop()
            assert image is not None
            taken[key] = image
        return taken[key].copy()

    return take


@pytest.fixture
def card(tmp_path: Path) -> Iterator[Path]:
    """A disk of 400 MB that can be remounted (`tests.disks.remount`)."""
    disk = tmp_path / "card"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400m", "none", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a disk can only be mounted by root")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)

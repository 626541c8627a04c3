"""The memory of this process, in MiB, with all models loaded and used.

A bench asks it of a fresh process, so that nothing else of the bench is counted.
"""

import math
from pathlib import Path

from kiosk.camera.frame import Picture
from kiosk.pipeline.loading import LoadedModels, load_models
from kiosk.pipeline.look.aside import open_aside

_STATUS = Path("/proc/self/status")


def load_and_use_models(store: Path, picture: Picture) -> LoadedModels:
    """All models from `store`, each used once on a picture of somebody: what they allocate at their
    first use is there.
    """
    models = load_models(store, open_aside())
    models.looker.look(picture)
    models.matter.alpha(picture)
    return models


def memory_of_all_models(store: Path, picture: Picture) -> float:
    """What is resident after that."""
    models = load_and_use_models(store, picture)
    resident = resident_memory()
    models.looker.close()
    return resident


def resident_memory() -> float:
    """Memory that is resident now; NaN where the system does not tell."""
    return _read_status("VmRSS")


def resident_shared_memory() -> float:
    """Memory of it that other processes share; NaN as above."""
    return _read_status("RssShmem")


def peak_memory() -> float:
    """Most that was resident since the start, or since `restart_peak`; NaN as above."""
    return _read_status("VmHWM")


def restart_peak() -> None:
    """Begin `peak_memory` anew from what is resident now. Linux only: raises OSError elsewhere."""
    Path("/proc/self/clear_refs").write_text("5")


def _read_status(field: str) -> float:
    if not _STATUS.exists():
        return math.nan
    line = next(row for row in _STATUS.read_text().splitlines() if row.startswith(field))
    return int(line.split()[1]) / 1024

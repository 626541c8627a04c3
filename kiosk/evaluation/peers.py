"""Other ways of cutting out, at work in an environment of their own, without a network.

None is a part of the booth. Some get the picture alone, as MODNet does; some a trimap of the truth,
in which only what is near the outline is unknown: that is more than anyone knows of a capture.
"""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kiosk.camera.frame import Picture
from kiosk.errors import KioskError, UsageError
from kiosk.evaluation.samples import OUTLINE_ALPHAS
from kiosk.pipeline.mask import SoftMask

CHECKOUT = Path(__file__).resolve().parents[2]

ENVIRONMENT, PROGRAM = CHECKOUT / ".peers-env", CHECKOUT / "tools" / "peers" / "cut_out.py"

BY_PICTURE: Mapping[str, str] = {"rvm": "RVM", "isnet": "ISNet"}
"""Those who get the picture alone: how the program calls them, and people."""

BY_TRIMAP: Mapping[str, str] = {
    "closed-form": "closed-form",
    "closed-form-linear": "closed-form in linear light",
    "knn-linear": "KNN in linear light",
}
"""Those who get a trimap too. In linear light a pixel at the outline is truly a mix, which is what
both assume; the library itself hands on a file's codes."""

TRIMAP_REACH = 10
"""Pixels around the truth's outline within which a trimap says nothing."""

Trimap = NDArray[np.uint8]
"""Height × width: 0 backdrop, 255 person, 128 unknown."""


@dataclass(frozen=True, slots=True)
class PeerTask:
    """A picture that peers are to cut out."""

    picture: Picture
    truth: SoftMask | None = None
    """The true alpha, of which a trimap is made for those who need one."""


def require_peers() -> None:
    """Raise UsageError where the peers' environment is not there."""
    if not (ENVIRONMENT / ".installed").exists():
        raise UsageError(f"--peers: {ENVIRONMENT} is not there; to install the peers: make peers")


def make_trimap(truth: SoftMask) -> Trimap:
    """Say person or backdrop but for what is within TRIMAP_REACH of the truth's outline."""
    low, high = OUTLINE_ALPHAS
    edge = ((truth > low) & (truth < high)).astype(np.uint8)
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * TRIMAP_REACH + 1,) * 2)
    known = np.where(truth > 0.5, 255, 0)
    return np.where(cv2.dilate(edge, around) > 0, 128, known).astype(np.uint8)


def cut_out_by_peers(
    tasks: Mapping[str, PeerTask], ways: Sequence[str]
) -> Mapping[str, Mapping[str, SoftMask]]:
    """Have each way cut each task out: alpha, by way and task. BY_TRIMAP's need the tasks' truth.

    Raises KioskError where the peers' program fails.
    """
    with TemporaryDirectory(prefix="kiosk-peers-") as place:
        folder = Path(place)
        for name, task in tasks.items():
            Image.fromarray(task.picture).save(folder / f"{name}.png")
            if task.truth is not None:
                Image.fromarray(make_trimap(task.truth)).save(folder / f"{name}.trimap.png")
        _run(folder, ways)
        return {
            way: {name: _read_alpha(folder / f"{name}.{way}.npy") for name in tasks} for way in ways
        }


def _run(folder: Path, ways: Sequence[str]) -> None:
    python = str(ENVIRONMENT / "bin" / "python")
    offline = [sys.executable, "-m", "kiosk.evaluation.offline", python, str(PROGRAM)]
    done = subprocess.run(
        [*offline, str(folder), *ways], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise KioskError(f"the peers failed ({last}); to install them anew: make clean setup peers")


def _read_alpha(file: Path) -> SoftMask:
    return np.asarray(np.load(file, allow_pickle=False), np.float32).clip(0, 1)

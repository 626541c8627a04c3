"""Hair and fur that were photographed with their true alpha, of which the project keeps none."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from kiosk.camera.frame import Picture
from kiosk.errors import UsageError
from kiosk.evaluation.own_colour import estimate_own_colour
from kiosk.evaluation.rows import Row
from kiosk.pipeline.light import Linear, to_linear
from kiosk.pipeline.mask import SoftMask
from kiosk.pipeline.picture import read_picture
from kiosk.pipeline.specification import Size

IN_CHECKOUT = Path(__file__).resolve().parents[2] / ".cache" / "wild"
"""Where they are looked for when $KIOSK_MATTES names no other folder."""

PICTURE, TRUTH = "-matte.png", "-truth.png"
"""What the names of a picture and of its true alpha end in, as `bring.py` beside the list of public
pictures writes them (CONTRIBUTING.md)."""

THINGS = frozenset({"1211", "1223"})
"""A ball of wicker and a bare tree: with stiff twigs and holes that no hair and no fur has."""

LONG_SIDE = 640
"""Pixels of a picture's longer side as it is measured: as many as a photo has rows."""


@dataclass(frozen=True, slots=True)
class TrueMatte:
    """Something with hair or fur, cut out truly."""

    name: str
    alpha: SoftMask
    own: Linear
    """Its own colour; beside it, where alpha is 0, anything."""

    @property
    def size(self) -> Size:
        """Width and height, in pixels."""
        return self.alpha.shape[1], self.alpha.shape[0]


def mattes_folder() -> Path | None:
    """The folder with pictures and their true alphas, or None where there is none.

    Raises UsageError where $KIOSK_MATTES names a folder that has no such pictures.
    """
    named = os.environ.get("KIOSK_MATTES")
    folder = Path(named) if named else IN_CHECKOUT
    if _names(folder):
        return folder
    if named:
        raise UsageError(f"{folder}: no *{PICTURE} with *{TRUTH} there; correct $KIOSK_MATTES")
    return None


def missing_mattes(bench: str) -> Row:
    """The row that says that a bench went without photographed hair."""
    row = f"not measured, no mattes in {IN_CHECKOUT}: name their folder in $KIOSK_MATTES"
    return Row(bench, row, 0, "mattes")


def _names(folder: Path) -> list[str]:
    found = (path.name.removesuffix(PICTURE) for path in folder.glob(f"*{PICTURE}"))
    return sorted(name for name in found if (folder / f"{name}{TRUTH}").exists())


def read_mattes(folder: Path, most: int | None = None) -> Iterator[TrueMatte]:
    """Read what has hair or fur, at LONG_SIDE, and no more than `most`.

    Raises UsageError where a picture cannot be read.
    """
    for name in [name for name in _names(folder) if name not in THINGS][:most]:
        truth = read_picture(folder / f"{name}{TRUTH}")
        yield make_true_matte(name, read_picture(folder / f"{name}{PICTURE}"), truth)


def make_true_matte(name: str, picture: Picture, truth: Picture) -> TrueMatte:
    """Scale a picture and its true alpha (both sRGB), in linear light, and find the own colour."""
    scale = LONG_SIDE / max(picture.shape[:2])
    size = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
    seen = cv2.resize(to_linear(picture), size, interpolation=cv2.INTER_AREA)
    cover = truth[..., 0].astype(np.float32) / np.float32(255)
    alpha = np.asarray(cv2.resize(cover, size, interpolation=cv2.INTER_AREA), np.float32)
    return TrueMatte(name, alpha, estimate_own_colour(np.asarray(seen, np.float32), alpha))

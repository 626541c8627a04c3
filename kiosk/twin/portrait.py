"""A real portrait photo as the twin's subject: lit as it is, before the twin's own backdrop."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import to_linear
from kiosk.twin.light_stage import FACE_SHARE, Bytes, Figure, SubjectError
from kiosk.twin.optics import LENS_AXIS, continue_sides

LARGEST_FACE_SHARE = 0.55
"""Of the picture's width: how large it may become so that the body fills the picture."""

LOWEST_EYES = 0.60
"""Of the picture's height: how low the eyes may come, for the same end."""

FRAYED_EDGE = 0.02
"""Of the photo's height: what is left out at its lower edge, where mattes fray and prints have
borders, and from where the twin continues the body."""

AS_IT_IS = "as_it_is"
"""The one "lamp" of a photo: its own light, which no pin drives."""


ROUNDNESS = 0.6
"""How far a cheek follows the key lamp on its side: in the middle of what rendered people do."""


def key_lamp_gain(
    levels: Mapping[str, float | NDArray[np.float64]], width: int
) -> NDArray[np.float32]:
    """By how much each of a picture's columns brightens where the key lamps are not alike.

    While they are, the photo keeps its own light. A head is round: each lamp lights its own side.
    """
    left, right = (float(np.mean(levels.get(key, 0.0))) for key in ("key_left", "key_right"))
    if left + right <= 0:
        return np.ones(width, np.float32)
    place = (np.arange(width) + 0.5) / width - LENS_AXIS[0]
    across = np.clip(place / (FACE_SHARE / 2), -1, 1)
    return (1 - ROUNDNESS * (left - right) / (left + right) * across).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a photo comes to lie: a point (x, y) of it at scale * (x, y) + (right, down)."""

    scale: float
    right: float
    down: float


def place_photo(
    photo: tuple[int, int],
    eyes: tuple[float, float],
    face_width: float,
    size: tuple[int, int],
) -> Placement:
    """Place a photo of (width, height) into a picture of `size` so that it leaves no gap.

    `eyes` is the point midway between the eyes' centres and `face_width` goes from cheek to cheek,
    both in px of the photo. The face stands at its usual size and height where the photo reaches
    far enough down; else it comes lower, and then nearer, as far as a face may; what then still is
    missing is for the twin to continue.
    """
    width, height = size
    scale = FACE_SHARE * width / face_width
    below = photo[1] - eyes[1]
    row = min(max(height - scale * below, LENS_AXIS[1] * height), LOWEST_EYES * height)
    if below > 0:
        largest = LARGEST_FACE_SHARE * width / face_width
        scale = min(max(scale, (height - row) / below), largest)
    return Placement(scale, LENS_AXIS[0] * width - scale * eyes[0], row - scale * eyes[1])


def save_portrait(
    path: Path,
    person: Picture,
    alpha: NDArray[np.float32],
    eyes: tuple[float, float],
    face_width: float,
    size: tuple[int, int],
) -> None:
    """Write a photo, placed in a picture of `size` (width, height), for the camera process.

    `person` holds the person's own colours, the old backdrop taken out, and `alpha` (height ×
    width, 0 to 1) how much of each pixel they are. `path` must end in .npz. The file holds a
    person's face: whoever writes it removes it.
    """
    if path.suffix != ".npz":
        raise ValueError(f"{path.name}: must end in .npz")
    if person.shape[:2] != alpha.shape:
        raise ValueError(f"alpha is {alpha.shape}, and the person {person.shape[:2]}")
    kept = round(person.shape[0] * (1 - FRAYED_EDGE))
    person, alpha = person[:kept], alpha[:kept]
    placement = place_photo((person.shape[1], person.shape[0]), eyes, face_width, size)
    cover = alpha[..., None].astype(np.float32)
    own = np.concatenate([to_linear(person) * cover, cover], axis=2)
    laid = _resample(own, placement, size)
    cover = laid[..., 3:]
    light = np.divide(laid[..., :3], cover, out=np.zeros_like(laid[..., :3]), where=cover > 1e-3)
    np.savez(
        path,
        light=np.rint(255 * np.sqrt(light.clip(0, 1))).astype(np.uint8),
        alpha=np.rint(255 * cover[..., 0].clip(0, 1)).astype(np.uint8),
    )


def _resample(
    own: NDArray[np.float32], placement: Placement, size: tuple[int, int]
) -> NDArray[np.float32]:
    """Resample premultiplied light and alpha into the picture, continued where the photo ends."""
    height, width = own.shape[:2]
    scale = placement.scale
    if scale < 0.75:
        # Reading every so many pixels would make a shrunk photo sharper than a lens can.
        shape = max(round(width * scale), 1), max(round(height * scale), 1)
        own = np.asarray(cv2.resize(own, shape, interpolation=cv2.INTER_AREA), np.float32)
        height, width = own.shape[:2]
        scale = 1.0
    x = ((np.arange(size[0]) + 0.5 - placement.right) / scale - 0.5).astype(np.float32)
    y = ((np.arange(size[1]) + 0.5 - placement.down) / scale - 0.5).astype(np.float32)
    maps = continue_sides(x, y, (0, width - 1), height - 1)
    return np.asarray(cv2.remap(own, *maps, cv2.INTER_LINEAR), np.float32)


class PortraitSubject:
    """A photo written by `save_portrait`: one pose, one light."""

    def __init__(self, path: Path) -> None:
        """Read it; raises SubjectError."""
        try:
            with np.load(path) as held:
                light, alpha = held["light"], held["alpha"]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise SubjectError(
                f"{path.name}: is no photo for the twin ({error}); give the portrait again"
            ) from error
        self._large = _figure(light, alpha)
        half = light.shape[1] // 2, light.shape[0] // 2
        self._small = _figure(
            cv2.resize(light, half, interpolation=cv2.INTER_AREA),
            cv2.resize(alpha, half, interpolation=cv2.INTER_AREA),
        )
        self._size = light.shape[1], light.shape[0]
        self._name = path.stem

    @property
    def name(self) -> str:
        """The file's name."""
        return self._name

    @property
    def poses(self) -> tuple[str, ...]:
        """The only one there is."""
        return ("neutral",)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the large picture."""
        return self._size

    @property
    def lamps(self) -> tuple[str, ...]:
        """None: a photo is lit already."""
        return ()

    def stage(self, pose: str, *, large: bool) -> Figure:
        """The photo, large or at half its size; raises SubjectError."""
        if pose not in self.poses:
            raise SubjectError(f"a photo has no pose {pose}: there is neutral")
        return self._large if large else self._small


def _figure(light: Bytes, alpha: Bytes) -> Figure:
    pictures: Mapping[str, Bytes] = {AS_IT_IS: light}
    return Figure(pictures, {AS_IT_IS: 1.0}, alpha)

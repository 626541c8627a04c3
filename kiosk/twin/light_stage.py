"""Light stages: a person, or the empty booth, as one picture of linear light for each lamp.

On disk and in memory a picture's value is 255 * sqrt(light / white), with one `white` a lamp: a
quarter of the floats' size, and one table look-up away from light.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt, ValidationError

from kiosk.errors import UsageError

BOOTH = Path(__file__).parent / "booth"
"""The empty booth's pictures."""

EYES_TO_CAMERA = 1.5
"""Metres from the eyes of a person at rest to the camera (tools/render/scene.py)."""

FACE_SHARE = 0.40
"""Of the picture's width: what a face at that distance takes, cheek to cheek."""

Bytes = NDArray[np.uint8]
"""Height × width, or height × width × 3."""

Light = NDArray[np.float32]
"""Height × width × 3, linear, colour order R, G, B; 1 is what saturates the sensor at its
reference exposure."""

Layer = NDArray[np.float32]
"""Height × width × 4: what the person adds to the light of the empty booth behind what they
leave of it (premultiplied; below 0 in their shadow), and alpha."""


class SubjectError(UsageError):
    """A subject, pose or booth that is not there, or whose files are damaged."""


@dataclass(frozen=True, slots=True)
class LightStage:
    """Pictures of one scene, one a lamp, all of one size."""

    pictures: Mapping[str, Bytes]
    """Height × width × 3 each, R, G, B, encoded as on disk."""
    white: Mapping[str, float]
    """The light that 255 stands for."""

    def decoding_table(self, lamp: str, level: float) -> NDArray[np.float32]:
        """The linear light that each of the 256 values stands for, with a lamp at a level."""
        values: NDArray[np.float32] = np.linspace(0, 1, 256, dtype=np.float32)
        return values**2 * np.float32(self.white[lamp] * level)


@dataclass(frozen=True, slots=True)
class Figure(LightStage):
    """A light stage with a person in it."""

    alpha: Bytes
    """Height × width: how much of each pixel they cover, 255 being all of it."""


class Subject(Protocol):
    """A person who can stand in the twin."""

    @property
    def name(self) -> str:
        """Who it is, for staff."""
        ...

    @property
    def poses(self) -> tuple[str, ...]:
        """What they can look like; the first is how they stand at rest."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the large picture."""
        ...

    @property
    def lamps(self) -> tuple[str, ...]:
        """The lamps that the person was lit with; none where they are shown as they are."""
        ...

    def stage(self, pose: str, *, large: bool) -> Figure:
        """Read the pictures of a pose, large or at half its size; raises SubjectError."""
        ...


class Booth(Protocol):
    """An empty booth that a person can stand in."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the large picture."""
        ...

    @property
    def lamps(self) -> tuple[str, ...]:
        """The lamps it was lit with."""
        ...

    def stage(self, *, large: bool) -> LightStage:
        """Read the pictures, large or at half their size; raises SubjectError."""
        ...


class _BoothNote(BaseModel):
    """booth.json."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    size: tuple[PositiveInt, PositiveInt]
    lamps: tuple[str, ...]
    white: dict[str, PositiveFloat]


class _SubjectNote(_BoothNote):
    """subject.json."""

    name: str
    words: str
    poses: tuple[str, ...]
    licence: str


_Note = TypeVar("_Note", bound=_BoothNote)


class EmptyBooth:
    """The empty booth."""

    def __init__(self, folder: Path = BOOTH) -> None:
        """Read what is known about it; raises SubjectError."""
        self._folder = folder
        self._note = _read_note(folder / "booth.json", _BoothNote)
        # The large one is wanted a few times a visit, and weighs 18 MB.
        self._stages = lru_cache(maxsize=2)(self._load)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the large picture."""
        return self._note.size

    @property
    def lamps(self) -> tuple[str, ...]:
        """The lamps it was lit with."""
        return self._note.lamps

    def stage(self, *, large: bool) -> LightStage:
        """Read the pictures, large or at half their size; raises SubjectError."""
        return self._stages(large)

    def _load(self, large: bool) -> LightStage:
        return LightStage(_read_pictures(self._folder, self._note, large), self._note.white)


class RenderedPerson:
    """A rendered person, one light stage a pose."""

    def __init__(self, folder: Path) -> None:
        """Read what is known about them; raises SubjectError."""
        self._folder = folder
        self._note = _read_note(folder / "subject.json", _SubjectNote)
        if not self._note.poses:
            raise SubjectError(f"{folder.name}: subject.json names no pose; render the subject")
        self._small = lru_cache(maxsize=None)(lambda pose: self._load(pose, False))
        # A blink in the burst needs a second one; each weighs 20 MB.
        self._large = lru_cache(maxsize=2)(lambda pose: self._load(pose, True))

    @property
    def name(self) -> str:
        """The subject's name."""
        return self._note.name

    @property
    def words(self) -> str:
        """What they look like."""
        return self._note.words

    @property
    def poses(self) -> tuple[str, ...]:
        """What they can look like; the first is how they stand at rest."""
        return self._note.poses

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the large picture."""
        return self._note.size

    @property
    def lamps(self) -> tuple[str, ...]:
        """The lamps they were lit with."""
        return self._note.lamps

    def stage(self, pose: str, *, large: bool) -> Figure:
        """Read the pictures of a pose, large or at half its size; raises SubjectError."""
        if pose not in self.poses:
            raise SubjectError(f"{self.name} has no pose {pose}: there are {', '.join(self.poses)}")
        return self._large(pose) if large else self._small(pose)

    def truth(self, pose: str) -> dict[str, Any]:
        """Read what a pose was rendered with: degrees, and px of the large picture."""
        path = self._folder / pose / "truth.json"
        truth = read_json(path)
        if not isinstance(truth, dict):
            raise SubjectError(f"{short_path(path)}: is not an object; render the subject again")
        return truth

    def highlights(self, pose: str) -> Bytes:
        """Read which lamps each pixel of the large picture mirrors: height × width, a bit a lamp.

        Bit 0 is the first of `lamps`. Skin, eyes and lenses are marked; raises SubjectError.
        """
        return read_picture(self._folder / pose / "highlights.png", "L", self._note.size, True)

    def _load(self, pose: str, large: bool) -> Figure:
        folder = self._folder / pose
        pictures = _read_pictures(folder, self._note, large)
        alpha = read_picture(folder / "alpha.png", "L", self._note.size, large)
        return Figure(pictures, self._note.white, alpha)


def _read_note(path: Path, kind: type[_Note]) -> _Note:
    try:
        note = kind.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SubjectError(
            f"{short_path(path)}: {where}: {first['msg']}; render the subject again"
        ) from error
    if missing := set(note.lamps) - set(note.white):
        raise SubjectError(f"{short_path(path)}: no white for {', '.join(sorted(missing))}")
    if note.size[0] % 2 or note.size[1] % 2:
        raise SubjectError(f"{short_path(path)}: the size must be even, so that it can be halved")
    return note


def read_json(path: Path) -> object:
    """Read a note about pictures; raises SubjectError."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise SubjectError(
            f"{short_path(path)}: cannot be read ({_reason(error)}); render the subject again"
        ) from error


def _read_pictures(folder: Path, note: _BoothNote, large: bool) -> dict[str, Bytes]:
    return {
        lamp: read_picture(folder / f"{lamp}.jpg", "RGB", note.size, large) for lamp in note.lamps
    }


def read_picture(path: Path, mode: str, size: tuple[int, int], large: bool) -> Bytes:
    """Read a picture of `size`, or its half; raises SubjectError.

    The decoder halves JPEGs in a fraction of the time.
    """
    half = size[0] // 2, size[1] // 2
    try:
        with Image.open(path) as opened:
            if opened.size == size and opened.mode == mode:
                if not large:
                    opened.draft(mode, half)
                opened.load()
                picture = opened.copy()
            else:
                raise SubjectError(
                    f"{short_path(path)}: is {opened.mode} of {opened.size}, "
                    f"and not {mode} of {size}; render the subject again"
                )
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        if isinstance(error, SubjectError):
            raise
        raise SubjectError(
            f"{short_path(path)}: cannot be read ({_reason(error)}); render the subject again"
        ) from error
    wanted = size if large else half
    if picture.size != wanted:
        picture = picture.resize(wanted, Image.Resampling.BOX)
    return np.asarray(picture)


def short_path(path: Path) -> str:
    """The last parts of a file's path, which say whose it is."""
    return "/".join(path.parts[-3:])


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "not a picture"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)

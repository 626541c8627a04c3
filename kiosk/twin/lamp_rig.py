"""Booths whose lamps stand elsewhere: the rendered people under lamps and a window in many places.

Each place was rendered on its own (tools/render/placements.py), in pictures of half the size; a rig
is a choice among them. Large pictures are those enlarged: their light is right, glare and shine are
where they belong, and they are softer than a camera's. People stand at rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, PositiveFloat, ValidationError

from kiosk.twin.light_stage import (
    Bytes,
    Figure,
    LightStage,
    SubjectError,
    read_json,
    read_picture,
    short_path,
)

RIGS = Path(__file__).parent / "rig"
"""The pictures, a folder a person, with where each source of light is in sources.json."""

WEARERS = RIGS / "wearers"
"""The same of three strangers (kiosk.twin.people.STRANGERS) with glasses on, of which nothing is
fitted: none of the twelve has lenses for near, as strong, or that lean as much."""

SIZE = (480, 640)
"""Width and height of the pictures: half of what a camera's main stream has."""

LAMPS = ("key_left", "key_right", "fill", "backdrop", "room", "window", "screen")
"""What gives light in a rigged booth. `window` is what else shines into the room: a window whose
curtain is open, or a lamp on the ceiling. `screen` is the booth's own, all white."""

POSE = "neutral"

LEAST_POWER, MOST_POWER = 0.7, 1.3
"""Of a source's nominal light, between which rigs are drawn: lamps are of several makes and ages,
and windows of several sizes."""

Colour = tuple[float, float, float]
"""R, G, B; linear light."""


class Source(BaseModel):
    """One place that light comes from."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    lamp: str
    """Which of LAMPS stands there."""
    at: tuple[tuple[float, float, float], ...]
    """Its middle, or those of its lamps: m to the picture's right of the eyes, behind them and
    above; none for the light that comes from all around."""
    card: Colour
    """Its light on a white card (albedo 1, Lambertian) among cheeks and brow, facing the lens."""
    cheek_left: Colour
    """The same with the card turned by 45° to the picture's left."""
    cheek_right: Colour


class _SourcesNote(BaseModel):
    """sources.json."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    sources: dict[str, Source]


class _WhiteNote(BaseModel):
    """person.json and booth.json."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    white: dict[str, PositiveFloat]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Rig:
    """Where the lamps of a booth stand, and how strong each is."""

    places: Mapping[str, str]
    """The source that stands for each of LAMPS."""
    powers: Mapping[str, float]
    """How much of its nominal light each lamp gives at full level."""

    @classmethod
    def usual(cls) -> "Rig":
        """The lamps as the twin has them else, and the first window; raises SubjectError."""
        return cls({lamp: places_of(lamp)[0] for lamp in LAMPS}, dict.fromkeys(LAMPS, 1.0))

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> "Rig":
        """A rig drawn at random: each lamp in any of its places; raises SubjectError."""
        places = {lamp: str(rng.choice(places_of(lamp))) for lamp in LAMPS}
        powers = {lamp: float(rng.uniform(LEAST_POWER, MOST_POWER)) for lamp in LAMPS}
        return cls(places, powers)

    @property
    def card(self) -> dict[str, Colour]:
        """Each lamp's light at full level on a white card where the face is."""
        return {lamp: self._scaled(lamp, self._source(lamp).card) for lamp in LAMPS}

    @property
    def cheeks(self) -> dict[str, tuple[Colour, Colour]]:
        """The same on two cards turned by 45° to the picture's left and right, as cheeks are."""
        return {
            lamp: (
                self._scaled(lamp, self._source(lamp).cheek_left),
                self._scaled(lamp, self._source(lamp).cheek_right),
            )
            for lamp in LAMPS
        }

    def card_light(self, levels: Mapping[str, float]) -> NDArray[np.float64]:
        """The light of the white card, linear R, G, B, with lamps at levels."""
        return _add_up(self.card, levels)

    def cheeks_light(
        self, levels: Mapping[str, float]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The same of the cards that are turned to the picture's left and right."""
        cheeks = self.cheeks
        left, right = ({lamp: sides[i] for lamp, sides in cheeks.items()} for i in (0, 1))
        return _add_up(left, levels), _add_up(right, levels)

    def _source(self, lamp: str) -> Source:
        return sources()[self.places[lamp]]

    def _scaled(self, lamp: str, light: Colour) -> Colour:
        red, green, blue = (self.powers[lamp] * value for value in light)
        return red, green, blue


class RiggedBooth:
    """An empty booth with a rig's lamps."""

    lamps = LAMPS
    size = (2 * SIZE[0], 2 * SIZE[1])
    """Width and height of the large picture."""

    def __init__(self, rig: Rig, folder: Path = RIGS) -> None:
        """Read what is known about it; raises SubjectError."""
        self.rig = rig
        self._small = _read_stage(folder / "booth", "booth.json", rig)

    def stage(self, *, large: bool) -> LightStage:
        """The pictures as they were rendered, or enlarged."""
        return self._large if large else self._small

    @cached_property
    def _large(self) -> LightStage:
        return LightStage(_enlarge_all(self._small.pictures), self._small.white)


class RiggedPerson:
    """A rendered person at rest in a booth with a rig's lamps."""

    lamps = LAMPS
    poses = (POSE,)
    size = RiggedBooth.size
    """As a RiggedBooth's."""

    def __init__(self, name: str, rig: Rig, folder: Path = RIGS) -> None:
        """Read the pictures of a person whom `rigged_names` names; raises SubjectError."""
        if name not in (there := rigged_names(folder)):
            raise SubjectError(
                f"{name} was not rendered under other lamps: there are {', '.join(there) or 'none'}"
            )
        self.name, self.rig = name, rig
        self._folder = folder / name
        stage = _read_stage(self._folder, "person.json", rig)
        alpha = read_picture(self._folder / "alpha.png", "L", SIZE, True)
        self._small = Figure(stage.pictures, stage.white, alpha)

    @property
    def words(self) -> str:
        """What they look like."""
        return _read_whites(self._folder / "person.json").words

    def stage(self, pose: str, *, large: bool) -> Figure:
        """The pictures as they were rendered, or enlarged; raises SubjectError for another pose."""
        self._refuse(pose)
        return self._large if large else self._small

    def truth(self, pose: str) -> dict[str, Any]:
        """What they were rendered with, as RenderedPerson.truth: px of the large picture."""
        self._refuse(pose)
        path = self._folder / "truth.json"
        truth = read_json(path)
        if not isinstance(truth, dict):
            raise SubjectError(f"{short_path(path)}: is not an object; render the subject again")
        return truth

    def highlights(self, pose: str) -> Bytes:
        """Which lamps each px mirrors: 640 × 480, a bit a lamp, bit 0 being the first of `lamps`.

        Skin, eyes and lenses are marked; the room's light has no mark. Raises SubjectError.
        """
        self._refuse(pose)
        picture = read_picture(self._folder / "highlights.png", "RGB", SIZE, True).astype(np.uint32)
        marks = picture[..., 0] | picture[..., 1] << 8 | picture[..., 2] << 16
        order = list(sources())
        found = np.zeros(marks.shape, np.uint8)
        for bit, lamp in enumerate(LAMPS):
            mark = marks >> order.index(self.rig.places[lamp]) & 1
            found |= (mark << bit).astype(np.uint8)
        return found

    @cached_property
    def _large(self) -> Figure:
        small = self._small
        return Figure(_enlarge_all(small.pictures), small.white, _enlarge(small.alpha))

    def _refuse(self, pose: str) -> None:
        if pose != POSE:
            raise SubjectError(f"{self.name} has no pose {pose} in a rig: there is {POSE}")


@cache
def sources(folder: Path = RIGS) -> Mapping[str, Source]:
    """All places that light comes from, by name; raises SubjectError."""
    path = folder / "sources.json"
    try:
        return _SourcesNote.model_validate(read_json(path)).sources
    except ValidationError as error:
        raise SubjectError(f"{short_path(path)}: {error.errors()[0]['msg']}") from error


def places_of(lamp: str, folder: Path = RIGS) -> tuple[str, ...]:
    """The names of the sources that can stand for one of LAMPS, the usual one first."""
    return tuple(name for name, source in sources(folder).items() if source.lamp == lamp)


def rigged_names(folder: Path = RIGS) -> tuple[str, ...]:
    """The names of the people there are, in alphabetical order."""
    return tuple(sorted(path.parent.name for path in folder.glob("*/person.json")))


def _add_up(lights: Mapping[str, Colour], levels: Mapping[str, float]) -> NDArray[np.float64]:
    total = np.zeros(3)
    for lamp, level in levels.items():
        total += level * np.array(lights[lamp])
    return total


def _read_stage(folder: Path, note: str, rig: Rig) -> LightStage:
    white = _read_whites(folder / note).white
    pictures = {
        lamp: read_picture(folder / f"{place}.jpg", "RGB", SIZE, True)
        for lamp, place in rig.places.items()
    }
    return LightStage(
        pictures, {lamp: white[place] * rig.powers[lamp] for lamp, place in rig.places.items()}
    )


def _read_whites(path: Path) -> _WhiteNote:
    try:
        note = _WhiteNote.model_validate(read_json(path))
    except ValidationError as error:
        raise SubjectError(f"{short_path(path)}: {error.errors()[0]['msg']}") from error
    if missing := sources().keys() - note.white.keys():
        raise SubjectError(f"{short_path(path)}: no white for {', '.join(sorted(missing))}")
    return note


def _enlarge_all(pictures: Mapping[str, Bytes]) -> dict[str, Bytes]:
    return {lamp: _enlarge(picture) for lamp, picture in pictures.items()}


def _enlarge(picture: Bytes) -> Bytes:
    return np.asarray(
        cv2.resize(picture, RiggedBooth.size, interpolation=cv2.INTER_CUBIC), np.uint8
    )

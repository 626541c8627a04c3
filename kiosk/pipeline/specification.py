"""What a photo must be: the numbers of specification.toml, typed."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, model_validator

from kiosk.errors import UsageError

Bounds = tuple[float, float]
"""The least and the greatest value, both allowed."""

Size = tuple[int, int]
"""Width × height in pixels."""

Codes = tuple[int, int, int]
"""One colour, sRGB, 0 to 255, colour order R, G, B."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which photo to make; `Specification.wanted` makes one of what is asked for."""

    size: Size
    background: str
    """A name in `Specification.background`."""
    profile: str
    """A name in `Specification.profiles`."""


_Value = TypeVar("_Value")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Geometry(_Table):
    """Where the head lies in the finished photo; units as in specification.toml."""

    head_top: Bounds
    eye_line: Bounds
    face_width: Bounds
    midline: Bounds
    eye_roll: Bounds


class Profile(_Table):
    """One kind of photo, whole: its file, its background, and where the head lies in it."""

    name: str
    size: Size
    """The least size that is made."""
    background: str
    """The name of a colour in `Specification.background`."""
    width: tuple[int, int]
    height: tuple[int, int]
    size_step: Size
    bytes: tuple[int, int]
    quality: tuple[int, int]
    dots_per_inch: int
    geometry: Geometry

    @property
    def aspect(self) -> Size:
        """Width to height, in the smallest whole numbers."""
        across, down = self.size_step
        return across // math.gcd(across, down), down // math.gcd(across, down)

    def sizes(self) -> tuple[Size, ...]:
        """The sizes that may be made, smallest first: multiples of `size_step` in range."""
        (across, down), (least, most), (low, high) = self.size_step, self.width, self.height
        return tuple(
            (across * n, down * n)
            for n in range(1, most // across + 1)
            if least <= across * n <= most and low <= down * n <= high
        )

    @property
    def size_rule(self) -> str:
        """How the sizes are made, for an error's text: `3:4 in steps of 48 × 64`."""
        across, down = self.size_step
        return f"{self.aspect[0]}:{self.aspect[1]} in steps of {across} × {down}"

    @model_validator(mode="after")
    def _makes_its_size(self) -> Self:
        if self.size not in self.sizes():
            raise ValueError(f"profile {self.name}: {self.size} is none of its sizes")
        return self


class FindingBounds(_Table):
    """What may be found in a finished photo; units as in specification.toml."""

    background: tuple[int, int]
    background_colour: Bounds
    fringe: Bounds
    hard_edge: Bounds
    specks: tuple[int, int]
    roughness: Bounds
    faces: tuple[int, int]
    face_hue: Bounds
    face_chroma: Bounds
    face_variety: Bounds


class FidelityBounds(_Table):
    """How far a finished photo's face may depart from the capture's."""

    least_psnr: float
    most_structured: float


class RuleBounds(_Table):
    """What the booth guides to, and what a photo may not go beyond.

    Both are None for a rule that is asked of the student and not measured.
    """

    goal: Bounds | None = None
    limit: Bounds | None = None
    source: str
    """Who asks for it, and where the numbers come from; the letters are explained in the file."""

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.goal is None) != (self.limit is None):
            raise ValueError("a rule has both a goal and a limit, or neither")
        return self


class Specification(_Table):
    """All numbers of a photo's rules."""

    default_profile: str
    profiles: Mapping[str, Profile]
    """Every profile by its name, with what it takes from the common tables."""
    background: Mapping[str, Codes]
    """Every background's colour by its name."""
    findings: FindingBounds
    fidelity: FidelityBounds
    rules: Mapping[str, RuleBounds]

    def profile(self, name: str | None = None) -> Profile:
        """Look up a profile by its name, or the default one; raises UsageError."""
        return _named(self.profiles, name or self.default_profile, "profile")

    def colour(self, background: str) -> Codes:
        """Look up a background's colour by its name; raises UsageError."""
        return _named(self.background, background, "background")

    def wanted(
        self,
        profile: str | None = None,
        *,
        size: Size | None = None,
        background: str | None = None,
    ) -> Wanted:
        """The photo that is asked for; where nothing is asked for, as its profile says.

        Raises UsageError for a name that is not there, and a size that the profile does not have.
        """
        chosen = self.profile(profile)
        wanted = Wanted(size or chosen.size, background or chosen.background, chosen.name)
        self.colour(wanted.background)
        sizes = chosen.sizes()
        if wanted.size not in sizes:
            given, least, most = (f"{w}x{h}" for w, h in (wanted.size, sizes[0], sizes[-1]))
            raise UsageError(f"size {given}: sizes are {chosen.size_rule}, from {least} to {most}")
        return wanted

    @model_validator(mode="before")
    @classmethod
    def _fill_profiles(cls, tables: Any) -> Any:
        """Fill what a profile does not say from the common tables, [photo] and [geometry]."""
        given = dict(tables)
        photo, geometry = given.pop("photo"), given.pop("geometry")
        given["profiles"] = {
            name: {
                **photo,
                **own,
                "name": name,
                "geometry": {**geometry, **own.get("geometry", {})},
            }
            for name, own in given["profiles"].items()
        }
        return given

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        if self.default_profile not in self.profiles:
            raise ValueError(f"default_profile: there is no profile {self.default_profile}")
        for profile in self.profiles.values():
            if profile.background not in self.background:
                raise ValueError(
                    f"profile {profile.name}: there is no background {profile.background}"
                )
        return self


def _named(table: Mapping[str, _Value], name: str, what: str) -> _Value:
    if name not in table:
        raise UsageError(f"there is no {what} {name}: there are {', '.join(table)}")
    return table[name]


@cache
def specification() -> Specification:
    """The specification that comes with the booth."""
    text = resources.files("kiosk.pipeline").joinpath("specification.toml").read_text("utf-8")
    return parse_specification(text)


def parse_specification(text: str) -> Specification:
    """Read a specification from TOML; raises ValueError."""
    return Specification.model_validate(tomllib.loads(text))

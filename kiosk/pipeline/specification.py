"""What a photo must be: the numbers of specification.toml, typed."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict

Bounds = tuple[float, float]
Background = Literal["light-blue", "white", "grey"]
Profile = Literal["booth", "m2017"]
Size = tuple[int, int]
"""Width × height in pixels."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class File(_Table):
    """The finished file."""

    width: tuple[int, int]
    height: tuple[int, int]
    bytes: tuple[int, int]
    quality: tuple[int, int]
    dots_per_inch: int


class ProfileTable(_Table):
    """What a named profile changes."""

    bytes: tuple[int, int]


class Geometry(_Table):
    """Where the head lies in the finished photo; units as in specification.toml."""

    head_top: Bounds
    eye_line: Bounds
    face_width: Bounds
    midline: Bounds
    eye_roll: Bounds


class RuleBounds(_Table):
    """What the booth guides to, and what a photo may not go beyond."""

    goal: Bounds
    limit: Bounds
    source: str
    """Who asks for it, and where the numbers come from; the letters are explained in the file."""


class Specification(_Table):
    """All numbers of a photo's rules."""

    file: File
    profiles: Mapping[str, ProfileTable]
    background: Mapping[Background, tuple[int, int, int]]
    geometry: Geometry
    rules: Mapping[str, RuleBounds]

    def file_bytes(self, profile: Profile) -> tuple[int, int]:
        """Give the smallest and the largest size of a file, in bytes."""
        return self.profiles[profile].bytes if profile in self.profiles else self.file.bytes

    def sizes(self) -> tuple[Size, ...]:
        """Give the 3:4 sizes the booth makes, smallest first: multiples of 48 × 64 in range."""
        (least, most), (low, high) = self.file.width, self.file.height
        return tuple(
            (48 * n, 64 * n)
            for n in range(1, most // 48 + 1)
            if least <= 48 * n <= most and low <= 64 * n <= high
        )


@cache
def specification() -> Specification:
    """Read the specification that comes with the booth."""
    text = resources.files("kiosk.pipeline").joinpath("specification.toml").read_text("utf-8")
    return Specification.model_validate(tomllib.loads(text))

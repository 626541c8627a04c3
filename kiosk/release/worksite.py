"""The machine that an update works on, and where on it the booth's files lie."""

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import UsageError
from kiosk.release.errors import ReleaseError
from kiosk.release.installed import Installed, Places, read_installed
from kiosk.release.machine import Machine
from kiosk.release.source import Say


@dataclass(frozen=True, slots=True)
class Worksite:
    """A machine, and where on it the booth's files lie."""

    machine: Machine
    places: Places
    maintenance: Path
    """The file that takes the booth out of service."""
    told_state: Path
    """Where the running booth tells its state."""
    say: Say
    """Told of each step as it begins."""
    sleep: Callable[[float], None] = time.sleep


@contextmanager
def locked(places: Places) -> Iterator[None]:
    """Let nobody else change anything of the releases meanwhile; raises ReleaseError."""
    try:
        lock = os.open(places.lock, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise ReleaseError(
            f"{places.lock}: cannot be written ({error.strerror}); run as root: sudo kiosk update"
        ) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ReleaseError("another update is under way here; wait for it") from None
        yield
    finally:
        os.close(lock)


def require_current(installed: Installed) -> str:
    """The release in force; raises UsageError where none is installed, or one is on trial."""
    if installed.current is None:
        raise UsageError("no release is installed here: install one with its install.sh")
    if installed.trial is not None:
        trial = installed.trial
        raise UsageError(
            f"{trial.version} is on trial: it is confirmed once the booth shows its attract screen,"
            f" and {trial.previous} comes back after two starts without; see: kiosk status,"
            " systemctl status kiosk"
        )
    return installed.current


def prune(site: Worksite) -> None:
    """Remove every release but the one in force and the one before."""
    installed = read_installed(site.places.root)
    keep = {installed.current, installed.previous}
    if installed.trial is not None:
        keep |= {installed.trial.version, installed.trial.previous}
    folders = site.places.root / "releases"
    for folder in sorted(folders.iterdir() if folders.is_dir() else ()):
        if folder.name not in keep:
            site.say(f"removing {folder.name}")
            (folder / "whole").unlink(missing_ok=True)  # half a release is none
            shutil.rmtree(folder, ignore_errors=True)

"""The releases on this machine, and which of them is in force: folders, two links, small files.

The scripts of /usr/local/lib/kiosk read and write the same files, without Python.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import durable
from kiosk.errors import UsageError
from kiosk.release.errors import ReleaseError
from kiosk.release.manifest import parse_version

ROOT = Path("/opt/kiosk")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the files lie."""

    root: Path = ROOT
    keys: Path = Path("/etc/kiosk/release.pub")
    """The keys that releases are signed with."""

    @property
    def current(self) -> Path:
        """The link to the release in force."""
        return self.root / "current"

    @property
    def previous(self) -> Path:
        """The link to the release before."""
        return self.root / "previous"

    @property
    def trial(self) -> Path:
        """Says which release is on trial: `VERSION PREVIOUS TRIES`."""
        return self.root / "trial"

    @property
    def failed(self) -> Path:
        """Says which release was given up last: `VERSION PREVIOUS DATE REASON`."""
        return self.root / "failed"

    @property
    def lock(self) -> Path:
        """Held by who changes anything here."""
        return self.root / "lock"

    @property
    def seen(self) -> Path:
        """The serial number of the newest index that was seen."""
        return self.root / "seen"

    @property
    def downloads(self) -> Path:
        """What is under way."""
        return self.root / "downloads"

    def release(self, version: str) -> Path:
        """A release's folder."""
        return self.root / "releases" / version


@dataclass(frozen=True, slots=True)
class Trial:
    """A release that is to show the attract screen, or else is given up."""

    version: str
    previous: str
    tries: int
    """How often it was begun to be started."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A release that was given up."""

    version: str
    previous: str
    """Which one was taken back."""
    at: str
    """The time, as 2026-06-01T12:00:00Z by this machine's clock."""
    reason: str


@dataclass(frozen=True, slots=True)
class Installed:
    """What there is, and what is in force; None where there is no such."""

    current: str | None
    previous: str | None
    releases: tuple[str, ...]
    """Those that are whole, oldest first."""
    trial: Trial | None
    failed: Failed | None


def read_installed(root: Path = ROOT) -> Installed:
    """Look which releases are there. Raises OSError only where they may not be looked at."""
    places = Places(root)
    folders = places.root / "releases"
    names = sorted(
        (whole.parent.name for whole in folders.glob("*/whole")),
        key=_order,
    )
    return Installed(
        current=_target(places.current),
        previous=_target(places.previous),
        releases=tuple(names),
        trial=_read_trial(places.trial),
        failed=_read_failed(places.failed),
    )


def put_on_trial(places: Places, version: str, previous: str) -> None:
    """Have the booth's next start switch to a release, and try it. Raises ReleaseError."""
    write_line(places.trial, f"{version} {previous} 0")


def write_line(path: Path, line: str) -> None:
    """Write a line that everybody may read, whole or not at all; raises ReleaseError."""
    try:
        durable.write_whole(path, f"{line}\n".encode(), durable.READABLE)
    except OSError as error:
        raise ReleaseError(f"{path}: cannot be written ({error.strerror})") from error


def _target(link: Path) -> str | None:
    with suppress(OSError):
        return link.readlink().name
    return None


def _read_words(path: Path, most: int) -> list[str] | None:
    try:
        return path.read_text("utf-8", "replace").strip().split(" ", most)
    except FileNotFoundError:
        return None


def _read_trial(path: Path) -> Trial | None:
    match _read_words(path, 2):
        case [version, previous, tries] if tries.isdigit():
            return Trial(version, previous, int(tries))
    return None


def _read_failed(path: Path) -> Failed | None:
    match _read_words(path, 3):
        case [version, previous, at, reason]:
            return Failed(version, previous, at, reason)
    return None


def _order(name: str) -> tuple[int, ...]:
    try:
        return parse_version(name)
    except UsageError:
        return ()

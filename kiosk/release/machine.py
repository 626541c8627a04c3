"""What an update asks of the machine: an environment, another release's word, systemd."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kiosk.release.errors import ReleaseError

ENVIRONMENT_PATIENCE, WORD_PATIENCE = 3600, 180
"""Seconds for a new environment (700 MB by a slow line), and for what a release says."""

UNIT = "kiosk.service"

LAST_WORDS = 12
"""Lines that are told of what a command said before it failed."""


@dataclass(frozen=True, slots=True)
class Word:
    """One line of a release's `doctor`."""

    check: str
    verdict: str
    says: str

    @property
    def is_fault(self) -> bool:
        """Whether it speaks against serving with this release."""
        return self.verdict == "fail"


class Machine(Protocol):
    """The machine that is updated."""

    def make_release(self, unpacked: Path, release: Path, wheels: Path | None) -> None:
        """Make a release's folder with its environment; raises ReleaseError."""
        ...

    def prepare(self, release: Path) -> None:
        """Bring what a release needs beside its programs; what lacks, its `doctor` says."""
        ...

    def told_version(self, release: Path) -> str:
        """What a release says that it is; raises ReleaseError where its program does not run."""
        ...

    def doctor(self, release: Path) -> list[Word]:
        """What a release's `doctor` says; raises ReleaseError where it does not get to its end."""
        ...

    def has_booth(self) -> bool:
        """Whether the booth's unit is installed here."""
        ...

    def restart_booth(self) -> None:
        """Have the booth start anew, and do not wait for it; raises ReleaseError."""
        ...

    def refresh(self, release: Path) -> None:
        """Bring units and scripts outside the releases up to a release; raises ReleaseError."""
        ...


class DebianMachine:
    """A machine with systemd, asked as root."""

    def make_release(self, unpacked: Path, release: Path, wheels: Path | None) -> None:
        """Let the new release's own script make its folder."""
        command = [str(unpacked / "tools" / "environment.sh"), str(unpacked), str(release)]
        _run([*command, *([str(wheels)] if wheels else [])], ENVIRONMENT_PATIENCE)

    def prepare(self, release: Path) -> None:
        """Fetch models that are new, and speak phrases that are; both become the booth's user's."""
        kiosk = str(release / ".venv/bin/kiosk")
        _run([kiosk, "models", "--fetch"], ENVIRONMENT_PATIENCE, fine=(0, 1))
        _run([kiosk, "voice", "--make"], ENVIRONMENT_PATIENCE, fine=(0, 1, 2))

    def told_version(self, release: Path) -> str:
        """What `python -m kiosk --version` says."""
        command = [str(release / ".venv/bin/python"), "-I", "-m", "kiosk", "--version"]
        return _run(command, WORD_PATIENCE).strip().rpartition(" ")[2]

    def doctor(self, release: Path) -> list[Word]:
        """What `kiosk doctor` says, which becomes the booth's user by itself."""
        command = [str(release / ".venv/bin/kiosk"), "doctor", "--json"]
        told = _run(command, WORD_PATIENCE, fine=(0, 1))
        try:
            rows = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
            words = [Word(row["check"], row["verdict"], row["says"]) for row in rows]
        except (ValueError, KeyError, TypeError) as error:
            raise ReleaseError(f"{' '.join(command)}: said what nobody understands") from error
        if not words:
            raise ReleaseError(f"{' '.join(command)}: checked nothing")
        return words

    def has_booth(self) -> bool:
        """Whether systemd knows the booth's unit."""
        command = ["systemctl", "cat", UNIT]
        try:
            return subprocess.run(command, capture_output=True, check=False).returncode == 0
        except OSError:
            return False

    def restart_booth(self) -> None:
        """Restart the unit, also where systemd has given it up."""
        _run(["systemctl", "reset-failed", UNIT], WORD_PATIENCE, fine=(0, 1))
        _run(["systemctl", "restart", "--no-block", UNIT], WORD_PATIENCE)

    def refresh(self, release: Path) -> None:
        """Let the release's installer do what it does outside the releases."""
        installer = release / "install.sh"
        if installer.exists():
            _run([str(installer), "--machine"], WORD_PATIENCE)
        # A registrar on the same machine goes on with the old release until here: its data know
        # no way back.
        _run(["systemctl", "try-restart", "registrar.service"], WORD_PATIENCE, fine=(0, 1, 5))


def is_forgetful(path: Path, mounts: str) -> bool:
    """Whether what is written at a path is gone after a restart, or cannot be written.

    `mounts` is /proc/mounts. A read-only root is Debian's overlayroot, by that name.
    """
    found = ("", "", "")
    for line in mounts.splitlines():
        device, place, _, options, *_ = line.split(" ")
        if path.is_relative_to(place) and len(place) >= len(found[1]):
            found = (device, place, options)
    device, _, options = found
    return device == "overlayroot" or "ro" in options.split(",")


def _run(command: list[str], patience: float, fine: tuple[int, ...] = (0,)) -> str:
    """What a command says on standard output; raises ReleaseError with its last words."""
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=patience,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ReleaseError(f"{' '.join(command)}: did not end within {patience} s") from error
    except OSError as error:
        raise ReleaseError(f"{' '.join(command)}: cannot be run ({error.strerror})") from error
    if done.returncode not in fine:
        said = (done.stderr or done.stdout).strip().splitlines()[-LAST_WORDS:]
        raise ReleaseError(
            "\n".join([f"{' '.join(command)}: ended with status {done.returncode}:", *said])
        )
    return done.stdout

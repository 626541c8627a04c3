"""A machine whose booth is a word in a file; the scripts that systemd runs around it are real."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from kiosk.release.errors import ReleaseError
from kiosk.release.installed import Places, read_installed
from kiosk.release.machine import Word
from kiosk.release.worksite import Worksite
from tests.release.published import contents

SCRIPTS = Path(__file__).resolve().parents[2] / "systemd" / "lib"

MOST_STARTS = 6


class SimulatedMachine:
    """Starts the booth as systemd does, and makes releases without an environment."""

    def __init__(self, folder: Path) -> None:
        self.places = Places(folder / "opt", folder / "release.pub")
        self.state = folder / "state"
        self.config = folder / "kiosk.toml"
        self.starts: list[str] = []
        """The release of each start, in their order."""
        self.prepared: list[str] = []
        self.refreshed: list[str] = []
        self.state.mkdir()
        for path in (self.places.root / "releases", folder / "bin"):
            path.mkdir(parents=True)
        self.config.write_text(f'[sync]\noutbox = "{self.state}/outbox.sqlite"\n')
        # systemd is this object: scripts must not ask the real one.
        (folder / "bin/systemctl").symlink_to("/bin/true")
        self.environment = os.environ | {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "KIOSK_ROOT": str(self.places.root),
            "STATE_DIRECTORY": str(self.state),
            "KIOSK_CONFIG": str(self.config),
        }

    # ---- what an update asks of it ----

    def make_release(self, unpacked: Path, release: Path, wheels: Path | None) -> None:
        shutil.rmtree(release, ignore_errors=True)
        shutil.copytree(unpacked, release)
        self.finish(release)

    def prepare(self, release: Path) -> None:
        self.prepared.append(release.name)

    def told_version(self, release: Path) -> str:
        return (release / "VERSION").read_text()

    def doctor(self, release: Path) -> list[Word]:
        said = release / "doctor"
        if not said.exists():
            return [Word("camera", "ok", "there")]
        if said.read_text() == "crashes":
            raise ReleaseError("kiosk doctor: ended with status 139:")
        return [Word(*row) for row in json.loads(said.read_text())]

    def has_booth(self) -> bool:
        return True

    def restart_booth(self) -> None:
        self.start()

    def refresh(self, release: Path) -> None:
        self.refreshed.append(release.name)

    # ---- and what it does by itself ----

    def finish(self, release: Path) -> None:
        """Give a release's folder its Python, and mark it as whole."""
        python = release / ".venv/bin/python"
        python.parent.mkdir(parents=True)
        repository = SCRIPTS.parents[1]
        python.write_text(
            f'#!/bin/sh\nshift\nPYTHONPATH="{repository}" exec {sys.executable} "$@"\n'
        )
        python.chmod(0o755)
        (release / "whole").touch()

    def install(self, version: str, **others: str) -> None:
        """Put a release into force as the installer does."""
        release = self.places.release(version)
        for path, (data, _) in contents(version, **others).items():
            (release / path).parent.mkdir(parents=True, exist_ok=True)
            (release / path).write_bytes(data)
        self.finish(release)
        if not self.places.current.is_symlink():
            self.places.current.symlink_to(f"releases/{version}")

    def script(self, name: str) -> None:
        """Run one of the scripts around the unit."""
        subprocess.run([str(SCRIPTS / name)], env=self.environment, check=True)

    def start(self) -> str:
        """Start the booth until it shows its attract screen; which release it is of."""
        for _ in range(MOST_STARTS):
            self.script("trial")
            current = read_installed(self.places.root).current
            assert current is not None
            self.starts.append(current)
            if (self.places.release(current) / "behaviour").read_text() == "shows":
                self.script("confirm")
                return current
        raise AssertionError(f"no release shows its attract screen: {self.starts}")


def site_of(machine: SimulatedMachine, said: list[str]) -> Worksite:
    """The machine as an update sees it; its words go to `said`, and time stands still."""
    return Worksite(
        machine=machine,
        places=machine.places,
        maintenance=machine.state / "maintenance",
        told_state=machine.state / "state.json",
        say=said.append,
        sleep=lambda seconds: None,
    )

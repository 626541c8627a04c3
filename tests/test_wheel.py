"""The wheel: what a booth needs and one rendered person for the demo, in no more than 12 MB."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from kiosk.twin.people import OTHERS_ARE_ELSEWHERE, SHIPPED

LARGEST = 14_000_000
"""Bytes; the half is what the natural voice has spoken."""


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=root, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    folder = wheel.parent / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def kiosk(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command, away from the repository."""
    code = "import sys, kiosk.commands.main as m; print(m.__file__, file=sys.stderr); "
    return subprocess.run(
        [sys.executable, "-c", code + "sys.exit(m.main(sys.argv[1:]))", *arguments],
        cwd=installed.parent,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size <= LARGEST


def test_the_wheel_holds_the_one_person_and_the_empty_booth(installed: Path) -> None:
    twin = installed / "kiosk" / "twin"
    assert tuple(path.name for path in (twin / "subjects").iterdir()) == SHIPPED
    assert (twin / "booth" / "booth.json").is_file()


def test_the_list_of_an_installed_booth_says_where_the_others_are(installed: Path) -> None:
    done = kiosk(installed, "twin", "list", "--json")
    assert done.returncode == 0, done.stderr
    assert str(installed) in done.stderr
    assert [json.loads(line)["name"] for line in done.stdout.splitlines()] == list(SHIPPED)
    assert OTHERS_ARE_ELSEWHERE in done.stderr


def test_somebody_who_is_not_in_the_wheel_is_said_to_be_elsewhere(installed: Path) -> None:
    done = kiosk(installed, "twin", "show", "wei")
    assert done.returncode == 2
    assert f"no subject wei: there are lin; {OTHERS_ARE_ELSEWHERE}" in done.stderr


def test_the_person_in_the_wheel_can_be_photographed(installed: Path) -> None:
    picture = installed.parent / "lin.png"
    done = kiosk(installed, "twin", "frame", "lin", "-o", str(picture))
    assert done.returncode == 0, done.stderr
    assert picture.stat().st_size > 100_000

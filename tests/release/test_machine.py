"""What an update asks of a Debian, and how it tells what it was answered."""

import sys
from pathlib import Path

import pytest

from kiosk import installed_version
from kiosk.release.errors import ReleaseError
from kiosk.release.machine import DebianMachine, Word, is_forgetful

SAYS = """#!/bin/sh
{script}
"""


def release(folder: Path, script: str) -> Path:
    """A release whose `kiosk` is a script."""
    program = folder / ".venv/bin/kiosk"
    program.parent.mkdir(parents=True)
    program.write_text(SAYS.format(script=script))
    program.chmod(0o755)
    return folder


def test_what_doctor_says_is_read(tmp_path: Path) -> None:
    said = release(
        tmp_path, """echo '{"check": "camera", "verdict": "fail", "says": "gone"}'; exit 1"""
    )
    assert DebianMachine().doctor(said) == [Word("camera", "fail", "gone")]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'kiosk.toml:3: no such key' >&2; exit 2", r"status 2:\nkiosk.toml:3: no such key"),
        ("kill -SEGV $$", "status -11"),
        ("exit 0", "checked nothing"),
        ("echo '{\"check\": 1}'", "nobody understands"),
        ("echo '{'", "nobody understands"),
    ],
)
def test_a_doctor_that_does_not_get_to_its_end_is_told(
    tmp_path: Path, script: str, reason: str
) -> None:
    with pytest.raises(ReleaseError, match=reason):
        DebianMachine().doctor(release(tmp_path, script))


def test_a_release_without_a_program_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="cannot be run"):
        DebianMachine().told_version(tmp_path)


def test_the_version_is_the_programs_own_word(tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    assert DebianMachine().told_version(tmp_path) == installed_version()


MOUNTS = """proc /proc proc rw 0 0
/dev/mmcblk0p2 / ext4 rw,noatime 0 0
"""


@pytest.mark.parametrize(
    ("mounts", "forgetful"),
    [
        (MOUNTS, False),
        (MOUNTS + "overlayroot / overlay rw,lowerdir=/media/root-ro 0 0\n", True),
        (MOUNTS + "/dev/sda1 /opt ext4 ro,noatime 0 0\n", True),
        ("overlayroot / overlay rw 0 0\n/dev/sda1 /opt/kiosk ext4 rw 0 0\n", False),
        ("overlay / overlay rw 0 0\n", False),
    ],
)
def test_a_root_that_forgets_is_noticed(mounts: str, forgetful: bool) -> None:
    assert is_forgetful(Path("/opt/kiosk"), mounts) is forgetful

"""Unpacking: whatever an archive holds, only the signed files come out of it."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest
from pydantic import ValidationError

from kiosk.release.errors import ReleaseError
from kiosk.release.manifest import Manifest
from kiosk.release.unpack import unpack
from tools.release import describe, pack

FILES = {"install.sh": (b"#!/bin/sh\n", True), "systemd/kiosk.toml": (b"[booth]\n", False)}


def manifest(files: dict[str, tuple[bytes, bool]]) -> Manifest:
    return Manifest(
        version="0.2.0",
        archive=describe(b""),
        files={path: describe(data, executable=x) for path, (data, x) in files.items()},
        schemas={},
    )


def member(name: str, data: bytes = b"", **facts: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for fact, value in facts.items():
        setattr(info, fact, value)
    return info, data


def write(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for info, data in members:
            tar.addfile(info, io.BytesIO(data))
    return path


def test_files_come_out_as_they_are_signed(tmp_path: Path) -> None:
    archive = tmp_path / "archive.tar.gz"
    archive.write_bytes(pack(FILES))
    unpack(archive, manifest(FILES), tmp_path / "out")
    installer, example = tmp_path / "out/install.sh", tmp_path / "out/systemd/kiosk.toml"
    assert (installer.read_bytes(), installer.stat().st_mode & 0o7777) == (b"#!/bin/sh\n", 0o755)
    assert (example.read_bytes(), example.stat().st_mode & 0o7777) == (b"[booth]\n", 0o644)


@pytest.mark.parametrize(
    "members",
    [
        [member("a", b"a"), member("../b", b"b")],
        [member("a", b"a"), member("/etc/passwd", b"b")],
        [member("a", type=tarfile.SYMTYPE, linkname="/etc/passwd")],
        [member("a", type=tarfile.LNKTYPE, linkname="/etc/passwd")],
        [member("a", type=tarfile.DIRTYPE)],
        [member("a", type=tarfile.CHRTYPE)],
        [member("a", b"a", mode=0o4755)],
        [member("a", b"a"), member("a", b"a")],
        [member("a", b"b")],
        [member("a", b"aa")],
        [member("a")],
        [],
    ],
)
def test_all_else_is_refused_and_nothing_left(
    tmp_path: Path, members: list[tuple[tarfile.TarInfo, bytes]]
) -> None:
    archive = write(tmp_path / "archive.tar.gz", *members)
    with pytest.raises(ReleaseError):
        unpack(archive, manifest({"a": (b"a", False)}), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive.tar.gz"]


@pytest.mark.parametrize(
    "damaged",
    [b"", b"no archive", gzip.compress(b"no tar"), pack(FILES)[:90]],
    ids=["empty", "of something else", "packed, and no archive", "cut off"],
)
def test_what_is_no_archive_is_refused(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / "archive.tar.gz").write_bytes(damaged)
    with pytest.raises(ReleaseError):
        unpack(tmp_path / "archive.tar.gz", manifest(FILES), tmp_path / "out")


@pytest.mark.parametrize(
    "path", ["../a", "/a", "a//b", "a/../b", ".venv/x", "", "a/", "a\\b", "a\nb"]
)
def test_no_manifest_names_a_path_out_of_its_folder(path: str) -> None:
    with pytest.raises(ValidationError):
        manifest({path: (b"", False)})

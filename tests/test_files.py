"""The booth's files: whole or not at all, and errors that name the file."""

import errno
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

import durable
from kiosk.errors import UsageError
from kiosk.files import private_folder, write_secret, write_together, write_whole


def test_a_full_disk_leaves_neither_photo_nor_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []

    def full(handle: int) -> None:
        synced.append(handle)
        if len(synced) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(durable, "os", SimpleNamespace(fdopen=os.fdopen, fsync=full))
    with pytest.raises(UsageError, match="No space left"):
        write_together({tmp_path / "a.provenance.json": b"record", tmp_path / "a.jpg": b"photo"})
    assert list(tmp_path.iterdir()) == []


def test_a_photo_that_cannot_take_its_place_leaves_no_record(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").mkdir()
    with pytest.raises(UsageError, match=r"a\.jpg: cannot be written \(Is a directory\)"):
        write_together({tmp_path / "a.provenance.json": b"record", tmp_path / "a.jpg": b"photo"})
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]


def test_a_photo_may_be_read_and_a_secret_may_not(tmp_path: Path) -> None:
    write_whole(tmp_path / "photo", b"")
    write_secret(tmp_path / "secret", b"")
    assert stat.S_IMODE((tmp_path / "photo").stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_secret_is_never_written_over_another(tmp_path: Path) -> None:
    write_secret(tmp_path / "secret", b"first")
    with pytest.raises(UsageError, match="secret: is there already"):
        write_secret(tmp_path / "secret", b"second")
    assert (tmp_path / "secret").read_bytes() == b"first"
    with pytest.raises(UsageError, match=r"key: cannot be written \(No such file or directory\)"):
        write_secret(tmp_path / "missing" / "key", b"")


def test_a_private_folder_is_its_owners_alone_and_goes_with_its_use() -> None:
    with private_folder() as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "subject.npz").write_bytes(b"somebody")
    assert not folder.exists()


STAY = """
import sys, time
from kiosk.files import private_folder
with private_folder() as folder:
    (folder / "subject.npz").write_bytes(b"somebody")
    print(folder, flush=True)
    time.sleep(600)
"""


def test_what_a_killed_process_left_of_a_person_goes_with_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    environ = {**os.environ, "TMPDIR": str(tmp_path)}

    def start() -> tuple[subprocess.Popen[str], Path]:
        process = subprocess.Popen(
            [sys.executable, "-c", STAY], stdout=subprocess.PIPE, text=True, env=environ
        )
        assert process.stdout is not None
        return process, Path(process.stdout.readline().strip())

    killed, left = start()
    alive, used = start()
    try:
        killed.kill()
        killed.wait()
        assert (left / "subject.npz").exists()
        with private_folder() as folder:
            assert sorted(tmp_path.iterdir()) == sorted([folder, used])
    finally:
        for process in (killed, alive):
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()

"""The booth's files: whole or not at all, and errors that name the file."""

import errno
import os
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

import durable
from kiosk.errors import UsageError
from kiosk.files import write_secret, write_together, write_whole


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

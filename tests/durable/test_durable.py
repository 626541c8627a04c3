"""Files are on the disk whole or not at all, whatever fails."""

import errno
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from durable import READABLE, make_nameless, name_whole, write_new, write_together, write_whole


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_takes_the_place_of_one_before(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_whole(path, b"first")
    write_whole(path, b"second")
    assert path.read_bytes() == b"second"
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("write", [write_whole, write_new])
def test_only_the_owner_reads_a_file_unless_said_otherwise(tmp_path: Path, write: object) -> None:
    assert callable(write)
    write(tmp_path / "own", b"")
    write(tmp_path / "shown", b"", READABLE)
    assert stat.S_IMODE((tmp_path / "own").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "shown").stat().st_mode) == 0o644


def test_a_new_file_is_never_written_over_another(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_new(path, b"first")
    with pytest.raises(FileExistsError) as caught:
        write_new(path, b"second")
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"first"
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("write", [write_whole, write_new])
def test_what_cannot_be_written_is_named_by_its_own_name(tmp_path: Path, write: object) -> None:
    assert callable(write)
    path = tmp_path / "missing" / "a"
    with pytest.raises(OSError, match="No such file") as caught:
        write(path, b"")
    assert caught.value.filename == str(path)


def test_files_that_belong_together_appear_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeared = []
    replace = Path.replace

    def follow(temporary: Path, target: Path) -> Path:
        appeared.append(target.name)
        return replace(temporary, target)

    monkeypatch.setattr(Path, "replace", follow)
    write_together({tmp_path / "b": b"record", tmp_path / "a": b"photo"})
    assert appeared == ["b", "a"]


def test_a_disk_that_fills_up_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []

    def fsync(handle: int) -> None:
        synced.append(handle)
        if len(synced) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="No space left") as caught:
        write_together({tmp_path / "a": b"record", tmp_path / "b": b"photo"})
    assert caught.value.filename == str(tmp_path / "b")
    assert names(tmp_path) == []


def test_a_file_that_cannot_take_its_place_leaves_none_of_those_before(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    with pytest.raises(IsADirectoryError) as caught:
        write_together({tmp_path / "a": b"record", tmp_path / "b": b"photo"})
    assert caught.value.filename == str(tmp_path / "b")
    assert names(tmp_path) == ["b"]


KILLED = """
import os, signal, sys
from pathlib import Path
import durable
durable.os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
getattr(durable, sys.argv[1])(Path(sys.argv[2]), b"half" * 1000)
"""


@pytest.mark.parametrize("write", ["write_whole", "write_new"])
def test_a_process_killed_while_it_writes_leaves_the_name_as_it_was(
    tmp_path: Path, write: str
) -> None:
    path = tmp_path / "a"
    if write == "write_whole":
        path.write_bytes(b"before")
    done = subprocess.run([sys.executable, "-c", KILLED, write, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert (path.read_bytes() if path.exists() else None) in (b"before", None)
    assert path.exists() == (write == "write_whole")


REFUSALS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


@pytest.fixture(params=REFUSALS, ids=lambda code: errno.errorcode[code])
def stick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder on a file system without hard links, permissions and syncing of folders."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(request.param, os.strerror(request.param))

    fsync = os.fsync

    def sync_files_only(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            refuse()
        fsync(handle)

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(os, "chmod", refuse)
    monkeypatch.setattr(os, "fsync", sync_files_only)
    return tmp_path


def test_a_stick_holds_files_whole_too(stick: Path) -> None:
    write_new(stick / "a", b"new", READABLE)
    write_whole(stick / "b", b"first", READABLE)
    write_whole(stick / "b", b"second", READABLE)
    write_together({stick / "c": b"record", stick / "d": b"photo"}, READABLE)
    assert {path.name: path.read_bytes() for path in stick.iterdir()} == {
        "a": b"new",
        "b": b"second",
        "c": b"record",
        "d": b"photo",
    }


def test_on_a_stick_a_new_file_is_never_written_over_another(stick: Path) -> None:
    (stick / "a").write_bytes(b"first")
    with pytest.raises(FileExistsError):
        write_new(stick / "a", b"second")
    assert (stick / "a").read_bytes() == b"first"
    assert names(stick) == ["a"]


def test_a_stick_pulled_while_a_name_is_taken_leaves_no_half_a_file(
    stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(self: Path, target: Path) -> Path:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Path, "replace", gone)
    with pytest.raises(OSError, match="Input/output error"):
        write_new(stick / "a", b"new")
    assert names(stick) == []


def test_a_full_stick_is_no_stick_without_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(OSError, match="No space left"):
        write_new(tmp_path / "a", b"new")
    assert names(tmp_path) == []


@pytest.mark.parametrize("write", [write_whole, write_new])
@pytest.mark.parametrize("name", ["x" * 255, "名" * 85])
def test_a_name_may_be_as_long_as_the_file_system_allows(
    tmp_path: Path, write: Callable[[Path, bytes], None], name: str
) -> None:
    write(tmp_path / name, b"data")
    assert names(tmp_path) == [name]


KILLED_ON_A_STICK = """
import errno, os, pathlib, signal, sys
def refuse(*_, **__): raise PermissionError(errno.EPERM, "Operation not permitted")
os.link = refuse
pathlib.Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
import durable
durable.write_new(pathlib.Path(sys.argv[1]), b"half" * 1000)
"""


def test_a_process_killed_while_it_writes_to_a_stick_leaves_nothing_half_written(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a"
    done = subprocess.run([sys.executable, "-c", KILLED_ON_A_STICK, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == b""


@pytest.mark.parametrize("without", [False, True])
def test_a_file_without_name_takes_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without: bool
) -> None:
    """It is written once; and copied where the file system knows no such files."""
    if without:
        monkeypatch.setattr(os, "O_TMPFILE", 0)
    path = tmp_path / "a"
    write_whole(path, b"before")
    with make_nameless(tmp_path) as file:
        file.write(b"whole")
        assert names(tmp_path) == ["a"]
        name_whole(path, file)
        assert (os.fstat(file.fileno()).st_ino == path.stat().st_ino) is not without
    assert path.read_bytes() == b"whole"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert names(tmp_path) == ["a"]


def test_a_file_can_be_written_piece_by_piece(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", (bytes([n]) for n in range(3)))
    assert (tmp_path / "a").read_bytes() == bytes(range(3))

"""Whether the outbox's disk takes another photo: tried on real disks, before a visit."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.sync import write_probe
from kiosk.sync.errors import OutboxFault
from kiosk.sync.outbox import Outbox
from kiosk.sync.write_probe import find_write_fault
from tests.disks import remount
from tests.sync.test_outbox import envelope

NOBODY = 65534


@pytest.fixture
def card(card: Path) -> Path:
    """The disk that can be remounted, with 200 MB."""
    remount(card, "size=200m")
    return card


def said_by_nobody(folder: Path, question: str = "find_write_fault(Path({!r}))") -> str:
    """What is said of a folder to a user who is not root."""
    code = (
        "from pathlib import Path; from kiosk.sync.write_probe import find_way_out,"
        f" find_write_fault; print({question.format(str(folder))})"
    )
    if os.geteuid() != 0:
        pytest.skip("only root can be somebody else")
    root = Path(__file__).parents[2]
    for parent in folder.parents:  # pytest keeps its folders to whoever runs it
        if parent.name.startswith(("pytest-", "popen-", "test_")):
            parent.chmod(parent.stat().st_mode | 0o011)
    nobody = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
    done = subprocess.run(
        [*nobody, sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_disk_that_can_be_written_is_well_and_nothing_is_left_on_it(tmp_path: Path) -> None:
    assert find_write_fault(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_a_card_that_turns_read_only_is_found_out_and_so_is_its_recovery(card: Path) -> None:
    outbox = Outbox(card / "outbox.sqlite")
    outbox.put(envelope(1))
    remount(card, "ro")
    assert "Read-only file system" in (find_write_fault(card) or "")
    with pytest.raises(OutboxFault):
        outbox.require_writable()
    with pytest.raises(OutboxFault):
        Outbox(card / "another.sqlite")
    remount(card, "rw")
    assert find_write_fault(card) is None
    outbox.require_writable()
    assert outbox.pending() == [envelope(1).submission_id]


def test_a_full_disk_and_one_that_is_nearly_full_are_found_out(card: Path) -> None:
    (card / "other").write_bytes(bytes(120_000_000))
    assert "disk is full (90 MB free of the 100 MB needed)" in (find_write_fault(card) or "")
    remount(card, "size=120m")
    assert "disk is full (6 MB" in (find_write_fault(card) or "")


def test_a_full_quota_is_found_out_where_the_disk_says_it_has_room(
    card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_probe, "LEAST_FREE_BYTES", 0)
    (card / "other").write_bytes(bytes(209_000_000))
    assert "No space left" in (find_write_fault(card) or "")


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    said = find_write_fault(tmp_path / "gone") or ""
    assert "is missing" in said
    assert f"mkdir -p {tmp_path / 'gone'}" in said


@pytest.mark.parametrize("mode", [0o755, 0o700, 0o000])
def test_a_folder_of_another_is_named_with_the_command_that_mends_it(
    tmp_path: Path, mode: int
) -> None:
    for above in (tmp_path, *tmp_path.parents[:2]):
        above.chmod(0o755)
    folder = tmp_path / "state"
    folder.mkdir()
    folder.chmod(mode)
    assert f"sudo chown -R {NOBODY} {folder}" in said_by_nobody(folder)


def test_ones_own_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    for above in (tmp_path, *tmp_path.parents[:2]):
        above.chmod(0o755)
    folder = tmp_path / "state"
    folder.mkdir(mode=0o500)
    os.chown(folder, NOBODY, NOBODY) if os.geteuid() == 0 else None
    assert f"chmod u+rwX {folder}" in said_by_nobody(folder)


@pytest.mark.parametrize("call", ["fsync", "posix_fallocate"])
def test_a_card_that_fails_is_told_with_the_systems_word(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(f"kiosk.sync.write_probe.os.{call}", fail)
    assert "Input/output error" in (find_write_fault(tmp_path) or "")


def test_an_outbox_file_that_may_not_be_written_is_named_with_the_way_out(tmp_path: Path) -> None:
    for above in (tmp_path, *tmp_path.parents[:2]):
        above.chmod(0o755)
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    Outbox(state / "outbox.sqlite").put(envelope(1))
    if os.geteuid() == 0:
        os.chown(state, NOBODY, NOBODY)
    said = said_by_nobody(state, "find_way_out(Path({!r}) / 'outbox.sqlite')")
    assert f"sudo chown -R {NOBODY} {state / 'outbox.sqlite'}" in said

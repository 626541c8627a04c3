"""The outbox: no photo is lost, doubled or half-written, whatever happens to power and disk."""

import contextlib
import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from kiosk.sync.errors import OutboxCorrupt, OutboxFault, OutboxFull
from kiosk.sync.outbox import Outbox, OutboxCounts
from protocol.envelope import Envelope
from protocol.receipt import Receipt
from tests.town import TAKEN_AT


def envelope(number: int, size: int = 2_000) -> Envelope:
    return Envelope(
        submission_id=UUID(int=number),
        booth_id="booth-1",
        sealed=random.Random(number).randbytes(size),
        signature=b"s" * 64,
    )


def receipt(of: Envelope, *, refused: bool = False) -> Receipt:
    return Receipt(
        submission_id=of.submission_id,
        envelope_sha256=of.sha256,
        at=TAKEN_AT,
        refused="already_photographed" if refused else None,
        signature=b"s" * 64,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "outbox.sqlite"


def test_a_photo_put_is_there_for_the_next_process(path: Path) -> None:
    Outbox(path).put(envelope(1))
    again = Outbox(path)
    assert again.pending() == [UUID(int=1)]
    assert again.envelope(UUID(int=1)) == envelope(1)


def test_photos_wait_in_the_order_they_were_taken(path: Path) -> None:
    outbox = Outbox(path)
    for number in (5, 3, 9):
        outbox.put(envelope(number))
    assert [waiting.int for waiting in outbox.pending()] == [5, 3, 9]


def test_a_photo_put_twice_is_kept_once(path: Path) -> None:
    outbox = Outbox(path)
    outbox.put(envelope(1))
    outbox.put(envelope(1))
    assert outbox.counts().pending == 1


def test_another_photo_under_the_same_id_is_told_not_dropped(path: Path) -> None:
    outbox = Outbox(path)
    outbox.put(envelope(1))
    with pytest.raises(OutboxFault, match="another photo"):
        outbox.put(envelope(1, size=3_000))


def test_a_photo_put_again_after_it_was_sent_is_not_sent_again(path: Path) -> None:
    outbox = Outbox(path)
    outbox.put(envelope(1))
    outbox.mark_sent(receipt(envelope(1)))
    outbox.put(envelope(1))
    assert outbox.pending() == []


def test_a_sent_photo_leaves_its_receipt_and_nothing_of_itself(path: Path) -> None:
    outbox = Outbox(path)
    outbox.put(envelope(1))
    outbox.mark_sent(receipt(envelope(1)))
    assert outbox.envelope(UUID(int=1)) is None
    assert outbox.receipt(UUID(int=1)) == receipt(envelope(1))
    sealed = envelope(1).model_dump_json().encode()[200:260]
    assert all(sealed not in file.read_bytes() for file in path.parent.iterdir())


def test_a_refused_photo_stays_sealed_until_staff_try_again(path: Path) -> None:
    outbox = Outbox(path)
    outbox.put(envelope(1))
    outbox.mark_refused(receipt(envelope(1), refused=True))
    assert outbox.pending() == []
    assert outbox.counts().refused == 1
    assert outbox.refusals() == {"already_photographed": 1}
    assert outbox.envelope(UUID(int=1)) == envelope(1)
    assert outbox.retry_refused() == 1
    assert outbox.pending() == [UUID(int=1)]


def test_only_the_owner_reads_the_outbox(path: Path) -> None:
    Outbox(path).put(envelope(1))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("damage", ["header", "middle", "cut"])
def test_a_damaged_outbox_is_set_aside_by_name_and_a_new_one_works(path: Path, damage: str) -> None:
    outbox = Outbox(path)
    for number in range(40):
        outbox.put(envelope(number))
    whole = path.read_bytes()
    path.write_bytes(
        {
            "header": b"not a database" + whole[14:],
            "middle": whole[:8192] + b"\xa5" * 40_000 + whole[48_192:],
            "cut": whole[: len(whole) // 2],
        }[damage]
    )
    spoiled = path.read_bytes()
    with pytest.raises(OutboxCorrupt, match=r"outbox\.sqlite\.damaged-1") as caught:
        Outbox(path)
    assert caught.value.kept.read_bytes() == spoiled
    fresh = Outbox(path)
    fresh.put(envelope(99))
    assert fresh.pending() == [UUID(int=99)]
    assert fresh.damaged_files() == [caught.value.kept]


def test_damage_found_while_the_booth_runs_never_overwrites_an_earlier_one(path: Path) -> None:
    outbox = Outbox(path)
    for _ in range(2):
        path.write_bytes(b"no database at all" * 100)
        with pytest.raises(OutboxCorrupt):
            outbox.put(envelope(1))
        Outbox(path)
    assert [kept.name for kept in outbox.damaged_files()] == [
        "outbox.sqlite.damaged-1",
        "outbox.sqlite.damaged-2",
    ]


def test_a_folder_in_the_outboxs_place_is_a_named_fault(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(OutboxFault, match=r"outbox\.sqlite"):
        Outbox(path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=10m", "none", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can only be mounted by root")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_a_named_error_and_leaves_room_to_empty_the_outbox(small_disk: Path) -> None:
    outbox = Outbox(small_disk / "outbox.sqlite")
    kept = []
    with pytest.raises(OutboxFull, match="disk is full"):  # noqa: PT012
        for number in range(100):
            outbox.put(envelope(number, 200_000))
            kept.append(number)
    assert kept
    assert [waiting.int for waiting in outbox.pending()] == kept
    for number in kept:
        outbox.mark_sent(receipt(envelope(number, 200_000)))
    assert outbox.counts() == OutboxCounts(pending=0, sent=len(kept), refused=0)


def test_a_disk_filled_by_others_loses_no_photo(small_disk: Path) -> None:
    outbox = Outbox(small_disk / "outbox.sqlite")
    outbox.put(envelope(1, 200_000))
    with (small_disk / "other").open("wb") as other, contextlib.suppress(OSError):
        while other.write(b"x" * 65_536):
            other.flush()
    with pytest.raises(OutboxFault):
        outbox.mark_sent(receipt(envelope(1, 200_000)))
    (small_disk / "other").unlink()
    assert outbox.envelope(UUID(int=1)) == envelope(1, 200_000)


def test_booth_and_sync_may_use_the_outbox_at_once(path: Path) -> None:
    outbox = Outbox(path)
    faults: list[BaseException] = []

    def put(first: int) -> None:
        try:
            for number in range(first, first + 15):
                Outbox(path).put(envelope(number))
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=put, args=(first,)) for first in (0, 100, 200)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for waiting in outbox.pending():
            found = outbox.envelope(waiting)
            if found is not None:
                outbox.mark_sent(receipt(found))
    for thread in threads:
        thread.join()
    assert not faults
    counts = outbox.counts()
    assert counts.pending + counts.sent == 45


BOOTH = """
import sys
from pathlib import Path
from tests.sync.test_outbox import envelope
from kiosk.sync.outbox import Outbox
outbox = Outbox(Path(sys.argv[1]))
for number in range(int(sys.argv[2]), 10**6):
    outbox.put(envelope(number, 60_000))
    print(number, flush=True)
"""


def test_a_booth_killed_at_any_moment_keeps_every_photo_it_said_was_kept(path: Path) -> None:
    chance = random.Random(20260601)
    said: list[int] = []
    first = 0
    for _ in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", BOOTH, str(path), str(first)], stdout=subprocess.PIPE, text=True
        ) as booth:
            assert booth.stdout is not None
            said.append(int(booth.stdout.readline()))  # it has begun
            time.sleep(chance.uniform(0, 0.15))
            booth.send_signal(signal.SIGKILL)
            said += [int(line) for line in booth.stdout if line.endswith("\n")]
        first = said[-1] + 2  # the one after the last said may have been kept as well
    outbox = Outbox(path)
    kept = [waiting.int for waiting in outbox.pending()]
    assert set(said) <= set(kept)
    assert len(kept) == len(set(kept)) <= len(said) + 6
    assert all(outbox.envelope(UUID(int=number)) == envelope(number, 60_000) for number in kept)
    assert not outbox.damaged_files()
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)

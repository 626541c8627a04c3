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
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from kiosk.errors import KioskError
from kiosk.sync.errors import OutboxCorrupt, OutboxFault, OutboxFull, OutboxLost
from kiosk.sync.loss import accept_loss
from kiosk.sync.outbox import Outbox, OutboxCounts
from kiosk.sync.tally import tally_path
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
    whole_ones = [waiting.int for waiting in fresh.pending()]
    assert whole_ones[-1] == 99
    assert {"header": 39, "middle": 30, "cut": 0}[damage] <= len(whole_ones) - 1 <= 40
    assert all(fresh.envelope(UUID(int=number)) == envelope(number) for number in whole_ones)
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
    for _ in range(3):
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
    assert len(kept) == len(set(kept)) <= len(said) + 3
    assert all(outbox.envelope(UUID(int=number)) == envelope(number, 60_000) for number in kept)
    assert not outbox.damaged_files()
    assert outbox.find_loss() is None  # the tally is never ahead
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# ---- what was kept and is not there any more ----


def lose(path: Path, how: str, older: bytes) -> None:
    """Do to an outbox what makes it forget photos."""
    if how == "emptied":
        path.write_bytes(b"")
    elif how == "removed":
        path.unlink()
    elif how == "begun anew":
        path.unlink()
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA journal_mode = WAL")
    elif how == "replaced by an older copy":
        path.write_bytes(older)
    else:
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("DELETE FROM outbox WHERE number = 2")
            db.commit()


WAYS = ["emptied", "removed", "begun anew", "replaced by an older copy", "one row taken out"]


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("running", [True, False], ids=["while it runs", "before a start"])
def test_an_outbox_that_lost_photos_is_named_and_takes_none_until_staff_accept(
    path: Path, how: str, running: bool
) -> None:
    outbox = Outbox(path)
    outbox.put(envelope(1))
    outbox.mark_sent(receipt(envelope(1)))
    older = path.read_bytes()
    outbox.put(envelope(2))
    outbox.put(envelope(3))
    lose(path, how, older)

    def use(work: Callable[[Outbox], object]) -> None:
        work(outbox if running else Outbox(path))

    for work in (Outbox.require_writable, lambda outbox: outbox.put(envelope(4))):
        with pytest.raises(OutboxLost, match="3 photos were kept here, 2 of them not yet sent"):
            use(work)
    given_up = accept_loss(path)
    assert given_up == {"one row taken out": 1}.get(how, 2)
    use(Outbox.require_writable)
    use(lambda outbox: outbox.put(envelope(4)))
    assert Outbox(path).pending()[-1] == UUID(int=4)
    assert Outbox(path).find_loss() is None


def test_the_right_file_put_back_ends_the_fault(path: Path) -> None:
    outbox = Outbox(path)
    outbox.put(envelope(1))
    aside = path.with_name("aside")
    path.rename(aside)
    with pytest.raises(OutboxLost):
        outbox.require_writable()
    aside.rename(path)
    outbox.require_writable()
    assert outbox.pending() == [UUID(int=1)]


def test_an_outbox_removed_with_all_beside_it_is_missed_by_the_booth_that_runs(path: Path) -> None:
    outbox = Outbox(path)
    outbox.put(envelope(1))
    for file in path.parent.iterdir():
        file.unlink()
    with pytest.raises(OutboxLost):
        outbox.put(envelope(2))
    path.parent.rmdir()
    with pytest.raises(OutboxLost):
        outbox.require_writable()


def test_an_outbox_from_before_the_tally_is_counted_with_its_next_photo(path: Path) -> None:
    Outbox(path).put(envelope(1))
    tally_path(path).unlink()
    Outbox(path).put(envelope(2))
    path.unlink()
    with pytest.raises(OutboxLost, match="2 photos"):
        Outbox(path)


@pytest.mark.parametrize("damage", [b"", b"{", b'{"put": -1, "sent": 0}', b"\xff" * 9])
def test_a_damaged_tally_is_made_anew_from_the_photos(path: Path, damage: bytes) -> None:
    Outbox(path).put(envelope(1))
    tally_path(path).write_bytes(damage)
    Outbox(path).put(envelope(2))
    path.write_bytes(b"")
    with pytest.raises(OutboxLost, match="2 photos"):
        Outbox(path)


def test_a_tally_that_cannot_be_written_keeps_no_photo_out(path: Path) -> None:
    outbox = Outbox(path)
    tally_path(path).mkdir()
    tally_path(path).joinpath("in the way").touch()
    with pytest.raises(OutboxFault, match="tally"):
        outbox.put(envelope(1))
    tally_path(path).joinpath("in the way").unlink()
    tally_path(path).rmdir()
    outbox.put(envelope(1))
    assert outbox.pending() == [UUID(int=1)]


# ---- bytes that flip ----


def test_a_byte_that_flips_anywhere_in_the_file_costs_at_most_the_photos_it_lies_in(
    path: Path,
) -> None:
    chance = random.Random(20261126)
    outbox = Outbox(path)
    for number in range(12):
        outbox.put(envelope(number, 3_000))
    outbox.mark_sent(receipt(envelope(0, 3_000)))
    whole = path.read_bytes()
    lost = 0
    for _ in range(30):
        for left in path.parent.iterdir():
            left.unlink()
        flipped = bytearray(whole)
        flipped[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        path.write_bytes(flipped)
        try:
            opened = Outbox(path)
        except OutboxCorrupt:
            opened = Outbox(path)
        found = 0
        for number in opened.waiting():
            with contextlib.suppress(KioskError):
                sealed = opened.waiting_envelope(number)
                assert sealed is not None
                assert sealed.sealed == envelope(sealed.submission_id.int, 3_000).sealed
                found += 1
        opened.put(envelope(99))
        opened.counts()
        opened.refusals()
        lost += 11 - found
    assert lost <= 30 * 3

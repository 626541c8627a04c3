"""One run of the sync unit: everything arrives once, however often the unit is killed."""

import contextlib
import dataclasses
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from kiosk.sync.clock import find_clock_fault, read_clocks, read_told_time
from kiosk.sync.errors import ClockWrong, Unreachable
from kiosk.sync.loss import accept_loss
from kiosk.sync.outbox import OutboxCounts
from kiosk.sync.roster import read_roster
from kiosk.sync.roster_index import RosterIndex
from kiosk.sync.run import OFFERED_AGAIN, REFUSAL_WORDS, sync_once
from protocol.receipt import PhotoRefusal
from registrar.serve import Server
from tests.rosters import keep_roster
from tests.town import BOOTH, INSTITUTION, Town, picture, provenance, submission


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "registrar") as server:
        yield Town(server, tmp_path / "booth", students=60)


def test_what_waits_is_handed_over_and_the_roster_comes_back(town: Town) -> None:
    town.put(3)
    told: list[tuple[int, int]] = []
    result = sync_once(
        town.outbox,
        town.client(),
        town.roster,
        INSTITUTION,
        lambda done, total: told.append((done, total)),
    )
    assert (result.sent, result.refused, result.pending) == (3, 0, 0)
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert town.held() == {submission(number): picture(number) for number in range(3)}
    assert len(result.roster) == 60
    assert result.roster.find("code-0") == "already_photographed"
    kept = read_roster(town.roster, town.server.keys.signing_key.verify_key, INSTITUTION)
    assert isinstance(kept, RosterIndex)
    assert kept.head == result.roster.head


def test_a_refused_photo_does_not_hold_up_the_next(town: Town) -> None:
    town.outbox.put(town.envelope(0))
    town.outbox.put(town.envelope(1, of_student=0))
    town.outbox.put(town.envelope(2))
    result = sync_once(town.outbox, town.client(), town.roster, INSTITUTION)
    assert (result.sent, result.refused, result.pending) == (2, 1, 0)
    refused = town.outbox.receipt(submission(1))
    assert refused is not None
    assert refused.refused == "already_photographed"


def test_a_refused_photo_is_taken_once_staff_permit_it(town: Town) -> None:
    town.outbox.put(town.envelope(0))
    town.outbox.put(town.envelope(1, of_student=0))
    sync_once(town.outbox, town.client(), town.roster, INSTITUTION)
    town.permit(0)
    town.outbox.retry_refused()
    assert sync_once(town.outbox, town.client(), town.roster, INSTITUTION).sent == 1
    assert set(town.held()) == {submission(0), submission(1)}


def later(hours: float) -> float:
    return time.time() + hours * 3600


def test_a_photo_that_came_before_the_first_was_refused_is_taken_after_that(town: Town) -> None:
    town.outbox.put(town.envelope(0))
    town.outbox.put(town.envelope(1, of_student=0))
    sync_once(town.outbox, town.client(), town.roster, INSTITUTION)
    town.refuse(0)
    soon = sync_once(town.outbox, town.client(), town.roster, INSTITUTION)
    assert (soon.sent, town.outbox.counts().refused) == (0, 1)
    town.outbox.offer_again(datetime.fromtimestamp(later(1), UTC))
    assert sync_once(town.outbox, town.client(), town.roster, INSTITUTION).sent == 1
    assert town.outbox.counts() == OutboxCounts(pending=0, sent=2, refused=0)
    assert town.server.store.records.resolve("code-0") == "already_photographed"


def test_what_the_student_has_no_need_of_is_offered_again_every_six_hours(town: Town) -> None:
    town.outbox.put(town.envelope(0))
    town.outbox.put(town.envelope(1, of_student=0))
    sync_once(town.outbox, town.client(), town.roster, INSTITUTION)
    for hours, offered in ((5, 0), (7, 1)):
        before = datetime.fromtimestamp(later(hours), UTC) - OFFERED_AGAIN
        assert town.outbox.offer_again(before) == offered
    assert sync_once(town.outbox, town.client(), town.roster, INSTITUTION).refused == 1


def test_of_a_permit_that_two_booths_without_network_went_by_one_photo_comes_and_one_is_kept(
    town: Town,
) -> None:
    town.outbox.put(town.envelope(0))
    sync_once(town.outbox, town.client(), town.roster, INSTITUTION)
    town.permit(0)
    for number in (1, 2):
        town.outbox.put(town.envelope(number, of_student=0))
    result = sync_once(town.outbox, town.client(), town.roster, INSTITUTION)
    assert (result.sent, result.refused) == (1, 1)
    assert set(town.held()) == {submission(0), submission(1)}
    told = town.outbox.receipt(submission(2))
    assert told is not None
    assert told.refused == "already_photographed"
    assert town.outbox.envelope(submission(2)) is not None


def test_photos_wait_while_the_registrar_is_away(town: Town) -> None:
    town.put(2)
    with pytest.raises(Unreachable):
        sync_once(town.outbox, town.client("http://127.0.0.1:9"), town.roster, INSTITUTION)
    assert town.outbox.counts().pending == 2


def test_a_damaged_roster_is_replaced(town: Town) -> None:
    town.roster.write_bytes(b"half a ros")
    sync_once(town.outbox, town.client(), town.roster, INSTITUTION)
    key = town.server.keys.signing_key.verify_key
    assert read_roster(town.roster, key, INSTITUTION) is not None


SYNC = """
import sys
from pathlib import Path
from kiosk.sync.client import RegistrarClient
from kiosk.sync.keys import parse_registrar_verify_key, read_signing_key
from kiosk.sync.outbox import Outbox
from kiosk.sync.run import sync_once
folder, url, booth, verify_key = Path(sys.argv[1]), *sys.argv[2:]
key = read_signing_key(folder / "signing.key")
client = RegistrarClient(url, booth, key, parse_registrar_verify_key(verify_key))
sync_once(
    Outbox(folder / "outbox.sqlite"),
    client,
    folder / "roster.extract",
    "10000",
    lambda done, total: print(done, flush=True),
)
"""


def test_sync_killed_at_any_moment_loses_and_doubles_nothing(town: Town) -> None:
    town.put(60)
    chance = random.Random(20260602)
    command = [sys.executable, "-c", SYNC, str(town.folder), town.server.url, BOOTH]
    command.append(town.enrolment.registrar_verify_key)
    for _ in range(3):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as sync:
            assert sync.stdout is not None
            sync.stdout.readline()
            time.sleep(chance.uniform(0, 0.08))
            sync.send_signal(signal.SIGKILL)
        marked = town.outbox.counts().sent
        assert marked <= len(town.held()) <= marked + 1  # at most the one that was on its way
    sync_once(town.outbox, town.client(), town.roster, INSTITUTION)
    assert town.held() == {submission(number): picture(number) for number in range(60)}
    assert town.outbox.counts().sent == 60
    assert town.store.counts().photos == 60


REGISTRAR = """
import sys, time
from pathlib import Path
from registrar.serve import Server
with Server(Path(sys.argv[1])) as server:
    print(server.url, flush=True)
    time.sleep(600)
"""


def test_a_registrar_killed_at_any_moment_holds_every_photo_it_gave_a_receipt_for(
    tmp_path: Path,
) -> None:
    chance = random.Random(20260603)
    data = tmp_path / "registrar"
    with Server(data) as server:
        town = Town(server, tmp_path / "booth", students=40)
    town.put(40)
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", REGISTRAR, str(data)], stdout=subprocess.PIPE, text=True
        ) as registrar:
            assert registrar.stdout is not None
            url = registrar.stdout.readline().strip()
            fate = threading.Timer(chance.uniform(0.02, 0.15), registrar.kill)
            fate.start()
            with contextlib.suppress(Unreachable):
                sync_once(town.outbox, town.client(url), town.roster, INSTITUTION)
            fate.join()
        marked = town.outbox.counts().sent
        assert marked <= len(town.held()) <= marked + 1
    with Server(data) as server:
        sync_once(town.outbox, town.client(server.url), town.roster, INSTITUTION)
    assert town.held() == {submission(number): picture(number) for number in range(40)}


def test_every_refusal_has_words_for_staff() -> None:
    assert set(REFUSAL_WORDS) == set(get_args(PhotoRefusal))


def test_a_photo_whose_record_does_not_hold_is_refused_for_that(town: Town) -> None:
    town.outbox.put(town.envelope(1, record=provenance(picture(2), town.key)))
    with town.client() as client:
        assert sync_once(town.outbox, client, town.roster, INSTITUTION).refused == 1
    assert town.outbox.refusals() == {"provenance": 1}


# ---- single photos that cannot go ----


def spoil(town: Town, number: int, **columns: object) -> None:
    """Change columns of the photo with this number in the outbox, as a flipped byte would."""
    with contextlib.closing(sqlite3.connect(town.folder / "outbox.sqlite")) as db:
        for column, value in columns.items():
            db.execute(f"UPDATE outbox SET {column} = ? WHERE number = ?", (value, number))
        db.commit()


def flipped(text: str, at: int, bit: int = 1) -> str:
    return text[:at] + chr(ord(text[at]) ^ bit) + text[at + 1 :]


def stored(town: Town, number: int, column: str) -> str:
    with contextlib.closing(sqlite3.connect(town.folder / "outbox.sqlite")) as db:
        (found,) = db.execute(f"SELECT {column} FROM outbox WHERE number = ?", (number,)).fetchone()
    assert isinstance(found, str)
    return found


def test_a_byte_that_flips_in_a_photo_sets_that_one_aside_and_the_others_go(town: Town) -> None:
    chance = random.Random(20261127)
    town.put(24)
    spoiled = range(2, 24, 2)
    for number in spoiled:
        text = stored(town, number, "envelope")
        at, bit = chance.randrange(len(text)), 1 << chance.randrange(7)
        spoil(town, number, envelope=flipped(text, at, bit))
    with town.client() as client:
        result = sync_once(town.outbox, client, town.roster, INSTITUTION)
    assert result.sent + town.outbox.counts().set_aside == 24
    assert result.sent >= 13
    assert set(town.outbox.set_aside_reasons()) <= set(spoiled)
    assert all(
        jpeg == picture(number)
        for number in range(24)
        if (jpeg := town.held().get(submission(number))) is not None
    )
    again = sync_once(town.outbox, town.client(), town.roster, INSTITUTION)
    assert (again.sent, again.pending) == (0, 0)


@pytest.mark.parametrize(
    "columns",
    [
        {"submission_id": "no id at all"},
        {"submission_id": str(submission(99))},
        {"submission_id": "�" * 36},
        {"envelope_sha256": b"x" * 32},
        {"envelope_sha256": b""},
    ],
)
def test_damage_beside_a_whole_photo_is_mended_by_the_booths_own_signature(
    town: Town, columns: dict[str, object]
) -> None:
    town.put(3)
    spoil(town, 2, **columns)
    with town.client() as client:
        assert sync_once(town.outbox, client, town.roster, INSTITUTION).sent == 2
        assert list(town.outbox.set_aside_reasons()) == [2]
        assert town.outbox.counts().set_aside == 1
        assert town.outbox.retry_set_aside(client.booth_key) == 1
        assert sync_once(town.outbox, client, town.roster, INSTITUTION).sent == 1
    assert town.held() == {submission(number): picture(number) for number in range(3)}
    assert town.outbox.set_aside_reasons() == {}


def test_a_photo_that_is_damaged_stays_set_aside_however_often_it_is_tried(town: Town) -> None:
    town.put(2)
    spoil(town, 1, envelope=flipped(stored(town, 1, "envelope"), 400))
    with town.client() as client:
        sync_once(town.outbox, client, town.roster, INSTITUTION)
        assert town.outbox.retry_set_aside(client.booth_key) == 0
    assert "damaged" in town.outbox.set_aside_reasons()[1]
    assert accept_loss(town.folder / "outbox.sqlite") == 1
    assert town.outbox.counts() == OutboxCounts(pending=0, sent=1, refused=0)
    assert town.outbox.find_loss() is None


def test_a_refusal_that_cannot_be_read_ends_nothing(town: Town) -> None:
    town.put(1)
    town.outbox.put(town.envelope(7, of_student=0))
    sync_once(town.outbox, town.client(), town.roster, INSTITUTION)
    for receipt in ("", "{", "null", flipped(stored(town, 2, "receipt"), 3)):
        spoil(town, 2, receipt=receipt)
        assert town.outbox.refusals() == {}
        assert town.outbox.receipt(submission(7)) is None
    assert town.outbox.retry_refused() == 1
    assert sync_once(town.outbox, town.client(), town.roster, INSTITUTION).refused == 1


def test_a_renamed_booths_photos_are_set_aside_and_go_under_their_former_name(town: Town) -> None:
    town.put(2)
    town.server.enrol("booth-2", town.key.verify_key)
    with town.client(booth_id="booth-2") as client:
        result = sync_once(town.outbox, client, town.roster, INSTITUTION)
        assert (result.sent, result.pending) == (0, 0)
        assert len(result.roster) == 60
        reasons = town.outbox.set_aside_reasons()
        assert len(reasons) == 2
        assert "sealed as booth booth-1, and this is booth-2" in reasons[1]
        town.outbox.retry_set_aside(client.booth_key)
        assert sync_once(town.outbox, client, town.roster, INSTITUTION, former_names=True).sent == 2
    assert town.held() == {submission(number): picture(number) for number in range(2)}


def test_a_former_name_that_the_registrar_forgot_is_told_with_the_way_out(town: Town) -> None:
    town.put(1)
    town.server.enrol("booth-2", town.key.verify_key)
    town.store.booths.remove(BOOTH)
    with town.client(booth_id="booth-2") as client:
        assert sync_once(town.outbox, client, town.roster, INSTITUTION, former_names=True).sent == 0
    assert "registrar booth add booth-1" in town.outbox.set_aside_reasons()[1]


def test_a_photo_that_the_registrar_never_takes_holds_up_no_other(town: Town) -> None:
    town.outbox.put(town.envelope(0, photo=b"x" * 3_500_000))
    town.outbox.put(town.envelope(1))
    with town.client() as client:
        assert sync_once(town.outbox, client, town.roster, INSTITUTION).sent == 1
    assert "no more than" in town.outbox.set_aside_reasons()[1]


# ---- the registrar's clock ----


def test_the_registrars_time_is_remembered_beside_the_roster(town: Town) -> None:
    sync_once(town.outbox, town.client(), town.roster, INSTITUTION)
    told = read_told_time(town.roster)
    assert told is not None
    assert told.roster_confirmed == told.registrar
    assert find_clock_fault(read_clocks(), told, None) is None


def test_a_booth_whose_clock_is_wrong_is_not_served_and_remembers_why(town: Town) -> None:
    ahead = read_clocks().wall + 3 * 86_400
    with pytest.raises(ClockWrong):
        sync_once(town.outbox, town.client(clock=lambda: ahead), town.roster, INSTITUTION)
    told = read_told_time(town.roster)
    wrong = dataclasses.replace(read_clocks(), wall=ahead)
    assert "3 days fast" in (find_clock_fault(wrong, told, None) or "")


def test_a_roster_from_the_future_gives_way_once_the_registrars_clock_is_right(
    town: Town,
) -> None:
    ahead = datetime.now(UTC) + timedelta(days=3650)
    keep_roster(town.roster, {}, town.server.keys.signing_key, issued_at=ahead)
    roster = sync_once(town.outbox, town.client(), town.roster, INSTITUTION).roster
    assert len(roster) == 60
    assert roster.issued_at < datetime.now(UTC) + timedelta(minutes=1)


def test_a_roster_that_another_user_left_is_replaced(town: Town) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    town.roster.touch(mode=0o000)
    assert len(sync_once(town.outbox, town.client(), town.roster, INSTITUTION).roster) == 60

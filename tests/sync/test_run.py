"""One run of the sync unit: everything arrives once, however often the unit is killed."""

import contextlib
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from kiosk.sync.errors import Unreachable
from kiosk.sync.roster import read_extract
from kiosk.sync.run import REFUSAL_WORDS, sync_once
from protocol.receipt import PhotoRefusal
from registrar.serve import Server
from tests.town import BOOTH, Town, picture, provenance, submission


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "registrar") as server:
        yield Town(server, tmp_path / "booth", students=60)


def test_what_waits_is_handed_over_and_the_roster_comes_back(town: Town) -> None:
    town.put(3)
    told: list[tuple[int, int]] = []
    result = sync_once(
        town.outbox, town.client(), town.roster, lambda done, total: told.append((done, total))
    )
    assert (result.sent, result.refused, result.pending) == (3, 0, 0)
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert town.held() == {submission(number): picture(number) for number in range(3)}
    assert len(result.extract) == 60
    assert result.extract.find("code-0") == "already_photographed"
    kept = read_extract(town.roster, town.server.keys.signing_key.verify_key)
    assert kept is not None
    assert kept.signed == result.extract.signed


def test_a_refused_photo_does_not_hold_up_the_next(town: Town) -> None:
    town.outbox.put(town.envelope(0))
    town.outbox.put(town.envelope(1, of_student=0))
    town.outbox.put(town.envelope(2))
    result = sync_once(town.outbox, town.client(), town.roster)
    assert (result.sent, result.refused, result.pending) == (2, 1, 0)
    refused = town.outbox.receipt(submission(1))
    assert refused is not None
    assert refused.refused == "already_photographed"


def test_a_refused_photo_is_taken_once_staff_permit_it(town: Town) -> None:
    town.outbox.put(town.envelope(0))
    town.outbox.put(town.envelope(1, of_student=0))
    sync_once(town.outbox, town.client(), town.roster)
    town.store.grant("record-0")
    town.outbox.retry_refused()
    assert sync_once(town.outbox, town.client(), town.roster).sent == 1
    assert set(town.held()) == {submission(0), submission(1)}


def test_photos_wait_while_the_registrar_is_away(town: Town) -> None:
    town.put(2)
    with pytest.raises(Unreachable):
        sync_once(town.outbox, town.client("http://127.0.0.1:9"), town.roster)
    assert town.outbox.counts().pending == 2


def test_a_damaged_extract_is_replaced(town: Town) -> None:
    town.roster.write_bytes(b"half a ros")
    sync_once(town.outbox, town.client(), town.roster)
    assert read_extract(town.roster, town.server.keys.signing_key.verify_key) is not None


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
    lambda done, total: print(done, flush=True),
)
"""


def test_sync_killed_at_any_moment_loses_and_doubles_nothing(town: Town) -> None:
    town.put(60)
    chance = random.Random(20260602)
    command = [sys.executable, "-c", SYNC, str(town.folder), town.server.url, BOOTH]
    command.append(town.enrolment.registrar_verify_key)
    for _ in range(6):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as sync:
            assert sync.stdout is not None
            sync.stdout.readline()
            time.sleep(chance.uniform(0, 0.08))
            sync.send_signal(signal.SIGKILL)
        marked = town.outbox.counts().sent
        assert marked <= len(town.held()) <= marked + 1  # at most the one that was on its way
    sync_once(town.outbox, town.client(), town.roster)
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
    for _ in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", REGISTRAR, str(data)], stdout=subprocess.PIPE, text=True
        ) as registrar:
            assert registrar.stdout is not None
            url = registrar.stdout.readline().strip()
            fate = threading.Timer(chance.uniform(0.02, 0.15), registrar.kill)
            fate.start()
            with contextlib.suppress(Unreachable):
                sync_once(town.outbox, town.client(url), town.roster)
            fate.join()
        marked = town.outbox.counts().sent
        assert marked <= len(town.held()) <= marked + 1
    with Server(data) as server:
        sync_once(town.outbox, town.client(server.url), town.roster)
    assert town.held() == {submission(number): picture(number) for number in range(40)}


def test_every_refusal_has_words_for_staff() -> None:
    assert set(REFUSAL_WORDS) == set(get_args(PhotoRefusal))


def test_a_photo_whose_record_does_not_hold_is_refused_for_that(town: Town) -> None:
    town.outbox.put(town.envelope(1, record=provenance(picture(2), town.key)))
    with town.client() as client:
        assert sync_once(town.outbox, client, town.roster).refused == 1
    assert town.outbox.refusals() == {"provenance": 1}

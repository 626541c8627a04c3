"""The roster is brought from the registrar: once whole, then what has changed, never an older."""

import contextlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from kiosk.sync import roster_fetch
from kiosk.sync.client import RegistrarClient, RosterNews
from kiosk.sync.errors import Forged, NoSuchPath, NotEnrolled, Unreachable
from kiosk.sync.roster_fetch import fetch_roster
from kiosk.sync.roster_index import RosterIndex, mark_path
from protocol.roster_edition import Head
from registrar.roster_ahead import publish_noted
from registrar.roster_publisher import RosterPublisher
from registrar.serve import Server
from registrar.storage.tables import BOOTH as BOOTH_ROW
from tests.rosters import keep_roster, sign_base
from tests.town import BOOTH, INSTITUTION, Town, record


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "registrar") as server:
        yield Town(server, tmp_path / "booth", students=40)


class Heard(RegistrarClient):
    """A client that notes what it was answered."""

    def __init__(self, town: Town) -> None:
        super().__init__(town.server.url, BOOTH, town.key, town.server.keys.signing_key.verify_key)
        self.news: list[RosterNews | None] = []
        self.pieces: list[tuple[int, int]] = []

    def roster(self, institution_code: str, held: Head | None) -> RosterNews | None:
        self.news.append(super().roster(institution_code, held))
        return self.news[-1]

    def roster_base(self, head: Head, start: int, length: int) -> bytes:
        self.pieces.append((start, length))
        return super().roster_base(head, start, length)


def fetch(town: Town, client: RegistrarClient | None = None) -> RosterIndex:
    return fetch_roster(client or town.client(), town.roster, INSTITUTION)


def test_a_booth_that_is_one_institutions_gets_no_others_roster_or_configuration(
    town: Town,
) -> None:
    with town.store.database.transaction() as db:
        db.execute(BOOTH_ROW.update().values(institution_code="99999"))
    with town.client() as client:
        for ask in (lambda: client.roster(INSTITUTION, None),
                    lambda: client.configuration(INSTITUTION, None)):  # fmt: skip
            with pytest.raises(NotEnrolled, match="for institution 99999 alone"):
                ask()
        assert client.roster("99999", None) is not None


def test_the_base_comes_once_and_then_what_has_changed(town: Town) -> None:
    client = Heard(town)
    assert len(fetch(town, client)) == 40
    town.client().send(town.envelope(1))
    town.store.records.import_records([record(2, capture_code="new-2"), record(99)])
    client = Heard(town)
    roster = fetch(town, client)
    assert client.pieces == []
    (news,) = client.news
    assert news is not None
    assert [head.count for head, _ in news.parts] == [4]
    assert roster.find("code-1") == "already_photographed"
    assert roster.find("code-2") is None
    assert roster.find("new-2") == town.store.records.resolve("new-2")
    assert (len(roster), roster.head.number) == (41, 1)
    assert fetch(town, client).head == roster.head
    assert client.news[1:] == [None]


def test_a_booth_is_told_of_its_own_institution_alone(town: Town) -> None:
    town.store.records.import_records([record(60, institution_code="10001")])
    roster = fetch(town)
    assert roster.find("code-60") is None
    assert len(roster) == 40
    other = fetch_roster(town.client(), town.folder / "other", "10001")
    assert len(other) == 1
    town.store.records.import_records([record(60)])
    assert fetch(town).find("code-60") is not None
    assert fetch_roster(town.client(), town.folder / "other", "10001").find("code-60") is None


def test_a_registrar_without_records_has_a_roster_of_nobody(town: Town) -> None:
    assert len(fetch_roster(town.client(), town.roster, "10002")) == 0


def test_a_base_that_is_cut_off_goes_on_where_it_was(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster_fetch, "PIECE", 4000)

    class CutOff(Heard):
        def roster_base(self, head: Head, start: int, length: int) -> bytes:
            if len(self.pieces) == 2:
                raise Unreachable("registrar: cut off")
            return super().roster_base(head, start, length)

    first, second = CutOff(town), Heard(town)
    with pytest.raises(Unreachable):
        fetch(town, first)
    assert len(fetch(town, second)) == 40
    had = sum(length for _, length in first.pieces)
    assert second.pieces[0][0] == had > 0
    assert [file.name for file in town.folder.glob("roster*")] == [town.roster.name]


def test_a_line_too_slow_for_a_base_brings_it_over_several_runs(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster_fetch, "PIECE", 4000)
    clock = iter(range(0, 100_000, 250))  # seconds; each look at it 250 s later

    def run() -> None:
        fetch_roster(town.client(), town.roster, INSTITUTION, lambda: next(clock))

    with pytest.raises(Unreachable, match=r"of the roster .* the next sync goes on there"):
        run()
    for _ in range(9):
        with contextlib.suppress(Unreachable):
            run()
    assert len(RosterIndex(town.roster, town.server.keys.signing_key.verify_key, INSTITUTION)) == 40


SYNC = """
import sys
from pathlib import Path
from kiosk.sync import roster_fetch
from kiosk.sync.client import RegistrarClient
from kiosk.sync.keys import parse_registrar_verify_key, read_signing_key
roster_fetch.PIECE = 1000
folder, url, booth, verify_key = Path(sys.argv[1]), *sys.argv[2:]
key = read_signing_key(folder / "signing.key")
client = RegistrarClient(url, booth, key, parse_registrar_verify_key(verify_key))
print("begins", flush=True)
roster_fetch.fetch_roster(client, folder / "roster.extract", "10000")
"""


def test_sync_killed_at_any_moment_leaves_the_roster_of_before_or_of_after(town: Town) -> None:
    chance = random.Random(20261127)
    command = [sys.executable, "-c", SYNC, str(town.folder), town.server.url, BOOTH]
    command.append(town.enrolment.registrar_verify_key)
    own = town.server.keys.signing_key
    key = own.verify_key
    # Else the registrar may still be making it for one that was killed.
    publish_noted(
        town.store.database, RosterPublisher(town.store.database, town.store.objects, own)
    )
    for number in range(3):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as sync:
            assert sync.stdout is not None
            sync.stdout.readline()
            time.sleep(chance.uniform(0, 0.2))
            sync.send_signal(signal.SIGKILL)
        if town.roster.exists():
            RosterIndex(town.roster, key, INSTITUTION).check()
        town.store.records.import_records([record(100 + number)])
    roster = fetch(town)
    roster.check()
    assert len(roster) == 43
    assert roster.find("code-102") == town.store.records.resolve("code-102")


# ---- what must not replace what is held ----


def test_an_older_roster_does_not_replace_a_newer_one(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = town.server.keys.signing_key
    newer = keep_roster(town.roster, {}, key, issued_at=datetime.now(UTC) + timedelta(minutes=2))
    base, _ = sign_base({}, key, edition=b"t" * 32)
    with town.client() as client:
        answers = iter([RosterNews([(base, b"")], has_more=True), None])
        monkeypatch.setattr(client, "roster", lambda *asked: next(answers))
        with pytest.raises(Forged, match="older than the one held"):
            fetch(town, client)
    assert RosterIndex(town.roster, key.verify_key, INSTITUTION).head == newer


def test_what_was_damaged_is_not_replaced_by_an_older_one_either(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = town.server.keys.signing_key
    keep_roster(town.roster, {}, key, issued_at=datetime.now(UTC))
    mark_path(town.roster).touch()
    base, _ = sign_base({}, key, edition=b"t" * 32)
    with town.client() as client:
        answers = iter([RosterNews([(base, b"")], has_more=True), None])
        monkeypatch.setattr(client, "roster", lambda *asked: next(answers))
        with pytest.raises(Forged, match="older"):
            fetch(town, client)


def test_a_registrar_brought_back_from_a_copy_is_followed_again(town: Town) -> None:
    key = town.server.keys.signing_key
    fetch(town)
    keep_roster(town.roster, {}, key, issued_at=datetime.now(UTC))  # of what it has forgotten
    roster = fetch(town)
    assert len(roster) == 40
    assert fetch(town).head == roster.head


def test_another_registrars_roster_is_not_taken(town: Town, tmp_path: Path) -> None:
    with Server(tmp_path / "other") as other:
        other.enrol(BOOTH, town.key.verify_key)
        with pytest.raises(Forged, match="not signed by this registrar"):
            fetch(town, town.client(other.url))
    assert not town.roster.exists()


@pytest.mark.parametrize("harm", ["marked", "half", "rubbish", "other", "gone"])
def test_what_is_damaged_is_fetched_anew(town: Town, harm: str) -> None:
    fetch(town)
    match harm:
        case "marked":
            mark_path(town.roster).touch()
        case "half":
            town.roster.write_bytes(town.roster.read_bytes()[:8192])
        case "rubbish":
            town.roster.write_bytes(b"SQLite format 3\0" + b"rubbish" * 999)
        case "other":
            keep_roster(town.roster, {}, town.key)
        case "gone":
            town.roster.unlink()
    client = Heard(town)
    roster = fetch(town, client)
    roster.check()
    assert len(roster) == 40
    assert len(client.pieces) == 1
    assert not mark_path(town.roster).exists()


# ---- over HTTP ----


def test_nobody_fetches_the_roster_unsigned(town: Town) -> None:
    head = fetch(town).head
    for path in (INSTITUTION, f"{INSTITUTION}/base/{head.base}"):
        assert requests.get(f"{town.server.url}v1/roster/{path}", timeout=10).status_code == 401


def test_a_base_that_is_no_more_or_a_piece_beyond_it_is_told(town: Town) -> None:
    head = fetch(town).head
    client = town.client()
    with pytest.raises(NoSuchPath):
        client.roster_base(head.model_copy(update={"number": 7}), 0, 10)
    with pytest.raises(Unreachable, match="416"):
        client.roster_base(head, head.count * head.entry_bytes, 10)
    with pytest.raises(Unreachable, match="no such part"):
        client.roster_base(head, head.count * head.entry_bytes - 5, 10)

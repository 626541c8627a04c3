"""Look-ups by a booth's key are limited, so that nobody tries codes by one that was stolen."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.sync.errors import Unreachable
from protocol.roster import Question
from protocol.student import Student
from registrar import lookups
from registrar.lookups import PERIOD, Lookups, Most, TooManyLookups, suspicious
from registrar.serve import Server
from tests.desk import signed_in
from tests.town import BOOTH, Town

NOON = datetime(2026, 6, 3, 4, tzinfo=UTC)


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    monkeypatch.setattr(lookups, "BY_BOOTH", Most(asked=12, missed=3, missed_a_day=5))
    monkeypatch.setattr(lookups, "BY_INSTITUTION", Most(asked=20, missed=4, missed_a_day=50))
    with Server(tmp_path / "registrar") as server:
        yield Town(server, tmp_path / "booth", students=2)


def look(counts: Lookups, booth_id: str, at: datetime, *, missed: bool) -> bool:
    """Look up one code; whether it was answered."""
    try:
        counts.begin(booth_id, at)
    except TooManyLookups:
        return False
    counts.end(booth_id, at, missed=missed)
    return True


def test_a_booth_that_asks_for_codes_that_nobody_has_is_told_to_wait_and_served_again(
    town: Town,
) -> None:
    counts = Lookups(town.store.database)
    assert [look(counts, BOOTH, NOON, missed=True) for _ in range(6)] == [True] * 3 + [False] * 3
    with pytest.raises(TooManyLookups) as told:
        counts.begin(BOOTH, NOON + timedelta(seconds=5))
    assert told.value.seconds == PERIOD - 5
    assert look(counts, BOOTH, NOON + timedelta(seconds=PERIOD), missed=False)


def test_unknown_codes_are_limited_by_the_day_too(town: Town) -> None:
    counts = Lookups(town.store.database)
    tried = [look(counts, BOOTH, NOON + n * timedelta(hours=1), missed=True) for n in range(10)]
    assert tried == [True] * 5 + [False] * 5
    assert look(counts, BOOTH, NOON + timedelta(hours=25), missed=True)


def test_what_one_booth_uses_up_is_its_own_until_its_institutions_is(town: Town) -> None:
    counts = Lookups(town.store.database)
    for booth in ("booth-2", "booth-3", "booth-4"):
        town.store.booths.enrol(booth, town.key.verify_key, "10000")
    assert [look(counts, "booth-2", NOON, missed=True) for _ in range(4)] == [True] * 3 + [False]
    assert look(counts, BOOTH, NOON, missed=False)
    assert look(counts, "booth-3", NOON, missed=True)
    assert not look(counts, "booth-4", NOON, missed=False)
    assert look(counts, BOOTH, NOON, missed=False)


def test_many_at_once_do_not_slip_through(town: Town) -> None:
    counts = Lookups(town.store.database)
    with ThreadPoolExecutor(8) as pool:
        tried = list(pool.map(lambda _: look(counts, BOOTH, NOON, missed=False), range(40)))
    assert sum(tried) == 12


def test_a_booth_that_is_told_to_wait_falls_back_and_desk_and_metrics_tell_of_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "SUSPICIOUS", 4)
    client = town.client()
    assert isinstance(client.resolve(Question(capture_code="code-1")), Student)
    for number in range(3):
        assert client.resolve(Question(capture_code=f"wrong-{number}")) == "code_unknown"
    with pytest.raises(Unreachable, match="more codes by this booth than people come"):
        client.resolve(Question(capture_code="code-1"))
    with town.store.database.connection() as db:
        assert suspicious(db, datetime.now(UTC)) == {BOOTH: 4}
    page = signed_in(town.server, "technician", language="en").get("/booths").text
    assert "4 unknown codes" in page

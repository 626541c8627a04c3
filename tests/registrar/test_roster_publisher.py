"""What booths are told of the roster: once, in a delta that whoever asks first has made."""

import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nacl.signing import SigningKey
from sqlalchemy import delete, func, select

from protocol.roster import Resolution
from protocol.roster_edition import (
    Entry,
    Head,
    check_base,
    check_delta,
    derive_place,
    derive_secret,
    open_entry,
    read_entries,
    split_parts,
)
from registrar import roster_base, roster_claim, roster_publisher, roster_rows
from registrar.roster_ahead import publish_aside, publish_noted
from registrar.roster_publisher import NotReady, RosterPublisher
from registrar.roster_rows import Told
from registrar.storage.tables import ROSTER_CHANGE, ROSTER_DELTA, ROSTER_EDITION
from registrar.store import Store
from tests.town import INSTITUTION, record

KEY = SigningKey(b"k" * 32)


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class Follower:
    """What a booth does, in memory."""

    def __init__(self, publisher: RosterPublisher) -> None:
        self.publisher = publisher
        self.head: Head | None = None
        self.entries: dict[bytes, Entry] = {}
        self.bytes = 0
        """That have come in the last round."""

    def told(self) -> Told | None:
        if self.head is None:
            return None
        return Told(self.head.edition, self.head.number, self.head.chain, self.head.issued_at)

    def follow(self) -> list[Head]:
        """Ask until nothing follows; what has come."""
        heads: list[Head] = []
        self.bytes = 0
        while (answer := self.publisher.news(INSTITUTION, self.told())) is not None:
            self.bytes += len(answer)
            for head, entries in split_parts(answer):
                self._take(head, entries)
                heads.append(head)
        return heads

    def _take(self, head: Head, entries: bytes) -> None:
        if head.is_base:
            check_base(head, INSTITUTION, KEY.verify_key)
            named = (INSTITUTION, head.base)
            size = self.publisher.base_size(*named)
            assert size == head.count * head.entry_bytes
            body = self.publisher.read_base(*named, 0, size)
            self.entries = {entry.place: entry for entry in read_entries(body)}
            assert list(self.entries) == sorted(self.entries)
        else:
            assert self.head is not None
            for entry in check_delta(head, entries, self.head, KEY.verify_key):
                self.entries.pop(entry.place, None)
                if entry.box:
                    self.entries[entry.place] = entry
        self.head = head

    def find(self, code: str) -> Resolution | None:
        assert self.head is not None
        secret = derive_secret(code, self.head.edition)
        entry = self.entries.get(derive_place(secret))
        if entry is None:
            return None
        return open_entry(entry, secret, self.head.edition, KEY.verify_key)

    def knows(self, store: Store, codes: Iterable[str]) -> bool:
        """Whether it answers as the registrar does."""
        return all(
            (self.find(code) or "code_unknown") == store.records.resolve(code) for code in codes
        )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "data")
    store.records.import_records(record(number) for number in range(30))
    return store


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def publisher(store: Store, clock: Clock) -> RosterPublisher:
    return RosterPublisher(store.database, store.objects, KEY, clock)


@pytest.fixture
def booth(publisher: RosterPublisher) -> Follower:
    return Follower(publisher)


CODES = [f"code-{number}" for number in range(30)]


def noted(store: Store) -> int:
    with store.database.connection() as db:
        return int(db.execute(select(func.count()).select_from(ROSTER_CHANGE)).scalar_one())


def deltas(store: Store) -> list[int]:
    with store.database.connection() as db:
        return list(
            db.execute(select(ROSTER_DELTA.c.number).order_by(ROSTER_DELTA.c.number)).scalars()
        )


def change(store: Store, number: int, **changes: str) -> None:
    store.records.import_records([record(number, **changes)])


# ---- deltas ----


def test_what_was_noted_is_told_once_in_one_delta_to_all_booths(
    store: Store, publisher: RosterPublisher
) -> None:
    booths = [Follower(publisher) for _ in range(2)]
    for booth in booths:
        assert [head.is_base for head in booth.follow()] == [True]
    assert noted(store) == 0
    for number in range(3):
        change(store, number, name="改")
    came = [booth.follow() for booth in booths]
    assert came[0] == came[1]
    assert [head.count for head in came[0]] == [3]
    assert (noted(store), deltas(store)) == (0, [1])
    assert all(booth.knows(store, CODES) for booth in booths)


def test_a_code_that_is_another_records_now_or_nobodys_is_told(
    store: Store, booth: Follower
) -> None:
    booth.follow()
    store.records.import_records(
        [record(1, capture_code="code-2"), record(2, capture_code="new"), record(40)]
    )
    booth.follow()
    assert booth.find("code-1") is None
    assert booth.knows(store, [*CODES, "new", "code-40"])
    assert len(booth.entries) == 31


def test_many_changes_come_in_several_deltas(
    store: Store, booth: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster_publisher, "MOST_IN_DELTA", 8)
    booth.follow()
    store.records.import_records(record(number, name="改") for number in range(30))
    assert sum(head.count for head in booth.follow()) >= 30
    assert booth.knows(store, CODES)
    assert noted(store) == 0


def test_an_answer_of_many_deltas_leaves_the_rest_to_the_next(
    store: Store, booth: Follower, publisher: RosterPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster_rows, "FULL_ANSWER", 1000)
    booth.follow()
    other = Follower(publisher)
    other.follow()
    for number in range(5):
        change(store, number, name="改")
        other.follow()
    answer = publisher.news(INSTITUTION, booth.told())
    assert answer is not None
    assert 0 < len(list(split_parts(answer))) < 5
    booth.follow()
    assert booth.knows(store, CODES)


def test_booths_that_ask_at_once_are_told_the_same(
    store: Store, publisher: RosterPublisher
) -> None:
    booths = [Follower(publisher) for _ in range(6)]
    for booth in booths:
        booth.follow()
    for number in range(20):
        change(store, number, name="改")
    threads = [threading.Thread(target=booth.follow) for booth in booths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({booth.head.chain for booth in booths if booth.head is not None}) == 1
    assert all(booth.knows(store, CODES) for booth in booths)


# ---- editions ----


def test_an_answer_that_has_no_room_begins_an_edition(store: Store, booth: Follower) -> None:
    booth.follow()
    first = booth.head
    change(store, 3, college="院" * 100)
    assert [head.is_base for head in booth.follow()] == [True]
    assert first is not None
    assert booth.head is not None
    assert booth.head.edition != first.edition
    assert booth.head.size > first.size
    assert booth.knows(store, CODES)


def test_a_roster_that_is_mostly_changed_begins_an_edition(
    store: Store, booth: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster_publisher, "MANY_CHANGES", 10)
    booth.follow()
    store.records.import_records(record(number, name="改") for number in range(30))
    assert [head.is_base for head in booth.follow()] == [True]
    assert noted(store) == 0
    assert booth.knows(store, CODES)


def test_while_an_edition_is_made_others_are_told_to_come_again(
    store: Store, publisher: RosterPublisher, booth: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = roster_base.make_base

    def make(*arguments: object) -> Head:
        with pytest.raises(NotReady):
            publisher.news(INSTITUTION, None)
        change(store, 5, name="改")  # meanwhile
        return made(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(roster_publisher, "make_base", make)
    booth.follow()
    assert booth.knows(store, CODES)


def test_told_ahead_an_edition_is_there_before_the_first_booth_asks(
    store: Store, publisher: RosterPublisher, booth: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_noted(store.database, publisher)
    with monkeypatch.context() as patch:
        patch.setattr(roster_publisher, "make_base", None)
        booth.follow()
    assert booth.knows(store, CODES)


def test_told_ahead_what_booths_lack_is_a_delta(
    store: Store, publisher: RosterPublisher, booth: Follower
) -> None:
    booth.follow()
    change(store, 5, name="改")
    publish_aside(store.database, publisher).join()
    assert noted(store) == 0
    assert [head.is_base for head in booth.follow()] == [False]
    assert booth.knows(store, CODES)


def test_an_edition_whose_maker_failed_or_died_is_begun_anew(
    store: Store, booth: Follower, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(BaseException):
        """As a kill: nothing is done after it."""

    def die(*arguments: object) -> Head:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(roster_publisher, "make_base", die)
        patch.setattr(RosterPublisher, "_give_up", lambda *_: None)
        with pytest.raises(Died):
            booth.follow()
        with pytest.raises(NotReady):
            booth.follow()
    clock.now += roster_claim.CLAIM
    with monkeypatch.context() as patch:
        patch.setattr(roster_publisher, "make_base", die)
        with pytest.raises(Died):
            booth.follow()
    booth.follow()  # at once: that one said that it gave up
    assert booth.knows(store, CODES)


def test_an_edition_that_is_made_for_long_stays_its_makers(
    store: Store,
    publisher: RosterPublisher,
    booth: Follower,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(roster_claim, "RENEWED_EACH", 0.01)
    made = roster_base.make_base

    def make(*arguments: object) -> Head:
        clock.now += roster_claim.CLAIM
        before = clock.now.timestamp()
        while made_at(store) < before:
            time.sleep(0.01)
        with pytest.raises(NotReady):
            publisher.news(INSTITUTION, None)
        return made(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(roster_publisher, "make_base", make)
    booth.follow()
    assert booth.knows(store, CODES)
    assert booth.follow() == []


def made_at(store: Store) -> float:
    with store.database.connection() as db:
        return float(db.execute(select(ROSTER_EDITION.c.made_at)).scalar_one())


def test_long_deltas_become_a_base_out_of_the_one_before(
    store: Store, publisher: RosterPublisher, booth: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster_publisher, "LOOKED_AT_EACH", 2)
    monkeypatch.setattr(roster_publisher, "LONG_DELTAS", (100, 4000))
    booth.follow()
    away = Follower(publisher)
    away.follow()
    for number in range(0, 24, 3):
        store.records.import_records(
            [
                record(number, name="改"),
                record(number + 1, capture_code=f"new-{number}"),
                record(number + 50),
            ]
        )
        booth.follow()
    codes = [*CODES, *(f"new-{n}" for n in range(0, 24, 3)), *(f"code-{n + 50}" for n in range(24))]
    new = Follower(publisher)
    heads = new.follow()
    assert heads[0].is_base
    assert heads[0].number > 0
    assert len(heads) <= 3
    assert deltas(store)[0] > 1
    assert all(one.knows(store, codes) for one in (booth, new))
    away.follow()
    assert away.knows(store, codes)
    assert away.head is not None
    assert booth.head is not None
    assert away.head.chain == booth.head.chain


def test_bases_that_were_replaced_go_after_a_day(
    store: Store, booth: Follower, clock: Clock
) -> None:
    clock.now = datetime.now(UTC)  # objects are as old as their files
    booth.follow()
    change(store, 3, college="院" * 70)
    booth.follow()
    assert len(list(store.objects.names("roster/"))) == 4
    clock.now += timedelta(days=2)
    change(store, 4, college="院" * 100)
    booth.follow()
    assert booth.head is not None
    kept = [name for name, _ in store.objects.names("roster/")]
    assert len(kept) == 2
    assert all(booth.head.edition.hex() in name for name in kept)


# ---- clocks and copies ----


def test_what_was_made_at_a_time_to_come_is_said_once_more(booth: Follower, clock: Clock) -> None:
    clock.now += timedelta(days=3650)
    booth.follow()
    clock.now -= timedelta(days=3650)
    assert [head.count for head in booth.follow()] == [0]
    assert booth.head is not None
    assert booth.head.issued_at <= clock.now
    assert booth.follow() == []


def test_a_booth_that_holds_what_is_not_known_here_is_told_what_is_newer(
    store: Store, booth: Follower, clock: Clock
) -> None:
    booth.follow()
    unknown = Told(b"t" * 32, 7, b"c" * 32, clock.now + timedelta(hours=1))
    clock.now += timedelta(hours=2)
    assert booth.publisher.news(INSTITUTION, unknown) is not None
    booth.follow()
    assert booth.head is not None
    assert booth.head.issued_at > unknown.issued_at
    number = booth.head.number
    booth.publisher.news(INSTITUTION, unknown)  # once is enough
    booth.follow()
    assert booth.head.number == number


@pytest.mark.parametrize("noticed_by", ["new booth", "change"])
def test_a_base_that_the_object_store_has_lost_is_made_anew(
    store: Store, publisher: RosterPublisher, booth: Follower, noticed_by: str
) -> None:
    booth.follow()
    for name, _ in list(store.objects.names("roster/")):
        store.objects.delete(name)
    other = Follower(publisher)
    if noticed_by == "new booth":
        other.follow()
    change(store, 3, name="改")
    booth.follow()
    other.follow()
    assert booth.knows(store, CODES)
    assert other.knows(store, CODES)


def test_booths_are_told_how_the_codes_look_and_of_codes_that_look_otherwise_once_they_come(
    store: Store, booth: Follower
) -> None:
    codes = [f"{number:032x}" for number in range(1, 51)]
    booth.follow()
    assert booth.head is not None
    assert booth.head.looks is None  # thirty codes are too few to learn from
    records = enumerate(codes, 100)
    store.records.import_records(record(number, capture_code=code) for number, code in records)
    anew = Follower(RosterPublisher(store.database, store.objects, KEY, Clock()))
    with store.database.transaction() as db:
        db.execute(delete(ROSTER_EDITION))
    anew.follow()
    assert anew.head is not None
    looks = anew.head.looks
    assert looks is not None
    assert all(looks.fits(code) for code in (*codes, *CODES))
    assert not any(looks.fits(code[1:]) for code in codes)
    store.records.import_records([record(400, capture_code="A1" * 20)])
    assert not anew.follow()[-1].is_base
    later = anew.head.looks
    assert later is not None
    assert all(later.fits(code) for code in (*codes, *CODES, "A1" * 20))

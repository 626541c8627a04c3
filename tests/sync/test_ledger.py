"""The ledger: what a booth has begun and made is counted once, and names nobody."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from nacl.signing import SigningKey

from kiosk.errors import SyncError
from kiosk.sync.ledger import Ledger
from protocol.admission import EVER, Moment, surely
from protocol.standardisation import Note, open_note, seal_note

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
ONE, TWO = UUID(int=1), UUID(int=2)
KEY = SigningKey(b"r" * 32)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger")


def test_what_was_begun_counts_until_it_is_void_and_what_was_made_for_good(ledger: Ledger) -> None:
    ledger.begin(ONE, ledger.whose("code-1"), surely(NOW))
    assert [each.id for each in ledger.own(ledger.whose("code-1"))] == [ONE]
    assert ledger.own(ledger.whose("code-2")) == []
    assert ledger.untold() == ()
    ledger.void(ONE)
    ledger.make(ONE)  # a photo that came too late to be shown
    assert ledger.own(ledger.whose("code-1")) == []
    ledger.begin(TWO, ledger.whose("code-1"), surely(NOW))
    ledger.make(TWO)
    ledger.void(TWO)
    ledger.void_all()
    assert [(each.id, each.outcome) for each in ledger.untold()] == [(ONE, "void"), (TWO, "made")]


def test_what_an_end_of_power_cut_off_is_void(ledger: Ledger, tmp_path: Path) -> None:
    ledger.begin(ONE, ledger.whose("code-1"), surely(NOW))
    again = Ledger(tmp_path / "ledger")
    assert len(again.own(ledger.whose("code-1"))) == 1
    again.void_all()
    assert again.own(ledger.whose("code-1")) == []


def test_what_was_told_is_told_no_more_and_is_forgotten_when_it_is_old(ledger: Ledger) -> None:
    ledger.begin(ONE, ledger.whose("code-1"), surely(NOW))
    ledger.make(ONE)
    ledger.mark_told(ledger.untold(), NOW)
    assert ledger.untold() == ()
    assert len(ledger.own(ledger.whose("code-1"))) == 1
    ledger.mark_told((), NOW + timedelta(days=30))
    assert ledger.own(ledger.whose("code-1")) == []


def test_a_day_that_is_not_known_stays_unknown(ledger: Ledger) -> None:
    ledger.begin(ONE, ledger.whose("code-1"), Moment(NOW, EVER))
    assert ledger.own(ledger.whose("code-1"))[0].at == Moment(NOW, EVER)


def test_who_copies_the_disk_finds_no_code_and_no_record(ledger: Ledger, tmp_path: Path) -> None:
    note = Note(record_id="record-2022000001", earliest=NOW, latest=None)
    ledger.begin(ONE, ledger.whose("code-2022000001"), surely(NOW))
    ledger.add_note(ONE, seal_note(note, KEY.verify_key))
    ledger.make(ONE)
    assert (tmp_path / "ledger").stat().st_mode & 0o077 == 0
    assert b"2022000001" not in (tmp_path / "ledger").read_bytes()
    (told,) = ledger.untold(ledger.whose("code-2022000001"))
    assert told.note is not None
    assert open_note(told.note, KEY) == note
    with pytest.raises(ValueError, match="no note"):
        open_note(told.note, SigningKey(b"s" * 32))


@pytest.mark.parametrize("rubbish", [b"rubbish" * 999, b"SQLite format 3\0" + bytes(4080)])
def test_a_damaged_ledger_is_kept_aside_and_the_booth_goes_on(
    ledger: Ledger, tmp_path: Path, rubbish: bytes
) -> None:
    (tmp_path / "ledger").write_bytes(rubbish)
    ledger.begin(ONE, ledger.whose("code-1"), surely(NOW))
    assert len(ledger.own(ledger.whose("code-1"))) == 1
    assert (tmp_path / "ledger.damaged").read_bytes() == rubbish


def test_a_ledger_that_cannot_be_written_is_told_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SyncError, match="ledger"):
        Ledger(tmp_path / "file" / "ledger").whose("code-1")

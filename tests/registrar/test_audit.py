"""The audit log: what is changed, removed or cut off is found, and by its number."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from nacl.signing import SigningKey
from sqlalchemy import text

from protocol.signing import is_signed
from registrar import audit
from registrar.audit_chain import (
    START,
    Entry,
    Fault,
    hash_of,
    next_entry,
    sign_head,
    verify_chain,
)
from registrar.cli import main
from registrar.errors import StoreError
from registrar.store import Store

AT = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
KEY = SigningKey(b"k" * 32)
Output = pytest.CaptureFixture[str]


def chain(count: int, salt: str = "") -> list[Entry]:
    """A log of so many entries; another `salt` makes another log."""
    log: list[Entry] = []
    for number in range(count):
        last = log[-1] if log else None
        said = (AT.isoformat(), "lin", "photo.approve", f"photo {number}{salt}", {"rules": number})
        log.append(next_entry(last, *said))
    return log


def test_a_log_holds_as_it_was_written() -> None:
    assert verify_chain([]) is None
    log = chain(5)
    assert [entry.number for entry in log] == [1, 2, 3, 4, 5]
    assert log[0].previous == START
    assert verify_chain(log) is None


@pytest.mark.parametrize("index", [0, 2, 4])
@pytest.mark.parametrize(
    "change",
    [
        {"at": "2026-06-01T09:31:00+00:00"},
        {"actor": "wang"},
        {"action": "photo.refuse"},
        {"subject": "photo 9"},
        {"detail": "{}"},
        {"previous": b"x" * 32},
        {"hash": b"x" * 32},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_entry_that_was_changed_is_the_first_that_does_not_hold(
    index: int, change: dict[str, str | bytes]
) -> None:
    log = chain(5)
    log[index] = replace(log[index], **change)  # type: ignore[arg-type]
    fault = verify_chain(log)
    assert fault is not None
    assert fault.number == index + 1


def test_an_entry_with_a_hash_calculated_anew_is_found_by_the_next() -> None:
    log = chain(5)
    changed = replace(log[2], actor="somebody else")
    log[2] = replace(changed, hash=hash_of(changed))
    assert verify_chain(log) == Fault(4, "does not follow the entry before")


@pytest.mark.parametrize("gone", [0, 2, 3])
def test_an_entry_that_was_removed_is_missing(gone: int) -> None:
    log = chain(5)
    del log[gone]
    fault = verify_chain(log)
    assert fault is not None
    assert fault.number == gone + 1
    assert "is missing" in fault.why


def test_entries_that_changed_places_do_not_hold() -> None:
    log = chain(5)
    log[1], log[2] = log[2], log[1]
    assert verify_chain(log) == Fault(2, "is missing: entry 3 stands in its place")


def test_a_log_that_was_cut_off_is_found_by_a_head_signed_before() -> None:
    log = chain(5)
    head = sign_head(log[-1], AT, KEY)
    assert is_signed(head, KEY.verify_key)
    assert verify_chain(log, head) is None
    assert verify_chain([*log, next_entry(log[-1], "", "", "", "", {})], head) is None
    assert verify_chain(log[:3], head) == Fault(4, "is missing: the log went on to entry 5")
    assert verify_chain([], head) == Fault(1, "is missing: the log went on to entry 5")


def test_a_log_that_was_written_anew_is_found_by_a_head_signed_before() -> None:
    head = sign_head(chain(5)[3], AT, KEY)
    fault = verify_chain(chain(5, salt="x"), head)
    assert fault is not None
    assert fault.number == 4


def test_no_entries_run_into_one_another() -> None:
    one = next_entry(None, "a", "b", "c", "d", {})
    assert hash_of(one) != hash_of(replace(one, at="ab", actor=""))
    assert hash_of(one) != hash_of(replace(one, subject='d","detail":"'))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "data")
    with store.database.transaction() as db:
        for number in range(4):
            audit.append(db, AT, "lin", "photo.approve", f"photo {number}", share=5)
        there = AT.astimezone(timezone(timedelta(hours=8)))
        audit.append(db, there, "wang", "export", "institution 10000", photos=4)
    return store


def test_the_log_is_read_as_it_was_written(store: Store) -> None:
    with store.database.connection() as db:
        assert audit.verify_log(db) is None
        assert [entry.number for entry in audit.entries(db)] == [1, 2, 3, 4, 5]
        newest = audit.page(db, 2)
        assert [entry.number for entry in newest] == [5, 4]
        assert newest[0].at == AT.isoformat()
        assert [entry.number for entry in audit.page(db, 9, before=3)] == [2, 1]
        assert [entry.number for entry in audit.page(db, 9, subject="photo 2")] == [3]
        assert [entry.number for entry in audit.page(db, 9, actor="wang")] == [5]


def test_what_a_transaction_gives_up_is_not_told(store: Store) -> None:
    def give_up() -> None:
        with store.database.transaction() as db:
            audit.append(db, AT, "lin", "photo.refuse", "photo 9")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        give_up()
    with store.database.connection() as db:
        last = audit.last_entry(db)
    assert last is not None
    assert last.number == 5


@pytest.mark.parametrize("what", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_the_database_itself_refuses_to_change_what_was_told(store: Store, what: str) -> None:
    with (
        pytest.raises(StoreError, match="only added to"),
        store.database.transaction() as db,
    ):
        db.execute(text(what))


def spoil(store: Store, what: str) -> None:
    """Change the log as somebody would who may do everything with the database."""
    with store.database.transaction() as db:
        if store.database.is_file:
            db.execute(text("DROP TRIGGER audit_update"))
            db.execute(text("DROP TRIGGER audit_delete"))
        else:
            db.execute(text("DROP TRIGGER audit_only_added_to ON audit"))
        db.execute(text(what))


def test_a_log_that_holds_is_told_by_the_command(store: Store, capsys: Output) -> None:
    assert main(["audit", "verify", "--data", str(store.folder)]) == 0
    assert capsys.readouterr().out == "audit: 5 entries hold\n"
    assert main(["audit", "show", "--data", str(store.folder), "--actor", "wang"]) == 0
    assert capsys.readouterr().out == (
        '5\t2026-06-01T09:30:00+00:00\twang\texport\tinstitution 10000\t{"photos":4}\n'
    )


def test_the_first_entry_that_does_not_hold_is_told_by_the_command(
    store: Store, capsys: Output
) -> None:
    spoil(store, "UPDATE audit SET subject = 'photo 7' WHERE number = 2")
    assert main(["audit", "verify", "--data", str(store.folder)]) == 1
    assert capsys.readouterr().err == "registrar: audit: entry 2 was changed\n"


def test_a_log_cut_off_is_told_by_who_kept_a_head(
    store: Store, tmp_path: Path, capsys: Output
) -> None:
    data, head = ["--data", str(store.folder)], tmp_path / "head.json"
    assert main(["audit", "head", *data]) == 0
    head.write_text(capsys.readouterr().out)
    assert main(["audit", "verify", *data, "--head", str(head)]) == 0
    assert "those to 5 are the ones that were signed" in capsys.readouterr().out
    spoil(store, "DELETE FROM audit WHERE number > 3")
    assert main(["audit", "verify", *data]) == 0
    assert main(["audit", "verify", *data, "--head", str(head)]) == 1
    assert "entry 4 is missing" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", "{}", "another"])
def test_a_head_that_is_none_of_this_registrars_is_wrong_use(
    store: Store, tmp_path: Path, capsys: Output, content: str
) -> None:
    head = tmp_path / "head.json"
    if content == "another":
        content = sign_head(None, AT, KEY).model_dump_json()
    head.write_text(content)
    assert main(["audit", "verify", "--data", str(store.folder), "--head", str(head)]) == 2
    assert str(head) in capsys.readouterr().err

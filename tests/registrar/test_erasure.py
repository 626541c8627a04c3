"""Who is erased is held no more; what is too old goes by rule; the audit log tells of it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from protocol.student import Student
from registrar import audit
from registrar.cli import main
from registrar.erasure import TABLES, digest_record, erase
from registrar.errors import UsageError
from registrar.intake import receive_envelope
from registrar.retention import count_due, run_retention
from registrar.serve import Server
from registrar.settings import RetentionSettings
from registrar.storage.tables import ROSTER_CHANGE
from registrar.store import Store
from tests.town import INSTITUTION, STAFF, TAKEN_AT, Town, picture, submission

LATER = TAKEN_AT + timedelta(days=400)
YEAR = RetentionSettings(students_days=365)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "registrar") as server:
        town = Town(server, tmp_path / "booth", students=5)
        for number in range(3):
            receive_envelope(town.store, server.keys, town.envelope(number), TAKEN_AT)
        yield town


def rows(store: Store) -> dict[str, int]:
    with store.database.connection() as db:
        return {
            table.name: db.execute(select(func.count()).select_from(table)).scalar_one()
            for table in TABLES
        }


def log(store: Store) -> list[str]:
    with store.database.connection() as db:
        assert audit.verify_log(db) is None
        return [f"{entry.action} {entry.subject} {entry.detail}" for entry in audit.entries(db)]


def erase_student(town: Town, number: int) -> None:
    erase(town.store, f"record-{number}", town.server.keys.signing_key, STAFF, LATER)


def test_nothing_is_held_of_who_is_erased(town: Town) -> None:
    town.refuse(1)
    town.permit(1)
    town.store.grants.give("record-1", "headwear", "faith", "office", TAKEN_AT)
    others = town.held()
    before = len(log(town.store))
    erase_student(town, 1)
    assert town.store.records.resolve("code-1") == "code_unknown"
    assert town.held() == {name: jpeg for name, jpeg in others.items() if name != submission(1)}
    assert len(list(town.store.objects.names("photos"))) == 2
    assert rows(town.store) == {
        "record": 4, "photo": 2, "permit": 0, "review": 0, "notice": 0, "comparison": 0,
        "standardisation": 0, "record_grant": 0,
    }  # fmt: skip
    (entry,) = log(town.store)[before:]
    assert digest_record("record-1", town.server.keys.signing_key) in entry
    assert not any(said in entry for said in ("record-1", "学生1", "2022000001", "code-1"))


@pytest.mark.one_file
def test_no_file_has_the_name_of_who_is_erased(town: Town) -> None:
    def anywhere(said: bytes) -> bool:
        files = [path for path in town.store.folder.rglob("*") if path.is_file()]
        return any(said in path.read_bytes() for path in files)

    sealed = town.store.photos.sealed(submission(1)) or b""
    assert anywhere("学生1".encode())
    assert anywhere(sealed)
    erase_student(town, 1)
    town.store.database.close()
    assert not anywhere("学生1".encode())
    assert not anywhere(str(submission(1)).encode())
    assert not anywhere(sealed)
    assert anywhere("学生2".encode())


def test_booths_are_told_that_the_roster_knows_the_code_no_more(town: Town) -> None:
    with town.store.database.transaction() as db:
        db.execute(ROSTER_CHANGE.delete())
    erase_student(town, 1)
    with town.store.database.connection() as db:
        noted = db.execute(select(ROSTER_CHANGE.c.institution_code, ROSTER_CHANGE.c.capture_code))
        assert [tuple(row) for row in noted] == [(INSTITUTION, "code-1")]


def test_a_photo_that_comes_after_its_student_was_erased_is_refused(town: Town) -> None:
    erase_student(town, 1)
    receipt = receive_envelope(town.store, town.server.keys, town.envelope(1), TAKEN_AT)
    assert receipt.refused == "record_unknown"
    assert len(list(town.store.objects.names("photos"))) == 2


def test_who_is_not_held_is_not_erased(town: Town) -> None:
    before = log(town.store)
    with pytest.raises(UsageError, match="record-9: is not held"):
        erase_student(town, 9)
    assert log(town.store) == before


def test_an_object_that_a_kill_has_left_is_swept(town: Town) -> None:
    ((name, _), *_) = town.store.objects.names("photos")
    sealed = town.store.objects.get(name)
    erase_student(town, int(next(n for n in range(3) if str(submission(n)) in name)))
    town.store.objects.put(name, sealed)
    assert town.store.photos.sweep(TAKEN_AT.timestamp() * 2) == 1
    assert len(list(town.store.objects.names("photos"))) == 2


def test_staff_erase_and_are_told_what_it_cannot_reach(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["erase", "--data", str(town.store.folder), "record-1"]
    assert main(words) == 2  # nobody was there to ask
    assert main([*words, "--yes"]) == 0
    said = capsys.readouterr()
    assert "1 photos" in said.out
    assert "exports" in said.err
    assert main([*words, "--yes"]) == 2


def test_by_rule_students_go_whose_newest_photo_is_too_old(town: Town) -> None:
    town.approve(0, 1)
    key = town.server.keys.signing_key
    with town.store.database.connection() as db:
        (due,) = count_due(db, YEAR, LATER)
    assert (due.records, due.photos, due.waiting) == (2, 2, 1)
    assert town.store.photos.count() == 3  # counting changes nothing
    assert run_retention(town.store, YEAR, key, LATER) == [due]
    assert list(town.held()) == [submission(2)]  # nobody has reviewed it
    assert isinstance(town.store.records.resolve("code-4"), Student)
    entry = log(town.store)[-1]
    assert entry.startswith("retention.run students_days")
    assert '"photos":2' in entry
    assert digest_record("record-0", key) in entry
    assert "record-0" not in entry
    assert run_retention(town.store, YEAR, key, LATER)[0].photos == 0


def test_nobody_goes_before_the_day(town: Town) -> None:
    town.approve(0, 1, 2)
    at = TAKEN_AT + timedelta(days=364)
    assert run_retention(town.store, YEAR, town.server.keys.signing_key, at)[0].records == 0


def test_refused_photos_go_by_a_rule_of_their_own(town: Town) -> None:
    town.refuse(1)
    rule = RetentionSettings(refused_photos_days=30)
    (done,) = run_retention(town.store, rule, town.server.keys.signing_key, LATER)
    assert (done.records, done.photos) == (0, 1)
    assert sorted(town.held()) == sorted([submission(0), submission(2)])
    answer = town.store.records.resolve("code-1")
    assert isinstance(answer, Student)
    assert answer.refused is None


@pytest.mark.one_file
def test_staff_see_first_what_would_go(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data", str(town.store.folder)]
    town.approve(0)
    assert main(["retention", *data, "--run"]) == 0
    assert "everything is kept" in capsys.readouterr().out
    (town.store.folder / "registrar.toml").write_text("[retention]\nstudents_days = 1\n")
    assert main(["retention", *data, "--dry-run"]) == 0
    assert "1 records and 1 photos would go" in capsys.readouterr().out
    assert main(["retention", *data, "--run"]) == 0
    assert "1 records and 1 photos gone" in capsys.readouterr().out
    assert town.jpeg(submission(1)) == picture(1)
    assert main(["sweep", *data]) == 0

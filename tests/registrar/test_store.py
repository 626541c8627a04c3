"""The data folder: who may be photographed, and each photo once."""

import stat
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from protocol.student import Student
from registrar.errors import StoreError, UsageError
from registrar.keys import Keys
from registrar.store import ImportResult, Store
from tests.town import record

KEY = SigningKey(b"k" * 32).verify_key


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data")


def test_only_the_owner_enters_the_data_folder(store: Store) -> None:
    Keys.of(store.folder)
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in store.folder.iterdir()} == {0o600}


def test_keys_are_made_once_and_kept(store: Store) -> None:
    first, second = Keys.of(store.folder), Keys.of(store.folder)
    assert bytes(first.seal_key) == bytes(second.seal_key)
    assert bytes(first.signing_key) == bytes(second.signing_key)


@pytest.mark.parametrize("content", [b"", b"\xff\xff", b"c2hvcnQ="])
def test_a_spoiled_key_is_named_and_never_made_anew(store: Store, content: bytes) -> None:
    Keys.of(store.folder)
    (store.folder / "seal.key").write_bytes(content)
    with pytest.raises(StoreError, match=r"seal\.key"):
        Keys.of(store.folder)
    assert (store.folder / "seal.key").read_bytes() == content


def test_records_are_added_and_changed_but_never_removed(store: Store) -> None:
    assert store.import_records([record(1), record(2)]) == ImportResult(2, 0, 0)
    changed = record(2, college="法学院")
    assert store.import_records([changed, record(3)]) == ImportResult(1, 1, 0)
    assert store.import_records([changed]) == ImportResult(0, 0, 1)
    assert [kept for kept, _ in store.records()] == [record(1), record(3), changed]


def test_an_import_that_fails_changes_nothing(store: Store) -> None:
    store.import_records([record(1)])
    thief = record(3, capture_code="code-1")
    with pytest.raises(UsageError, match="record-3"):
        store.import_records([record(2), thief])
    assert [kept for kept, _ in store.records()] == [record(1)]


def test_a_code_resolves_to_its_student_or_to_the_reason_why_not(store: Store) -> None:
    store.import_records([record(1), record(2, student_no=""), record(3, student_no="0")])
    found = store.resolve("code-1")
    assert isinstance(found, Student)
    assert found.name == "学生1"
    assert store.resolve("code-2") == "record_abnormal"
    assert store.resolve("code-3") == "record_abnormal"
    assert store.resolve("code-4") == "code_unknown"


def test_a_booths_name_is_not_handed_to_another_key(store: Store) -> None:
    store.enrol_booth("booth-1", KEY)
    store.enrol_booth("booth-1", KEY)
    with pytest.raises(UsageError, match="registrar booth remove booth-1"):
        store.enrol_booth("booth-1", SigningKey(b"x" * 32).verify_key)
    assert store.booths() == {"booth-1": KEY}
    store.remove_booth("booth-1")
    with pytest.raises(UsageError, match="not enrolled"):
        store.remove_booth("booth-1")


def test_a_permit_for_an_unknown_record_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="record-9"):
        store.grant("record-9")


def test_a_file_in_the_data_folders_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(StoreError, match="--data"):
        Store(tmp_path / "data")


def test_a_damaged_data_file_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "registrar.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match=r"registrar\.sqlite"):
        Store(tmp_path)
    assert path.read_bytes() == b"no database at all" * 100

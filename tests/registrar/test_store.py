"""The data folder: who may be photographed, and each photo once."""

import stat
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from protocol.student import Student
from registrar.booths import FormerKey
from registrar.errors import StoreError, UsageError
from registrar.keys import Keys
from registrar.records import ImportResult
from registrar.roster import Record
from registrar.store import Store
from tests.town import record

KEY = SigningKey(b"k" * 32).verify_key


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data")


def test_only_the_owner_enters_the_data_folder(store: Store) -> None:
    Keys.of(store)
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in store.folder.iterdir()} == {0o600}


def test_keys_are_made_once_and_kept(store: Store) -> None:
    first, second = Keys.of(store), Keys.of(store)
    assert first.vault.public_key == second.vault.public_key
    assert bytes(first.signing_key) == bytes(second.signing_key)


@pytest.mark.parametrize("missing", [("seal.key",), ("sign.key",), ("seal.key", "sign.key")])
def test_a_missing_key_is_never_made_anew_once_booths_know_it(
    store: Store, missing: tuple[str, ...]
) -> None:
    Keys.of(store)
    store.booths.enrol("booth-1", KEY)
    copies = {name: (store.folder / name).read_bytes() for name in missing}
    for name in missing:
        (store.folder / name).unlink()
    with pytest.raises(StoreError, match=rf"{missing[0]}: is missing.*from a copy.*--data"):
        Keys.of(store)
    assert not any((store.folder / name).exists() for name in missing)
    for name, content in copies.items():
        (store.folder / name).write_bytes(content)
    Keys.of(store)


def test_another_key_than_booths_know_is_named(store: Store, tmp_path: Path) -> None:
    Keys.of(store)
    Keys.of(Store(tmp_path / "other"))
    other = (tmp_path / "other" / "seal.key").read_bytes()
    (store.folder / "seal.key").write_bytes(other)
    with pytest.raises(StoreError, match=r"seal\.key: is not the key that booths were told"):
        Keys.of(store)


@pytest.mark.one_file
@pytest.mark.parametrize("content", [None, b""])
@pytest.mark.parametrize("elsewhere", [(), ("seal.key",)], ids=["", "the seal key at its vault"])
def test_a_missing_data_file_is_never_made_anew_beside_its_keys(
    store: Store, content: bytes | None, elsewhere: tuple[str, ...]
) -> None:
    Keys.of(store)
    for file in elsewhere:
        (store.folder / file).unlink()
    for path in store.folder.glob("registrar.sqlite*"):
        path.unlink()
    if content is not None:
        (store.folder / "registrar.sqlite").write_bytes(content)
    with pytest.raises(StoreError, match=r"registrar\.sqlite: is missing or empty.*from a copy"):
        Store(store.folder)


def test_no_key_is_kept_where_others_could_read_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def share(path: Path, data: bytes) -> None:
        path.write_bytes(data)
        path.chmod(0o644)

    monkeypatch.setattr("registrar.key_files.write_new", share)
    with pytest.raises(StoreError, match=r"keeps no permissions.*--data"):
        Keys.of(store)
    assert not (store.folder / "seal.key").exists()


@pytest.mark.parametrize("content", [b"", b"\xff\xff", b"c2hvcnQ="])
def test_a_spoiled_key_is_named_and_never_made_anew(store: Store, content: bytes) -> None:
    Keys.of(store)
    (store.folder / "seal.key").write_bytes(content)
    with pytest.raises(StoreError, match=r"seal\.key"):
        Keys.of(store)
    assert (store.folder / "seal.key").read_bytes() == content


def test_records_are_added_and_changed_but_never_removed(store: Store) -> None:
    assert store.records.import_records([record(1), record(2)]) == ImportResult(2, 0, 0)
    changed = record(2, college="法学院")
    assert store.records.import_records([changed, record(3)]) == ImportResult(1, 1, 0)
    assert store.records.import_records([changed]) == ImportResult(0, 0, 1)
    assert [kept for kept, _ in store.records.all()] == [record(1), record(3), changed]


def with_codes(*codes: str) -> list[Record]:
    """Students 1, 2, 3 … with these codes."""
    return [record(number, capture_code=code) for number, code in enumerate(codes, start=1)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("abc", "bca"),  # the column was sorted by itself
        ("bca", "abc"),  # and the right file after it
        ("abc", "bac"),
        ("abcd", "badc"),
        ("abc", "bcd"),  # shifted by a row: the last is new
        ("abcd", "eabc"),
    ],
)
def test_codes_may_go_from_hand_to_hand_within_one_file(
    store: Store, before: str, after: str
) -> None:
    store.records.import_records(with_codes(*before))
    store.records.import_records(with_codes(*after))
    assert [kept.capture_code for kept, _ in store.records.all()] == list(after)
    resolved = store.records.resolve(after[0])
    assert isinstance(resolved, Student)
    assert resolved.record_id == "record-1"


def test_student_numbers_may_go_from_hand_to_hand_too(store: Store) -> None:
    store.records.import_records([record(1, student_no="1"), record(2, student_no="2")])
    store.records.import_records([record(1, student_no="2"), record(2, student_no="1")])
    assert [kept.student_no for kept, _ in store.records.all()] == ["1", "2"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"capture_code": "code-1"}, "capture code belongs to record record-1"),
        ({"student_no": "2022000001"}, "student number belongs to record record-1: 2022000001"),
        ({"student_no": "x1"}, "student number belongs to record record-5: x1"),
    ],
)
def test_an_import_that_fails_changes_nothing_and_names_both_records(
    store: Store, change: dict[str, str], what: str
) -> None:
    before = [record(1), record(5, student_no="X1")]
    store.records.import_records(before)
    with pytest.raises(UsageError, match=rf"record record-3: its {what}.*nothing was imported"):
        store.records.import_records([record(2), record(3, **change)])
    assert [kept for kept, _ in store.records.all()] == before


def test_many_records_may_be_without_a_student_number(store: Store) -> None:
    store.records.import_records([record(1, student_no=""), record(2, student_no="")])
    store.records.import_records([record(3, student_no="0"), record(4, student_no="0")])
    assert store.counts().records == 4


def test_a_code_resolves_to_its_student_or_to_the_reason_why_not(store: Store) -> None:
    store.records.import_records([record(1), record(2, student_no=""), record(3, student_no="0")])
    found = store.records.resolve("code-1")
    assert isinstance(found, Student)
    assert found.name == "学生1"
    assert store.records.resolve("code-2") == "record_abnormal"
    assert store.records.resolve("code-3") == "record_abnormal"
    assert store.records.resolve("code-4") == "code_unknown"


def test_a_booths_name_is_not_handed_to_another_key(store: Store) -> None:
    store.booths.enrol("booth-1", KEY)
    store.booths.enrol("booth-1", KEY)
    with pytest.raises(UsageError, match="registrar booth remove booth-1"):
        store.booths.enrol("booth-1", SigningKey(b"x" * 32).verify_key)
    assert store.booths.served() == {"booth-1": KEY}
    store.booths.remove("booth-1")
    with pytest.raises(UsageError, match="not enrolled"):
        store.booths.remove("booth-1")


def test_a_booths_former_keys_are_remembered_until_it_is_enrolled_with_them_again(
    store: Store,
) -> None:
    store.booths.enrol("booth-1", KEY)
    assert store.booths.former_keys() == []
    store.booths.remove("booth-1")
    assert store.booths.former_keys() == [FormerKey("booth-1", KEY, accepted=False)]
    store.booths.accept_former_keys("booth-1")
    assert store.booths.former_keys() == [FormerKey("booth-1", KEY, accepted=True)]
    with pytest.raises(UsageError, match="booth-2: has no former key"):
        store.booths.accept_former_keys("booth-2")
    store.booths.enrol("booth-1", KEY)
    assert store.booths.former_keys() == []


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

"""The roster at the booth: offline it serves who is there, and names nobody to a thief."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from kiosk.sync.errors import Forged
from kiosk.sync.resolve import resolve
from kiosk.sync.roster import RosterExtract, keep_extract, read_extract
from protocol.roster import Extract, Resolution, sign_extract
from protocol.student import Student
from registrar.serve import Server
from tests.town import INSTITUTION, TAKEN_AT, Town, record

KEY = SigningKey(b"k" * 32)
STUDENT = Student("record-1", "林小雨", "2022010001", INSTITUTION, "示范大学", "文学院")
ANSWERS: dict[str, Resolution] = {
    "code-1": STUDENT,
    "code-2": "already_photographed",
    "code-3": "record_abnormal",
}


def extract(salt: bytes = b"s" * 32) -> RosterExtract:
    return RosterExtract.open(sign_extract(ANSWERS, TAKEN_AT, salt, KEY), KEY.verify_key)


def entries_of(of: RosterExtract) -> dict[str, bytes]:
    return Extract.model_validate_json(b"".join(of.signed())[64:]).entries


def test_the_extract_answers_as_the_registrar_would_have() -> None:
    assert {code: extract().find(code) for code in ANSWERS} == ANSWERS
    assert extract().find("code-4") is None
    assert extract().issued_at == TAKEN_AT


def test_the_extract_names_nobody_without_a_code() -> None:
    for text in (STUDENT.name, STUDENT.student_no, STUDENT.record_id, "code-1", "already"):
        assert text.encode() not in b"".join(extract().signed())


def test_every_entry_is_as_long_as_another() -> None:
    entries = entries_of(extract()).values()
    assert len({len(entry) for entry in entries}) == 1


def test_two_extracts_cannot_be_compared() -> None:
    one, other = entries_of(extract(b"s" * 32)), entries_of(extract(b"t" * 32))
    assert not one.keys() & other.keys()


def test_an_extract_that_another_signed_or_changed_is_not_believed() -> None:
    signed = b"".join(extract().signed())
    for forged in (signed[:-1], signed[:64] + b" " + signed[64:], b"", b"x" * 200):
        with pytest.raises(Forged):
            RosterExtract.open(forged, KEY.verify_key)
    with pytest.raises(Forged):
        RosterExtract.open(signed, SigningKey(b"x" * 32).verify_key)


def test_an_extract_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "state" / "roster.extract"
    assert read_extract(path, KEY.verify_key) is None
    keep_extract(path, extract())
    kept = read_extract(path, KEY.verify_key)
    assert kept is not None
    assert kept.find("code-1") == STUDENT
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(Forged, match=r"roster\.extract"):
        read_extract(path, KEY.verify_key)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "registrar") as server:
        yield Town(server, tmp_path / "booth", students=2)


def test_the_registrar_is_asked_before_the_extract(town: Town) -> None:
    found = resolve("code-1", town.client(), extract(), INSTITUTION)
    assert isinstance(found, Student)
    assert found.name == "学生1"
    assert resolve("code-9", town.client(), extract(), INSTITUTION) == "code_unknown"


def test_another_institutions_student_is_not_admitted(town: Town) -> None:
    assert resolve("code-1", town.client(), None, "10001") == "other_institution"


def test_offline_the_extract_is_asked(town: Town) -> None:
    away = town.client("http://127.0.0.1:9")
    assert resolve("code-1", away, extract(), INSTITUTION) == STUDENT
    assert resolve("code-2", away, extract(), INSTITUTION) == "already_photographed"
    assert resolve("code-9", away, extract(), INSTITUTION) == "code_unknown"
    assert resolve("code-1", away, extract(), "10001") == "other_institution"
    assert resolve("code-1", away, None, INSTITUTION) == "registrar_unreachable"


def test_the_extract_is_fetched_once_until_the_roster_changes(town: Town) -> None:
    client = town.client()
    first = client.roster(None)
    assert client.roster(first) is first
    town.store.records.import_records([record(7)])
    second = client.roster(first)
    assert second is not first
    assert second.find("code-7") is not None


def test_an_older_extract_does_not_replace_a_newer_one(town: Town) -> None:
    ahead = datetime.now(UTC) + timedelta(minutes=2)
    newer = sign_extract(ANSWERS, ahead, b"s" * 32, town.server.keys.signing_key)
    held = RosterExtract.open(newer, town.server.keys.signing_key.verify_key)
    with pytest.raises(Forged, match="older"):
        town.client().roster(held)

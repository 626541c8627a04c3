"""The roster on the wire: an answer is a student or a reason; an extract opens by code alone."""

from datetime import UTC, datetime
from functools import partial

import pytest
from nacl.signing import SigningKey
from pydantic import ValidationError

from protocol.roster import RESOLUTION, Resolution, entry_index, entry_key, sign_extract
from protocol.roster_extract import SignedExtract
from protocol.student import Student

STUDENT = Student("record-1", "林小雨", "2022010001", "10000", "示范大学", "文学院")


def test_a_resolution_is_a_student_or_a_reason() -> None:
    assert RESOLUTION.validate_json(RESOLUTION.dump_json(STUDENT)) == STUDENT
    assert RESOLUTION.validate_json(b'"record_abnormal"') == "record_abnormal"
    with pytest.raises(ValidationError):
        RESOLUTION.validate_json(b'"because"')


def test_an_entrys_place_does_not_give_its_key() -> None:
    salt = b"s" * 32
    assert bytes.fromhex(entry_index("code", salt)) != entry_key("code", salt)
    assert entry_index("code", salt) != entry_index("code", b"t" * 32)


def test_a_large_extract_finds_each_code_without_being_read_whole() -> None:
    key, salt = SigningKey(b"k" * 32), b"s" * 32
    long = Student("r", "长" * 900, "2022", "10000", "示范大学", "文学院")
    answers: dict[str, Resolution] = {f"code-{n}": "record_abnormal" for n in range(300)}
    answers |= {"long": long}
    signed = sign_extract(answers, datetime(2026, 6, 1, tzinfo=UTC), salt, key)
    read: list[int] = []

    def read_at(place: int, size: int) -> bytes:
        read.append(size)
        return signed[place : place + size]

    extract = SignedExtract(read_at, key.verify_key)
    assert len(extract) == 301
    read.clear()
    assert {code: extract.find(code) for code in answers} == answers
    assert sum(read) / len(answers) < len(signed) / 2
    assert [extract.find(f"no-code-{n}") for n in range(50)] == [None] * 50


def test_what_is_signed_and_no_extract_is_refused() -> None:
    key = SigningKey(b"k" * 32)
    for text in (b"", b"{}", b'{"kind":"roster extract 2","issued_at":"","salt":"","entries":{}}'):
        signed = bytes(key.sign(text))
        with pytest.raises(ValueError, match=r"extract|validation"):
            SignedExtract(partial(read_of, signed), key.verify_key)
    empty = sign_extract({}, datetime(2026, 6, 1, tzinfo=UTC), b"s" * 32, key)
    assert len(SignedExtract(partial(read_of, empty), key.verify_key)) == 0


def read_of(signed: bytes, place: int, size: int) -> bytes:
    return signed[place : place + size]

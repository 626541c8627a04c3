"""The roster on the wire: an answer is a student or a reason; an extract opens by code alone."""

import pytest
from pydantic import ValidationError

from protocol.roster import RESOLUTION, entry_index, entry_key
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

"""The roster on the wire: an answer is a student or a reason."""

import pytest
from pydantic import ValidationError

from protocol.roster import ANSWER, RESOLUTION
from protocol.student import Student

STUDENT = Student("record-1", "林小雨", "2022010001", "10000", "示范大学", "文学院")


def test_a_resolution_is_a_student_or_a_reason() -> None:
    assert RESOLUTION.validate_json(RESOLUTION.dump_json(STUDENT)) == STUDENT
    assert RESOLUTION.validate_json(b'"record_abnormal"') == "record_abnormal"
    with pytest.raises(ValidationError):
        RESOLUTION.validate_json(b"1")


def test_a_reason_that_this_release_has_no_word_for_admits_nobody() -> None:
    assert RESOLUTION.validate_json(b'"because"') == "not_admitted"
    assert ANSWER.validate_json(b'"because"') == "not_admitted"

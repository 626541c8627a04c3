"""What no capture code can be: booths and rosters go by the same rules."""

import pytest

from protocol.capture_code import LONGEST_CODE, OTHER_CODES, find_code_fault


@pytest.mark.parametrize("text", ["a", "https://my.chsi.com.cn/x?y=1", "x" * LONGEST_CODE])
def test_a_text_that_may_be_a_code_has_no_fault(text: str) -> None:
    assert find_code_fault(text) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "is empty"),
        (" ", "is empty"),
        ("x" * 513, "is 513 characters long, and a capture code at most 512"),
        ("a\u200bb", "holds characters that cannot be printed"),
        *((f"{beginning.upper()}x", what) for beginning, what in OTHER_CODES.items()),
    ],
)
def test_a_text_that_cannot_be_a_code_is_told_why(text: str, fault: str) -> None:
    found = find_code_fault(text)
    assert found is not None
    assert fault in found

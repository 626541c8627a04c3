"""Keys as text: 32 bytes in base64, or an error that says so."""

import pytest

from protocol.keys import decode_key, encode_key

KEY = bytes(range(32))


def test_a_key_comes_back_from_its_text() -> None:
    assert decode_key(encode_key(KEY)) == KEY
    assert decode_key(f" {encode_key(KEY)}\n".encode()) == KEY


@pytest.mark.parametrize("text", ["", "nonsense", "c2hvcnQ=", encode_key(KEY)[:-1], "ü" * 44])
def test_what_is_no_key_is_refused_with_what_is_wanted(text: str) -> None:
    with pytest.raises(ValueError, match="32 bytes in base64 are wanted"):
        decode_key(text)

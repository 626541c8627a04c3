"""A booth's request: its signature holds for this request alone."""

import pytest
from nacl.signing import SigningKey

from protocol.request import (
    SIGNATURE_HEADER,
    is_loopback,
    is_request_signed,
    request_message,
    sign_request,
)

KEY = SigningKey(b"b" * 32)


def test_a_requests_parts_cannot_be_moved_into_each_other() -> None:
    one = request_message("POST", "/v1/resolve", "booth-1", "23", b"")
    other = request_message("POST", "/v1/resolve", "booth-12", "3", b"")
    assert one != other


def test_the_headers_sign_the_request() -> None:
    request = ("POST", "/v1/resolve", "booth-1", "23", b"body")
    signature = sign_request(*request, KEY)[SIGNATURE_HEADER]
    assert is_request_signed(signature, request_message(*request), KEY.verify_key)
    other = request_message(*request[:-1], b"another body")
    assert not is_request_signed(signature, other, KEY.verify_key)


@pytest.mark.parametrize("signature", ["", "no hexadecimal", "ab", "ab" * 64])
def test_what_is_no_signature_signs_nothing(signature: str) -> None:
    assert not is_request_signed(signature, b"message", KEY.verify_key)


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("192.168.0.4", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_only_this_machines_own_address_is_loopback(host: str, own: bool) -> None:
    assert is_loopback(host) is own

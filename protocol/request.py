"""A booth's request over HTTP: the headers that sign it, and the answer where it is not served."""

import base64
import hashlib
import re
from ipaddress import ip_address
from typing import Literal

from nacl.signing import SigningKey, VerifyKey

from protocol.signing import is_signature, join_parts
from protocol.wire import WireType

PREFIX = "/v1"
"""Every path of the protocol starts with its version."""

CLOCK_WINDOW = 300
"""Seconds by which a booth's clock may differ from the registrar's, and a request be repeated."""

LARGEST_BODY = 4_000_000
"""Bytes of the largest body of a request: the largest photo there may be, four times over."""

BOOTH_HEADER = "Booth-Id"
TIME_HEADER = "Booth-Time"
"""Whole seconds since 1970, by the booth's clock."""
SIGNATURE_HEADER = "Booth-Signature"
"""The booth's signature of `request_message`, in hexadecimal."""
DIGEST_HEADER = "Booth-Digest"
"""The SHA-256 of the body, in hexadecimal: so the signature can be judged before the body comes."""
CONTENT_DIGEST_HEADER = "Content-Digest"
"""The same as RFC 9530 writes it, which newer requests have in its place."""

_CONTENT_DIGEST = re.compile(r"\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*")


class Problem(WireType):
    """Why a request was not served."""

    error: Literal[
        "not_enrolled",
        "clock_wrong",
        "malformed",
        "garbled",
        "too_large",
        "too_slow",
        "code_unknown",
        "too_many",
    ]
    """`malformed` and `too_large` are said of what the booth has signed, `garbled` of what came in
    its place: that is to be sent again."""
    detail: str


def sign_request(
    method: str, path: str, booth_id: str, time: str, body: bytes, key: SigningKey
) -> dict[str, str]:
    """Make the headers that a booth's request is served by."""
    message = request_message(method, path, booth_id, time, body)
    return {
        BOOTH_HEADER: booth_id,
        TIME_HEADER: time,
        DIGEST_HEADER: hashlib.sha256(body).hexdigest(),
        SIGNATURE_HEADER: key.sign(message).signature.hex(),
    }


def write_content_digest(content: bytes) -> str:
    """Write the digest of a request's content, as RFC 9530 does."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def read_content_digest(text: str) -> bytes | None:
    """Read such a digest, 32 bytes; None where it is not one of SHA-256 alone."""
    found = _CONTENT_DIGEST.fullmatch(text)
    return None if found is None else base64.b64decode(found[1])


def is_request_signed(signature: str, message: bytes, key: VerifyKey) -> bool:
    """Say whether the signature's header is this booth's of a `request_message`."""
    try:
        return is_signature(bytes.fromhex(signature), message, key)
    except ValueError:
        return False


def request_message(method: str, path: str, booth_id: str, time: str, body: bytes) -> bytes:
    """Join the bytes that a booth signs so that its request is served."""
    return headers_message(method, path, booth_id, time, hashlib.sha256(body).digest())


def headers_message(method: str, path: str, booth_id: str, time: str, digest: bytes) -> bytes:
    """Join the same bytes as `request_message`, of a body of which the SHA-256 is known."""
    texts = (method, path, booth_id, time)
    return join_parts("request 1", *(text.encode() for text in texts), digest)


def is_loopback(host: str) -> bool:
    """Say whether a host's name or address is this machine's to itself.

    Only such a one is asked without TLS. Other names may lead here too: an attacker's page uses
    that to reach a server on loopback.
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

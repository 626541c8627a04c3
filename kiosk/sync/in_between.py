"""What stands between booth and registrar, told by what it answers: proxies, portals, filters."""

import socket
import ssl
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import NameResolutionError, ReadTimeoutError

_LET_THROUGH = "have the network's staff let this booth through to the registrar"

_EXPIRED, _NOT_YET, _OTHER_NAME = 10, 9, {62, 64}
"""Verdicts of OpenSSL on a certificate: x509_vfy.h."""


ELSEWHERE = (
    "leads to what is no address, as a network's broken log-in page may;"
    f" {_LET_THROUGH}, or mend sync.registrar"
)
"""What is said of a redirect that cannot be read."""


def explain_error(error: requests.RequestException) -> str:
    """Say in words why a request came to nothing, with the way out."""
    causes = list(_causes(error))
    if isinstance(error, requests.exceptions.ProxyError):
        return _explain_proxy(causes)
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _explain_certificate(cause)
    if isinstance(error, requests.exceptions.SSLError):
        return "speaks no TLS; see that the port is right and that the registrar serves with TLS"
    # What stalls within an answer is called an error of the connection.
    stalled = any(isinstance(cause, ReadTimeoutError) for cause in causes)
    if stalled or isinstance(error, requests.exceptions.Timeout):
        return "gives no answer in time; check the network"
    if any(isinstance(cause, NameResolutionError | socket.gaierror) for cause in causes):
        return "its name is not found; check sync.registrar and the network's name server"
    if any(isinstance(cause, ConnectionResetError | BrokenPipeError) for cause in causes):
        return "was reached, and cut off in the middle; check the network and that it runs"
    return "cannot be reached; check the network and that it runs"


def explain_answer(status: int, headers: Mapping[str, str], content: bytes) -> str | None:
    """Say what answers in the registrar's place, with the way out; None where that is not told."""
    if status == requests.codes.proxy_authentication:
        return _PASSWORD
    if status == requests.codes.network_authentication:
        return f"the network asks for a log-in before it (511); {_LET_THROUGH}"
    if requests.codes.multiple_choices <= status < requests.codes.bad_request:
        if status == requests.codes.not_modified:
            return None
        try:
            host = urlsplit(headers.get("Location", "")).hostname
        except ValueError:
            host = None
        to = f" to {host}" if host else ""
        return (
            f"leads elsewhere{to} (HTTP status {status}), as a network's log-in page does;"
            f" {_LET_THROUGH}, or mend sync.registrar"
        )
    if status < requests.codes.server_error and is_web_page(headers, content):
        return (
            "a web page comes in the place of its answer, as from a network's log-in page or"
            f" filter; {_LET_THROUGH}, or mend sync.registrar"
        )
    return None


def is_web_page(headers: Mapping[str, str], content: bytes) -> bool:
    """Say whether an answer is a page for people; a registrar gives a booth none."""
    kind = headers.get("Content-Type", "").lower()
    start = content[:512].lstrip().lower()
    return kind.startswith("text/html") or start.startswith((b"<!doctype html", b"<html"))


_PASSWORD = (
    "a proxy before it asks for a password (407); put it into the proxy's address:"
    " systemctl edit kiosk-sync kiosk-resolver, Environment=HTTPS_PROXY=http://NAME:PASSWORD@HOST"
)


def _explain_proxy(causes: list[BaseException]) -> str:
    if any("407" in str(cause) for cause in causes):
        return _PASSWORD
    return (
        "the proxy that $HTTPS_PROXY names does not lead to it;"
        " mend its address in the unit (systemctl cat kiosk-sync), or take it away"
    )


def _explain_certificate(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in _OTHER_NAME:
        return (
            "what answers has the certificate of another name, as a network's log-in page has;"
            f" {_LET_THROUGH}, or mend sync.registrar"
        )
    if error.verify_code in (_EXPIRED, _NOT_YET):
        return "its certificate is not of this day; check the clock here, then the certificate"
    return (
        "its certificate is not trusted; have its authority's certificate put into this machine's"
        " store, and see that no proxy opens TLS"
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error, and those that it was raised from or carries."""
    waiting: list[BaseException] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        parts = [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
        waiting += [part for part in parts if isinstance(part, BaseException)]

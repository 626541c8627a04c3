"""The line to the registrar's address: one request at a time over HTTP, within bounds of its own.

How long it takes as a whole, how much comes back, how fast: whatever answers, or does not, it ends.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

from kiosk.errors import UsageError
from kiosk.sync.deadline import call_within
from kiosk.sync.errors import LeftToNext, Unreachable
from kiosk.sync.in_between import ELSEWHERE, explain_answer, explain_error
from kiosk.sync.pace import PIECE, Pace, PacedBody
from protocol.request import is_loopback

LARGEST_ANSWER = 16_000_000
"""Bytes; a registrar sends some million of a roster at once."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Line:
    """Asks one address. Not for use by two threads at once."""

    def __init__(
        self,
        url: str,
        *,
        timeout: tuple[float, float],
        deadline: float,
        run_seconds: float | None = None,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the registrar's address, and the seconds to wait for a connection and an answer.

        `deadline` bounds a request as a whole, in seconds: the look-up of the name, the connection
        and the last byte of the answer; `run_seconds` all requests of this line together. `clock`
        is in seconds.

        Raises UsageError for an address that would carry names over the network in the clear.
        """
        self.url = url.rstrip("/")
        self._timeout, self._deadline, self._pace = timeout, deadline, pace
        self._clock = clock
        self._until = None if run_seconds is None else clock() + run_seconds
        self._is_local = is_without_tls(url)
        self._session = self._open_session()

    def close(self) -> None:
        """Let go of the connection; may be called twice."""
        self._session.close()

    def ask(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        """Ask, whatever the answer's status.

        Raises Unreachable, LeftToNext where the time is over or something stands in between.
        """
        session, pace = self._session, self._pace
        sent = {"Accept-Encoding": "identity", **headers}  # so that none grows as it is unpacked

        def ask() -> HttpAnswer:
            with session.request(
                method,
                self.url + path,
                params=query,
                data=body if pace is None else PacedBody(body, pace),
                headers=sent,
                timeout=self._timeout,
                allow_redirects=False,  # a redirect could lead to the clear, or to a stranger
                stream=True,
            ) as response:
                content = self._read(response, pace)
            return HttpAnswer(response.status_code, response.headers, content)

        try:
            answer = call_within(self._seconds_left(), ask)
        except ValueError as error:
            if isinstance(error, requests.RequestException):
                raise Unreachable(self.say(explain_error(error))) from error
            raise LeftToNext(self.say(ELSEWHERE)) from error
        except requests.exceptions.ProxyError as error:
            raise LeftToNext(self.say(explain_error(error))) from error
        except requests.RequestException as error:
            raise Unreachable(self.say(explain_error(error))) from error
        except TimeoutError as error:
            self._session = self._open_session()  # the late request may still use the other
            raise Unreachable(self.say("gives no answer in time; check the network")) from error
        if answer.status == requests.codes.request_timeout:
            self._session.close()  # its connection has no room for another request (RFC 9110)
        in_between = explain_answer(answer.status, answer.headers, answer.content)
        if in_between is not None:
            raise LeftToNext(self.say(in_between))
        return answer

    def say(self, what: str) -> str:
        """Say something of the registrar that is asked."""
        return f"registrar {self.url}: {what}"

    def _seconds_left(self) -> float:
        if self._until is None:
            return self._deadline
        left = self._until - self._clock()
        if left <= 0:
            raise LeftToNext(self.say("is slow, and this run's time is over; the next goes on"))
        return min(self._deadline, left)

    def _read(self, response: requests.Response, pace: Pace | None) -> bytes:
        content = bytearray()
        for piece in response.iter_content(PIECE):
            content += piece
            if len(content) > LARGEST_ANSWER:
                raise Unreachable(self.say("answers without end; see what is at this address"))
            if pace is not None:
                pace.wait_for(len(piece))
        return bytes(content)

    def _open_session(self) -> requests.Session:
        session = requests.Session()
        # No proxy lies between this machine and itself.
        session.trust_env = not self._is_local
        return session


def is_without_tls(url: str) -> bool:
    """Say whether an address is without TLS; raises UsageError where it may not be."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host:
        raise UsageError(f"registrar {url}: is no http or https address")
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(f"registrar {url}: names would travel in the clear; use https")
    return parts.scheme == "http"

"""Requests that the booth signs, and answers of which it is certain that a registrar gave them."""

from collections.abc import Callable, Mapping

import requests
from nacl.signing import SigningKey, VerifyKey
from pydantic import TypeAdapter, ValidationError

from kiosk.errors import SyncError
from kiosk.sync.clock import read_http_date, read_since_boot
from kiosk.sync.errors import (
    ClockWrong,
    Garbled,
    NoSuchPath,
    NotEnrolled,
    NotTaken,
    Unreachable,
)
from kiosk.sync.line import HttpAnswer, Line
from protocol.request import (
    CONTENT_DIGEST_HEADER,
    DIGEST_HEADER,
    LARGEST_BODY,
    Problem,
    sign_request,
    write_content_digest,
)

_PROBLEM = TypeAdapter(Problem)

_PROBLEMS: Mapping[str, type[SyncError]] = {
    "not_enrolled": NotEnrolled,
    "clock_wrong": ClockWrong,
    "malformed": NotTaken,
    "too_large": NotTaken,
    "garbled": Garbled,
}
"""What is raised for which; the others say nothing of what was sent."""

_SERVED = {
    requests.codes.ok,
    requests.codes.created,
    requests.codes.partial,
    requests.codes.not_modified,
    requests.codes.conflict,
}

_NO_SUCH = {
    requests.codes.not_found,
    requests.codes.method_not_allowed,
    requests.codes.not_implemented,
}


class SignedLine:
    """A line on which one booth asks. Not for use by two threads at once."""

    def __init__(
        self, line: Line, booth_id: str, key: SigningKey, clock: Callable[[], float]
    ) -> None:
        """Sign by `key` as `booth_id`; `clock` is in seconds since 1970."""
        self.line, self.booth_id = line, booth_id
        self._key, self._clock = key, clock
        self.told_time: float | None = None
        """The registrar's time, s since 1970, as its last answer told it."""
        self.told_since_boot = 0.0
        """When it did, in seconds since this machine's start."""

    @property
    def booth_key(self) -> VerifyKey:
        """The key that this booth's own envelopes are checked with."""
        return self._key.verify_key

    def now(self) -> float:
        """This machine's clock, in seconds since 1970."""
        return self._clock()

    def ask(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        booth_id: str | None = None,
        query: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        """Ask, and check that a registrar has answered, and served what was asked.

        `booth_id` is a former name of this booth. Raises SyncError.
        """
        signed = self._sign(method, path, body, booth_id)
        sent = {"Content-Type": "application/json", **signed, **(headers or {})}
        return self._judge(self.line.ask(method, path, body, sent, query), body)

    def look(self, path: str, booth_id: str) -> HttpAnswer:
        """Ask for headers alone (HEAD), whatever the answer's status. Raises Unreachable."""
        answer = self.line.ask("HEAD", path, b"", self._sign("HEAD", path, b"", booth_id))
        if answer.status == requests.codes.no_content:
            self._hear_time(answer)
        return answer

    def append(
        self, path: str, rest: bytes, headers: Mapping[str, str], booth_id: str
    ) -> HttpAnswer:
        """Send the rest of what was cut (PATCH), its digest as RFC 9530 has it; as `ask`."""
        signed = self._sign("PATCH", path, rest, booth_id)
        del signed[DIGEST_HEADER]
        signed[CONTENT_DIGEST_HEADER] = write_content_digest(rest)
        return self._judge(self.line.ask("PATCH", path, rest, {**signed, **headers}), rest)

    def say(self, what: str) -> str:
        """Say something of the registrar that is asked."""
        return self.line.say(what)

    def _sign(self, method: str, path: str, body: bytes, booth_id: str | None) -> dict[str, str]:
        now = str(int(self._clock()))
        return sign_request(method, path, booth_id or self.booth_id, now, body, self._key)

    def _judge(self, answer: HttpAnswer, body: bytes) -> HttpAnswer:
        """The answer; raises what speaks against its being one of a registrar that served."""
        if answer.status not in _SERVED:
            problem = read_problem(self.line, answer)
            self._hear_time(answer)
            kind = _PROBLEMS.get(problem.error, Unreachable)
            if problem.error == "too_large" and len(body) <= LARGEST_BODY:
                kind = Garbled  # its length was, on the way
            raise kind(self.say(problem.detail))
        self._hear_time(answer)
        return answer

    def _hear_time(self, answer: HttpAnswer) -> None:
        """Note the registrar's time from an answer that is one of a registrar's."""
        told = read_http_date(answer.headers.get("Date"))
        if told is not None:
            self.told_time, self.told_since_boot = told, read_since_boot()


def read_problem(line: Line, answer: HttpAnswer) -> Problem:
    """Read why a request was not served; raises Unreachable where no registrar says so."""
    try:
        return _PROBLEM.validate_json(answer.content)
    except ValidationError as error:
        busy = answer.status == requests.codes.unavailable
        says = line.say(
            "is busy; the next sync asks again"
            if busy
            else f"answers with HTTP status {answer.status}"
        )
        missing = answer.status in _NO_SUCH
        raise (NoSuchPath(says) if missing else Unreachable(says)) from error

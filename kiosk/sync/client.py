"""The booth's way to the registrar: requests signed by the booth, answers that are checked."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import requests
from nacl.signing import SigningKey, VerifyKey
from pydantic import TypeAdapter, ValidationError

from kiosk.errors import SyncError
from kiosk.sync.clock import read_http_date
from kiosk.sync.errors import (
    ClockWrong,
    Forged,
    Garbled,
    NoSuchPath,
    NotEnrolled,
    NotTaken,
    Unreachable,
)
from kiosk.sync.line import HttpAnswer, Line
from kiosk.sync.pace import Pace
from protocol.envelope import Envelope
from protocol.receipt import Receipt
from protocol.report import BoothReport
from protocol.request import LARGEST_BODY, PREFIX, Problem, sign_request
from protocol.roster import RESOLUTION, Question, Resolution
from protocol.roster_edition import FULL_ANSWER, Head, split_parts
from protocol.signing import is_signed

Answer = TypeVar("Answer")

_RECEIPT = TypeAdapter(Receipt)
_PROBLEM = TypeAdapter(Problem)

_PROBLEMS: Mapping[str, type[SyncError]] = {
    "not_enrolled": NotEnrolled,
    "clock_wrong": ClockWrong,
    "malformed": NotTaken,
    "too_large": NotTaken,
    "garbled": Garbled,
}
"""What is raised for which; the others say nothing of what was sent."""


@dataclass(frozen=True, slots=True)
class RosterNews:
    """What the registrar's roster has that the booth has not."""

    parts: list[tuple[Head, bytes]]
    """The deltas that follow on what is held, with their entries; or the head of a base."""
    has_more: bool
    """Whether to ask again once they are kept."""


class RegistrarClient:
    """Asks the registrar as one enrolled booth. Not for use by two threads at once."""

    def __init__(
        self,
        url: str,
        booth_id: str,
        signing_key: SigningKey,
        registrar_verify_key: VerifyKey,
        *,
        timeout: tuple[float, float] = (3.0, 20.0),
        deadline: float | None = None,
        run_seconds: float | None = None,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take the registrar's address, and the seconds to wait for a connection and an answer.

        `deadline` bounds a request as a whole, in seconds (None: both waits together),
        `run_seconds` all requests of this client together, `pace` what passes a second.

        Raises UsageError for an address that would carry names over the network in the clear.
        """
        self._booth_id = booth_id
        self._signing_key = signing_key
        self.registrar_verify_key = registrar_verify_key
        self._clock = clock
        self._line = Line(
            url,
            timeout=timeout,
            deadline=sum(timeout) if deadline is None else deadline,
            run_seconds=run_seconds,
            pace=pace,
        )
        self.told_time: float | None = None
        """The registrar's time, s since 1970, as its last answer told it."""

    def __enter__(self) -> "RegistrarClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection; may be called twice."""
        self._line.close()

    def resolve(self, capture_code: str) -> Resolution:
        """Ask whose a capture code is: the student, or why there is none."""
        body = Question(capture_code=capture_code).model_dump_json().encode()
        response = self._ask("POST", f"{PREFIX}/resolve", body)
        return self._read(RESOLUTION, response)

    @property
    def booth_id(self) -> str:
        """The name under which this booth is enrolled."""
        return self._booth_id

    @property
    def booth_key(self) -> VerifyKey:
        """The key that this booth's own envelopes are checked with."""
        return self._signing_key.verify_key

    def send(self, envelope: Envelope) -> Receipt:
        """Hand an envelope over for the registrar's signed word on it.

        However often it is sent, the registrar holds it once and answers with the same receipt.
        One that was sealed under a former name of this booth is sent under that.
        """
        body = envelope.model_dump_json().encode()
        response = self._ask("POST", f"{PREFIX}/submissions", body, booth_id=envelope.booth_id)
        receipt = self._read(_RECEIPT, response)
        if not is_signed(receipt, self.registrar_verify_key):
            raise Forged(self._say("its receipt is not signed by the registrar"))
        if not receipt.answers(envelope):
            raise Forged(self._say("its receipt is another photo's"))
        return receipt

    def report(self, report: BoothReport) -> bool:
        """Tell how this booth stands; returns whether this registrar takes reports.

        Raises SyncError.
        """
        body = report.model_dump_json().encode()
        try:
            self._ask("POST", f"{PREFIX}/reports", body)
        except NoSuchPath:
            return False
        return True

    def now(self) -> float:
        """This machine's clock, in seconds since 1970."""
        return self._clock()

    def roster(self, institution_code: str, held: Head | None) -> RosterNews | None:
        """Ask what follows on the roster that is held; None where that is still the newest.

        What comes has still to be checked. Raises SyncError.
        """
        told = {} if held is None else {"number": str(held.number), "chain": held.chain.hex()}
        if held is not None:
            told |= {"edition": held.edition.hex(), "issued_at": held.issued_at.isoformat()}
        try:
            response = self._ask("GET", f"{PREFIX}/roster/{institution_code}", b"", query=told)
        except NoSuchPath as error:
            raise NoSuchPath(
                self._say("knows no such roster; bring the registrar up to date first")
            ) from error
        if held is not None and response.status == requests.codes.not_modified:
            return None
        try:
            parts = list(split_parts(response.content))
        except ValueError as error:
            raise Unreachable(self._say("answers, but not as a registrar does")) from error
        has_base = any(head.is_base for head, _ in parts)
        if not parts or (has_base and len(parts) > 1):
            raise Unreachable(self._say("answers, but not as a registrar does"))
        return RosterNews(parts, has_base or len(response.content) >= FULL_ANSWER)

    def roster_base(self, head: Head, start: int, length: int) -> bytes:
        """Fetch `length` bytes of a base's entries from byte `start` on. Raises SyncError."""
        path = f"{PREFIX}/roster/{head.institution_code}/base/{head.base}"
        wanted = {"Range": f"bytes={start}-{start + length - 1}"}
        response = self._ask("GET", path, b"", wanted)
        if response.status != requests.codes.partial or len(response.content) != length:
            raise Unreachable(self._say("sends no such part of its roster"))
        return response.content

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: dict[str, str] | None = None,
        *,
        booth_id: str | None = None,
        query: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        """Ask, and check that a registrar has answered."""
        now = str(int(self._clock()))
        booth_id = booth_id or self._booth_id
        signed = sign_request(method, path, booth_id, now, body, self._signing_key)
        signed["Content-Type"] = "application/json"
        answer = self._line.ask(method, path, body, signed | (headers or {}), query)
        served = (
            requests.codes.ok,
            requests.codes.created,
            requests.codes.partial,
            requests.codes.not_modified,
            requests.codes.conflict,
        )
        if answer.status not in served:
            self._raise_problem(answer, body)
        self._hear_time(answer)
        return answer

    def _hear_time(self, answer: HttpAnswer) -> None:
        """Note the registrar's time from an answer that is one of a registrar's."""
        self.told_time = read_http_date(answer.headers.get("Date"))

    def _raise_problem(self, answer: HttpAnswer, body: bytes) -> None:
        problem = read_problem(self._line, answer)
        self._hear_time(answer)
        kind = _PROBLEMS.get(problem.error, Unreachable)
        if problem.error == "too_large" and len(body) <= LARGEST_BODY:
            kind = Garbled  # its length was, on the way
        raise kind(self._say(problem.detail))

    def _read(self, type_: TypeAdapter[Answer], response: HttpAnswer) -> Answer:
        try:
            return type_.validate_json(response.content)
        except ValidationError as error:
            raise Unreachable(self._say("answers, but not as a registrar does")) from error

    def _say(self, what: str) -> str:
        return self._line.say(what)


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
        missing = answer.status == requests.codes.not_found
        raise (NoSuchPath(says) if missing else Unreachable(says)) from error

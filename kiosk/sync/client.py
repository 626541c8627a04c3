"""The booth's way to the registrar: requests signed by the booth, answers that are checked."""

import time
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

import requests
from nacl.signing import SigningKey, VerifyKey
from pydantic import TypeAdapter, ValidationError

from kiosk.errors import SyncError, UsageError
from kiosk.sync.errors import ClockWrong, Forged, NotEnrolled, Unreachable
from kiosk.sync.roster import RosterExtract
from protocol.envelope import Envelope
from protocol.receipt import Receipt
from protocol.request import PREFIX, Problem, is_loopback, sign_request
from protocol.roster import RESOLUTION, Question, Resolution
from protocol.signing import is_signed

Answer = TypeVar("Answer")

_RECEIPT = TypeAdapter(Receipt)
_PROBLEM = TypeAdapter(Problem)


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
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take the registrar's address, and the seconds to wait for a connection and an answer.

        Raises UsageError for an address that would carry names over the network in the clear.
        """
        self._url = url.rstrip("/")
        self._booth_id = booth_id
        self._signing_key = signing_key
        self.registrar_verify_key = registrar_verify_key
        self._timeout = timeout
        self._clock = clock
        self._session = requests.Session()
        if _is_without_tls(url):
            self._session.trust_env = False  # no proxy lies between this machine and itself

    def __enter__(self) -> "RegistrarClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def resolve(self, capture_code: str) -> Resolution:
        """Ask whose a capture code is: the student, or why there is none."""
        body = Question(capture_code=capture_code).model_dump_json().encode()
        response = self._ask("POST", f"{PREFIX}/resolve", body)
        return self._read(RESOLUTION, response)

    def send(self, envelope: Envelope) -> Receipt:
        """Hand an envelope over for the registrar's signed word on it.

        However often it is sent, the registrar holds it once and answers with the same receipt.
        """
        body = envelope.model_dump_json().encode()
        response = self._ask("POST", f"{PREFIX}/submissions", body)
        receipt = self._read(_RECEIPT, response)
        if not is_signed(receipt, self.registrar_verify_key):
            raise Forged(self._say("its receipt is not signed by the registrar"))
        if not receipt.answers(envelope):
            raise Forged(self._say("its receipt is another photo's"))
        return receipt

    def roster(self, held: RosterExtract | None) -> RosterExtract:
        """Fetch the extract of the roster; `held` itself where that is still the newest."""
        headers = {} if held is None else {"If-None-Match": held.tag}
        response = self._ask("GET", f"{PREFIX}/roster", b"", headers)
        if held is not None and response.status_code == requests.codes.not_modified:
            return held
        extract = RosterExtract.open(response.content, self.registrar_verify_key)
        if held is not None and extract.issued_at < held.issued_at:
            raise Forged(self._say("its roster is older than the one held here; check its clock"))
        return extract

    def _ask(
        self, method: str, path: str, body: bytes, headers: dict[str, str] | None = None
    ) -> requests.Response:
        now = str(int(self._clock()))
        signed = sign_request(method, path, self._booth_id, now, body, self._signing_key)
        signed["Content-Type"] = "application/json"
        try:
            response = self._session.request(
                method,
                self._url + path,
                data=body,
                headers=signed | (headers or {}),
                timeout=self._timeout,
                allow_redirects=False,  # a redirect could lead to the clear, or to a stranger
            )
        except requests.RequestException as error:
            raise Unreachable(self._say(_explain(error))) from error
        served = (
            requests.codes.ok,
            requests.codes.created,
            requests.codes.not_modified,
            requests.codes.conflict,
        )
        if response.status_code not in served:
            self._raise_problem(response)
        return response

    def _raise_problem(self, response: requests.Response) -> None:
        try:
            problem = _PROBLEM.validate_json(response.content)
        except ValidationError as error:
            raise Unreachable(
                self._say(f"answers with HTTP status {response.status_code}")
            ) from error
        kind = {"not_enrolled": NotEnrolled, "clock_wrong": ClockWrong}.get(
            problem.error, SyncError
        )
        raise kind(self._say(problem.detail))

    def _read(self, type_: TypeAdapter[Answer], response: requests.Response) -> Answer:
        try:
            return type_.validate_json(response.content)
        except ValidationError as error:
            raise Unreachable(self._say("answers, but not as a registrar does")) from error

    def _say(self, what: str) -> str:
        return f"registrar {self._url}: {what}"


def _is_without_tls(url: str) -> bool:
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


def _explain(error: requests.RequestException) -> str:
    match error:
        case requests.exceptions.SSLError():
            return "its certificate is not trusted; check the clock and the certificate"
        case requests.exceptions.Timeout():
            return "gives no answer in time; check the network"
        case _:
            return "cannot be reached; check the network and that it runs"

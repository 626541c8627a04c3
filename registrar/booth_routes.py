"""The booths' side of HTTP: requests signed by an enrolled booth, answered or refused."""

import secrets
from datetime import UTC, datetime
from threading import Lock
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Header, Request, Response
from nacl.signing import VerifyKey
from pydantic import ValidationError

from protocol.envelope import Envelope
from protocol.request import (
    BOOTH_HEADER,
    CLOCK_WINDOW,
    PREFIX,
    SIGNATURE_HEADER,
    TIME_HEADER,
    Problem,
    is_request_signed,
    request_message,
)
from protocol.roster import RESOLUTION, Question, extract_tag, sign_extract
from registrar.intake import receive_envelope
from registrar.keys import Keys
from registrar.store import Store

LARGEST_BODY = 4_000_000
"""Bytes of the largest body that is read: the largest photo there may be, four times over."""

Body = TypeVar("Body", Question, Envelope)


class NotServed(Exception):
    """Why a request is not served, and the HTTP status for it."""

    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(problem.error)
        self.status = status
        self.problem = problem


class _SignedRequest:
    """A request that an enrolled booth has signed just now."""

    def __init__(self, booth_id: str, key: VerifyKey, body: bytes) -> None:
        self.booth_id = booth_id
        self.key = key
        self.body = body


class _Extracts:
    """The roster's signed extract, made anew once the roster answers otherwise."""

    def __init__(self, store: Store, keys: Keys) -> None:
        self._store = store
        self._keys = keys
        self._lock = Lock()
        self._revision = -1
        self._tag = ""
        self._signed = b""

    def newest(self) -> tuple[str, bytes]:
        """The extract's tag, and the signed extract."""
        with self._lock:
            if self._store.revision() != self._revision:
                salt = secrets.token_bytes(32)
                self._revision, resolutions = self._store.resolutions()
                self._signed = sign_extract(
                    resolutions, datetime.now(UTC), salt, self._keys.signing_key
                )
                self._tag = extract_tag(salt)
            return self._tag, self._signed


def booth_routes(store: Store, keys: Keys) -> APIRouter:
    """Make the routes of the booths' protocol; they raise `NotServed`."""
    router = APIRouter(prefix=PREFIX)
    extracts = _Extracts(store, keys)

    def check_signed(
        request: Request,
        body: Annotated[bytes, Depends(_read_body)],
        booth_id: Annotated[str, Header(alias=BOOTH_HEADER)] = "",
        time: Annotated[str, Header(alias=TIME_HEADER)] = "",
        signature: Annotated[str, Header(alias=SIGNATURE_HEADER)] = "",
    ) -> _SignedRequest:
        key = store.booths().get(booth_id)
        message = request_message(request.method, request.url.path, booth_id, time, body)
        if key is None or not is_request_signed(signature, message, key):
            raise _problem(401, "not_enrolled", "does not know this booth or its key; enrol it")
        try:
            offset = int(time) - datetime.now(UTC).timestamp()
        except ValueError as error:
            raise _problem(400, "malformed", "cannot read the request's time") from error
        if abs(offset) > CLOCK_WINDOW:
            raise _problem(
                401,
                "clock_wrong",
                f"the booth's clock is {abs(offset):.0f} s {'fast' if offset > 0 else 'slow'}; "
                "set both clocks by network time",
            )
        return _SignedRequest(booth_id, key, body)

    @router.post("/resolve")
    def resolve(request: Annotated[_SignedRequest, Depends(check_signed)]) -> Response:
        question = _read(Question, request.body, "question")
        return _json(RESOLUTION.dump_json(store.resolve(question.capture_code)))

    @router.post("/submissions")
    def submit(request: Annotated[_SignedRequest, Depends(check_signed)]) -> Response:
        envelope = _read(Envelope, request.body, "envelope")
        if envelope.booth_id != request.booth_id:
            raise _problem(400, "malformed", "takes a booth's envelopes from that booth only")
        receipt = receive_envelope(store, keys, request.key, envelope, datetime.now(UTC))
        return _json(receipt.model_dump_json(), 200 if receipt.refused is None else 409)

    @router.get("/roster", dependencies=[Depends(check_signed)])
    def roster(if_none_match: Annotated[str, Header()] = "") -> Response:
        tag, extract = extracts.newest()
        headers = {"ETag": tag}
        if if_none_match == tag:
            return Response(status_code=304, headers=headers)
        return Response(extract, media_type="application/octet-stream", headers=headers)

    return router


def answer_problem(request: Request, error: NotServed) -> Response:
    """Tell a booth why its request was not served."""
    return _json(error.problem.model_dump_json(), error.status)


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise _problem(413, "too_large", f"takes no more than {LARGEST_BODY} bytes at once")
    return bytes(body)


def _read(type_: type[Body], body: bytes, what: str) -> Body:
    try:
        return type_.model_validate_json(body)
    except ValidationError as error:
        raise _problem(400, "malformed", f"cannot read the {what}") from error


def _problem(status: int, error: str, detail: str) -> NotServed:
    return NotServed(status, Problem.model_validate({"error": error, "detail": detail}))


def _json(content: str | bytes, status: int = 200) -> Response:
    return Response(content, status, media_type="application/json")

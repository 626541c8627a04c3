"""The booths' side of HTTP: requests signed by an enrolled booth, answered or refused."""

import secrets
from datetime import UTC, datetime
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response

from protocol.envelope import Envelope
from protocol.report import BoothReport
from protocol.request import BOOTH_HEADER, PREFIX
from protocol.roster import RESOLUTION, Question, extract_tag, sign_extract
from registrar.booth_requests import NotServed, SignedBody, read_json
from registrar.intake import receive_envelope
from registrar.keys import Keys
from registrar.store import Store


class _Extracts:
    """The roster's signed extract, made anew once the roster answers otherwise.

    Or once the one before is of a time still to come: then this machine's clock was ahead.
    """

    def __init__(self, store: Store, keys: Keys) -> None:
        self._store = store
        self._keys = keys
        self._lock = Lock()
        self._revision = -1
        self._issued_at = datetime.min.replace(tzinfo=UTC)
        self._tag = ""
        self._signed = b""

    def newest(self) -> tuple[str, bytes]:
        """The extract's tag, and the signed extract."""
        with self._lock:
            now = datetime.now(UTC)
            if self._store.revision() != self._revision or self._issued_at > now:
                salt = secrets.token_bytes(32)
                self._revision, resolutions = self._store.resolutions()
                self._signed = sign_extract(resolutions, now, salt, self._keys.signing_key)
                self._issued_at = now
                self._tag = extract_tag(salt)
            return self._tag, self._signed


def booth_routes(store: Store, keys: Keys) -> APIRouter:
    """Make the routes of the booths' protocol; they raise `NotServed`."""
    router = APIRouter(prefix=PREFIX)
    extracts = _Extracts(store, keys)
    signed = SignedBody(store)

    @router.post("/resolve")
    def resolve(body: Annotated[bytes, Depends(signed)]) -> Response:
        question = read_json(Question, body, "question")
        return _json(RESOLUTION.dump_json(store.records.resolve(question.capture_code)))

    @router.post("/submissions")
    def submit(body: Annotated[bytes, Depends(signed)]) -> Response:
        envelope = read_json(Envelope, body, "envelope")
        receipt = receive_envelope(store, keys, envelope, datetime.now(UTC))
        return _json(receipt.model_dump_json(), 200 if receipt.refused is None else 409)

    @router.post("/reports")
    def report(
        body: Annotated[bytes, Depends(signed)],
        booth_id: Annotated[str, Header(alias=BOOTH_HEADER)],
    ) -> Response:
        store.booths.keep_report(
            booth_id, read_json(BoothReport, body, "report"), datetime.now(UTC)
        )
        return _json("{}")

    @router.get("/roster", dependencies=[Depends(signed)])
    def roster(if_none_match: Annotated[str, Header()] = "") -> Response:
        tag, extract = extracts.newest()
        headers = {"ETag": tag}
        if if_none_match == tag:
            return Response(status_code=304, headers=headers)
        return Response(extract, media_type="application/octet-stream", headers=headers)

    return router


def answer_problem(request: Request, error: NotServed) -> Response:
    """Tell a booth why its request was not served.

    What it still sends is read and dropped for as long as headers may take (`connections`): cut
    off at once, it would often lose the answer.
    """
    return _json(error.problem.model_dump_json(), error.status)


def _json(content: str | bytes, status: int = 200) -> Response:
    return Response(content, status, media_type="application/json")

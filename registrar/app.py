"""The registrar's HTTP face: the booths' protocol, and the first page for staff."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from threading import Lock
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request, Response
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from jinja2 import Environment, PackageLoader
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
    is_loopback,
    is_request_signed,
    request_message,
)
from protocol.roster import RESOLUTION, Question, sign_extract
from registrar.intake import receive_envelope
from registrar.keys import Keys
from registrar.store import Store

LARGEST_BODY = 4_000_000
"""Bytes of the largest body that is read: the largest photo there may be, four times over."""

PHOTOS_PER_PAGE = 60

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

Body = TypeVar("Body", Question, Envelope)

_BASIC = HTTPBasic(auto_error=False, realm="registrar")


class _NotServed(Exception):
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

    def __init__(self, store: Store, keys: Keys, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._lock = Lock()
        self._revision = -1
        self._tag = ""
        self._signed = b""

    def newest(self) -> tuple[str, bytes]:
        """The extract, and before it its tag."""
        with self._lock:
            if self._store.revision() != self._revision:
                salt = secrets.token_bytes(32)
                self._revision, resolutions = self._store.resolutions()
                self._signed = sign_extract(
                    resolutions, self._clock(), salt, self._keys.signing_key
                )
                self._tag = f'"{salt.hex()}"'
            return self._tag, self._signed


def create_app(
    store: Store,
    keys: Keys,
    *,
    token: str | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> FastAPI:
    """Make the application over a data folder.

    With a `token` the page asks for it as a password, wherever it is opened; without one it is
    shown only to a browser that has called this machine by a name of its own.
    """
    app = FastAPI(title="registrar", docs_url=None, redoc_url=None, openapi_url=None)
    extracts = _Extracts(store, keys, clock)
    pages = Environment(loader=PackageLoader("registrar", "pages"), autoescape=True)

    @app.middleware("http")
    async def add_headers(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        response = await call_next(request)
        response.headers.update(_HEADERS)
        return response

    @app.exception_handler(_NotServed)
    def answer_problem(request: Request, error: _NotServed) -> Response:
        return _json(error.problem.model_dump_json(), error.status)

    # ---- the booths' protocol ----

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
            offset = int(time) - clock().timestamp()
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

    @app.post(f"{PREFIX}/resolve")
    def resolve(request: Annotated[_SignedRequest, Depends(check_signed)]) -> Response:
        question = _read(Question, request.body, "question")
        return _json(RESOLUTION.dump_json(store.resolve(question.capture_code)))

    @app.post(f"{PREFIX}/submissions")
    def submit(request: Annotated[_SignedRequest, Depends(check_signed)]) -> Response:
        envelope = _read(Envelope, request.body, "envelope")
        if envelope.booth_id != request.booth_id:
            raise _problem(400, "malformed", "takes a booth's envelopes from that booth only")
        receipt = receive_envelope(store, keys, request.key, envelope, clock())
        return _json(receipt.model_dump_json(), 200 if receipt.refused is None else 409)

    @app.get(f"{PREFIX}/roster", dependencies=[Depends(check_signed)])
    def roster(if_none_match: Annotated[str, Header()] = "") -> Response:
        tag, extract = extracts.newest()
        headers = {"ETag": tag}
        if if_none_match == tag:
            return Response(status_code=304, headers=headers)
        return Response(extract, media_type="application/octet-stream", headers=headers)

    # ---- the page ----

    def check_staff(
        request: Request,
        given: Annotated[HTTPBasicCredentials | None, Depends(_BASIC)],
    ) -> None:
        if token is None:
            if not is_loopback(request.url.hostname or ""):
                raise HTTPException(403, "Without --token-file the page is for this machine only.")
        elif given is None or not secrets.compare_digest(given.password.encode(), token.encode()):
            raise HTTPException(
                401, "Access token wanted.", {"WWW-Authenticate": 'Basic realm="registrar"'}
            )

    @app.get("/", dependencies=[Depends(check_staff)])
    def first_page(page: Annotated[int, Query(ge=1, le=1_000_000)] = 1) -> Response:
        counts = store.counts()
        html = pages.get_template("first.html").render(
            counts=counts,
            photos=store.photos(PHOTOS_PER_PAGE, (page - 1) * PHOTOS_PER_PAGE),
            page=page,
            pages=max(-(-counts.photos // PHOTOS_PER_PAGE), 1),
        )
        return Response(html, media_type="text/html")

    @app.get("/style.css")
    def style() -> Response:
        return Response(pages.get_template("style.css").render(), media_type="text/css")

    @app.get("/photos/{submission_id}.jpg", dependencies=[Depends(check_staff)])
    def photo(submission_id: UUID) -> Response:
        jpeg = store.jpeg(submission_id)
        if jpeg is None:
            raise HTTPException(404, "No such photo.")
        return Response(jpeg, media_type="image/jpeg")

    return app


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


def _problem(status: int, error: str, detail: str) -> _NotServed:
    return _NotServed(status, Problem.model_validate({"error": error, "detail": detail}))


def _json(content: str | bytes, status: int = 200) -> Response:
    return Response(content, status, media_type="application/json")

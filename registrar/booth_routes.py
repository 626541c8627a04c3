"""The booths' side of HTTP: requests signed by an enrolled booth, answered or refused."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import ceil
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool

from protocol.envelope import Envelope
from protocol.report import BoothReport
from protocol.request import BOOTH_HEADER, LARGEST_BODY, PREFIX
from protocol.roster import ANSWER, Question
from protocol.standardisation import ToldStandardisations
from registrar.booth_requests import NotServed, SignedBody, problem, read_json
from registrar.intake import receive_envelope
from registrar.keys import Keys
from registrar.lookups import Lookups, TooManyLookups
from registrar.metrics import PHOTOS
from registrar.standardisations import Standardisations
from registrar.store import Store
from registrar.upload_routes import keep_whole, upload_routes
from registrar.uploads import Uploads


def booth_routes(store: Store, keys: Keys, now: Callable[[], datetime]) -> APIRouter:
    """Make the routes of the booths' protocol; they raise `NotServed`."""
    router = APIRouter(prefix=PREFIX)
    signed = SignedBody(store)

    lookups = Lookups(store.database)
    standardisations = Standardisations(store.database, store.records, keys.signing_key)

    @router.post("/resolve")
    def resolve(
        body: Annotated[bytes, Depends(signed)],
        booth_id: Annotated[str, Header(alias=BOOTH_HEADER)],
    ) -> Response:
        question, at = read_json(Question, body, "question"), now()
        try:
            lookups.begin(booth_id, at)
        except TooManyLookups as error:
            detail = "was asked for more codes by this booth than people come; see what asks there"
            raise problem(429, "too_many", detail, ceil(error.seconds)) from error
        answer = standardisations.ask(booth_id, question, at)
        lookups.end(booth_id, at, missed=answer == "code_unknown")
        return _json(ANSWER.dump_json(answer))

    @router.post("/standardisations")
    def count(
        body: Annotated[bytes, Depends(signed)],
        booth_id: Annotated[str, Header(alias=BOOTH_HEADER)],
    ) -> Response:
        told = read_json(ToldStandardisations, body, "standardisations").told
        standardisations.hear(booth_id, told, now())
        return _json("{}")

    uploads = Uploads(store.database)

    def take(body: bytes) -> Response:
        envelope = read_json(Envelope, body, "envelope", LARGEST_BODY)
        receipt = receive_envelope(store, keys, envelope, datetime.now(UTC))
        PHOTOS.labels(receipt.refused or "held").inc()
        return _json(receipt.model_dump_json(), 200 if receipt.refused is None else 409)

    turns = asyncio.Semaphore(store.objects.at_once)

    @router.post("/submissions")
    async def submit(
        body: Annotated[bytes, Depends(SignedBody(store, keep_whole(uploads)))],
    ) -> Response:
        async with turns:
            return await run_in_threadpool(take, body)

    router.include_router(upload_routes(store, uploads, take))

    @router.post("/reports")
    def report(
        body: Annotated[bytes, Depends(signed)],
        booth_id: Annotated[str, Header(alias=BOOTH_HEADER)],
    ) -> Response:
        store.booths.keep_report(
            booth_id, read_json(BoothReport, body, "report"), datetime.now(UTC)
        )
        return _json("{}")

    return router


def answer_problem(request: Request, error: NotServed) -> Response:
    """Tell a booth why its request was not served.

    What it still sends is read and dropped for as long as headers may take (`connections`): cut
    off at once, it would often lose the answer.
    """
    return _json(error.problem.model_dump_json(), error.status, error.headers)


def _json(
    content: str | bytes, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(content, status, headers, media_type="application/json")

"""The route by which a booth enrols itself with a one-time code; it has no signature to judge."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from nacl.exceptions import CryptoError
from starlette.requests import ClientDisconnect

from protocol.enrolment import EnrolmentRequest
from protocol.request import PREFIX
from registrar.booth_requests import BODY_SECONDS, problem, read_json
from registrar.desk.limits import Limits, TooManyAttempts
from registrar.enrolment import answer_enrolment
from registrar.errors import UsageError
from registrar.keys import Keys
from registrar.store import Store

LARGEST_REQUEST = 4_000
"""Bytes; a request has some 400."""

ATTEMPTS = 30
"""From one address in a quarter of an hour: a school's booths may be behind one."""


async def small_body(request: Request) -> bytes:
    """The dependency that reads a small body of who has not signed. Raises NotServed."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.stream():
                body += piece
                if len(body) > LARGEST_REQUEST:
                    detail = f"takes no more than {LARGEST_REQUEST} bytes for this"
                    raise problem(413, "too_large", detail)
    except TimeoutError as error:
        raise problem(408, "too_slow", "was given no whole request in time") from error
    except ClientDisconnect as error:
        raise problem(400, "malformed", "was given half a request") from error
    return bytes(body)


def enrolment_routes(store: Store, keys: Keys, now: Callable[[], datetime]) -> APIRouter:
    """Make the route; it raises `NotServed` (`registrar.booth_requests`)."""
    router = APIRouter(prefix=PREFIX)
    limits = Limits(store.database)

    @router.post("/enrol")
    def enrol(request: Request, body: Annotated[bytes, Depends(small_body)]) -> Response:
        address = request.client.host if request.client else ""
        try:
            limits.count({f"enrol {address}": ATTEMPTS}, now().timestamp())
        except TooManyAttempts as error:
            detail = f"was asked too often from there; come again in {error.seconds:.0f} s"
            raise problem(429, "too_many", detail) from error
        asked = read_json(EnrolmentRequest, body, "enrolment")
        try:
            answer = answer_enrolment(store, keys, asked, now())
        except UsageError as error:
            raise problem(409, "code_unknown", f"cannot enrol it: {error}") from error
        except (CryptoError, ValueError) as error:
            raise problem(400, "malformed", "cannot read the booth's key") from error
        if answer is None:
            detail = "does not know this code, or it is good no more; ask for another"
            raise problem(403, "code_unknown", detail)
        return Response(answer.model_dump_json(), media_type="application/json")

    return router

"""A booth's request judged: its headers before its body is read, then the body by its digest."""

import asyncio
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from fastapi import Header, Request
from fastapi.concurrency import run_in_threadpool
from nacl.signing import VerifyKey
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from protocol.request import (
    BOOTH_HEADER,
    CLOCK_WINDOW,
    CONTENT_DIGEST_HEADER,
    DIGEST_HEADER,
    LARGEST_BODY,
    PREFIX,
    SIGNATURE_HEADER,
    TIME_HEADER,
    Problem,
    headers_message,
    is_request_signed,
    read_content_digest,
)
from protocol.wire import WireType
from registrar.connections import JUDGED, UNREAD
from registrar.store import Store

BODY_SECONDS = 30.0
"""From the end of the headers to that of the body."""

BODIES_UNJUDGED = 4
"""Bodies read at once of requests without digest (booths of version 0.1.0 send none), whose
signature can be judged only afterwards."""

LARGEST_TEXT = 100_000
"""Bytes of the largest body that is no photo: ten times what is ever sent. Of a megabyte of JSON
that is not of its type, pydantic makes a gigabyte of reasons."""

_LATEST = 253_402_300_799
"""The last second of the year 9999, after which times cannot be written."""

Body = TypeVar("Body", bound=WireType)


class NotServed(Exception):
    """Why a request is not served, and the HTTP status for it."""

    def __init__(self, status: int, problem: Problem, retry_after: int | None = None) -> None:
        """`retry_after`: seconds until it would be."""
        super().__init__(problem.error)
        self.status = status
        self.problem = problem
        self.headers = {} if retry_after is None else {"Retry-After": str(retry_after)}


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request's headers claim."""

    method: str
    path: str
    booth_id: str
    time: str
    digest: bytes | None
    """The SHA-256 of the body that is signed; None where it is not told."""
    signature: str


class SignedBody:
    """Reads the bodies of signed requests, and bounds what comes before one is judged."""

    def __init__(
        self, store: Store, on_cut: Callable[[Request, Claim, bytes], None] | None = None
    ) -> None:
        """`on_cut` is told what came of a body that was cut, of a booth whose signature holds."""
        self._store = store
        self._on_cut = on_cut
        self._unjudged = asyncio.Semaphore(BODIES_UNJUDGED)

    async def __call__(
        self,
        request: Request,
        booth_id: Annotated[str, Header(alias=BOOTH_HEADER)] = "",
        time: Annotated[str, Header(alias=TIME_HEADER)] = "",
        digest: Annotated[str, Header(alias=DIGEST_HEADER)] = "",
        signature: Annotated[str, Header(alias=SIGNATURE_HEADER)] = "",
    ) -> bytes:
        """Read the body of a request that an enrolled booth has signed just now.

        Raises NotServed. What is not served is read to its end, and not kept, so that the booth
        hears why; unless it is too large. The state of what the booth has signed says so: `JUDGED`.
        """
        _check_length(request)
        told = bytes.fromhex(digest) if re.fullmatch(r"[0-9a-f]{64}", digest) else None
        if not digest:
            told = read_content_digest(request.headers.get(CONTENT_DIGEST_HEADER, ""))
        claim = Claim(request.method, request.scope["path"], booth_id, time, told, signature)
        came = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self._read(request, claim, came)
        except TimeoutError as error:
            await self._tell_cut(request, claim, came)
            raise problem(
                408, "too_slow", f"was given no whole request in {BODY_SECONDS:.0f} s"
            ) from error
        except ClientDisconnect as error:
            await self._tell_cut(request, claim, came)
            raise problem(400, "garbled", "was given half a request") from error

    async def _tell_cut(self, request: Request, claim: Claim, came: bytearray) -> None:
        state = request.scope.get("state", {})
        if JUDGED in state:
            came += state.get(UNREAD, b"")
        if came and self._on_cut is not None:
            await run_in_threadpool(self._on_cut, request, claim, bytes(came))

    async def _read(self, request: Request, claim: Claim, came: bytearray) -> bytes:
        """Read a body; into `came` what comes of one whose signature is judged before it."""
        try:
            await run_in_threadpool(judge_claim, self._store, claim, datetime.now(UTC))
        except NotServed:
            await _drop_body(request)
            raise
        if claim.digest is not None:
            request.scope["state"][JUDGED] = True
            body = await _read_body(request, came)
            if hashlib.sha256(body).digest() != claim.digest:
                raise problem(400, "garbled", "was given another body than was signed")
            return body
        async with self._unjudged:
            body = await _read_body(request, bytearray())
        whole = hashlib.sha256(body).digest()
        signed = Claim(claim.method, claim.path, claim.booth_id, claim.time, whole, claim.signature)
        await run_in_threadpool(judge_claim, self._store, signed, datetime.now(UTC))
        return body


def judge_claim(store: Store, claim: Claim, now: datetime) -> None:
    """Judge what the headers of a request claim; the signature only where the digest is told.

    Raises NotServed.
    """
    present = store.booths.key_of(claim.booth_id)
    if present is None and not store.booths.former_keys(claim.booth_id):
        raise problem(401, "not_enrolled", "does not know this booth or its key; enrol it")
    if not re.fullmatch(r"[0-9]{1,12}", claim.time) or int(claim.time) > _LATEST:
        raise problem(400, "garbled", "cannot read the request's time")
    if claim.digest is not None:
        _check_signature(store, claim, claim.digest, present)
    offset = int(claim.time) - now.timestamp()
    if abs(offset) > CLOCK_WINDOW:
        raise problem(
            401,
            "clock_wrong",
            f"the booth's clock is {abs(offset):.0f} s {'fast' if offset > 0 else 'slow'}: here it"
            f" is {now:%Y-%m-%d %H:%M:%S} UTC; set both clocks by network time",
        )


def _check_signature(store: Store, claim: Claim, digest: bytes, present: VerifyKey | None) -> None:
    message = headers_message(claim.method, claim.path, claim.booth_id, claim.time, digest)
    if present is not None and is_request_signed(claim.signature, message, present):
        return
    signers = [
        former
        for former in store.booths.former_keys(claim.booth_id)
        if is_request_signed(claim.signature, message, former.key)
    ]
    if claim.path == f"{PREFIX}/submissions" and any(former.accepted for former in signers):
        return  # what was sealed before may still come
    if signers:
        raise problem(
            401,
            "not_enrolled",
            "knows this booth by this key from before only; bring its newer key to the booth, or"
            " enrol this one: registrar booth add NAME --key KEY",
        )
    raise problem(401, "not_enrolled", "does not know this booth or its key; enrol it")


def of_own_institution(store: Store) -> Callable[[str, str], None]:
    """Make the check that a booth which is one institution's asks for nothing of another.

    It raises NotServed.
    """

    def check(
        institution_code: str, booth_id: Annotated[str, Header(alias=BOOTH_HEADER)] = ""
    ) -> None:
        own = store.booths.institution_of(booth_id)
        if own is not None and own != institution_code:
            raise problem(
                403,
                "not_enrolled",
                f"serves this booth for institution {own} alone; name that one in the booth's"
                " configuration, or enrol the booth anew for another",
            )

    return check


def read_json(type_: type[Body], body: bytes, what: str, most: int = LARGEST_TEXT) -> Body:
    """Read a body's JSON of `most` bytes at most; raises NotServed."""
    if len(body) > most:
        raise problem(413, "too_large", f"takes no {what} of more than {most} bytes")
    try:
        return type_.model_validate_json(body)
    except ValidationError as error:
        raise problem(400, "malformed", f"cannot read the {what}") from error


def problem(status: int, error: str, detail: str, retry_after: int | None = None) -> NotServed:
    """Make the answer that tells why a request is not served."""
    said = Problem.model_validate({"error": error, "detail": detail})
    return NotServed(status, said, retry_after)


def _check_length(request: Request) -> None:
    """Judge the length that is told; raises NotServed."""
    if int(request.headers.get("Content-Length", "0")[:20]) > LARGEST_BODY:
        raise _too_large()


def _too_large() -> NotServed:
    return problem(413, "too_large", f"takes no more than {LARGEST_BODY} bytes at once")


async def _drop_body(request: Request) -> None:
    """Let a body come to its end, or until it is too large; raises NotServed."""
    dropped = 0
    async for chunk in request.stream():
        dropped += len(chunk)
        if dropped > LARGEST_BODY:
            raise _too_large()


async def _read_body(request: Request, body: bytearray) -> bytes:
    """Read a body to its end, into `body`; raises NotServed."""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise _too_large()
    return bytes(body)

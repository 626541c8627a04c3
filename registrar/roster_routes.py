"""The roster over HTTP: what follows on what a booth holds, and the pieces of a base."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from pydantic import AwareDatetime

from protocol.request import BOOTH_HEADER, PREFIX
from registrar.booth_requests import SignedBody, of_own_institution, problem
from registrar.objects import NoSuchObject
from registrar.roster_publisher import NotReady, RosterPublisher
from registrar.roster_rows import Told
from registrar.sharing import Sharing
from registrar.store import Store

LARGEST_PIECE = 4 << 20
"""Bytes of a base that one answer has at most; booths ask for a quarter of it."""

READY_SECONDS = 30
"""After which to ask again, while a base is being made."""

_DIGEST = r"^[0-9a-f]{64}$"
_Institution = Annotated[str, Path(pattern=r"^[0-9]{5}$")]
_Digest = Annotated[str, Query(pattern=_DIGEST)]
_Number = Annotated[int, Query(ge=0, lt=2**53)]


def roster_routes(
    store: Store, publisher: RosterPublisher, now: Callable[[], datetime]
) -> APIRouter:
    """Make the routes of the roster; they raise `NotServed`."""
    asked = [Depends(SignedBody(store)), Depends(of_own_institution(store))]
    router = APIRouter(prefix=f"{PREFIX}/roster", dependencies=asked)

    sharing = Sharing(store.database)

    @router.get("/{institution_code}")
    def news(
        institution_code: _Institution,
        booth_id: Annotated[str, Header(alias=BOOTH_HEADER)],
        edition: _Digest | None = None,
        number: _Number = 0,
        chain: _Digest | None = None,
        issued_at: AwareDatetime | None = None,
    ) -> Response:
        told = None
        if edition is not None and chain is not None and issued_at is not None:
            told = Told(bytes.fromhex(edition), number, bytes.fromhex(chain), issued_at)
        asked_at = now()
        try:
            found = publisher.news(institution_code, told)
        except NotReady:
            return Response(status_code=503, headers={"Retry-After": str(READY_SECONDS)})
        sharing.note_roster(institution_code, booth_id, told, asked_at)
        if found is None:
            return Response(status_code=304)
        return _octets(found)

    @router.get("/{institution_code}/base/{base}")
    def piece(
        institution_code: _Institution,
        base: Annotated[str, Path(pattern=r"^[0-9a-f]{64}-[0-9]{1,16}-[0-9a-f]{16}$")],
        wanted: Annotated[str, Header(alias="Range")] = "",
    ) -> Response:
        try:
            size = publisher.base_size(institution_code, base)
            if not wanted:
                raise problem(400, "malformed", "gives out a base by pieces; send Range")
            part = _read_range(wanted, size)
            if part is None:
                return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
            start, length = part
            found = publisher.read_base(institution_code, base, start, length)
        except NoSuchObject:
            return Response(status_code=404)
        told = f"bytes {start}-{start + len(found) - 1}/{size}"
        return _octets(found, 206, {"Content-Range": told})

    return router


def _read_range(wanted: str, size: int) -> tuple[int, int] | None:
    """The place and length of the one range that is asked for; None where it is none of these."""
    found = re.fullmatch(r"bytes=([0-9]{1,15})-([0-9]{0,15})", wanted)
    if found is None:
        return None
    start, last = int(found[1]), min(int(found[2] or size), size - 1)
    return (start, min(last + 1 - start, LARGEST_PIECE)) if start <= last else None


def _octets(content: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(content, status, headers, media_type="application/octet-stream")

"""The routes by which a photo whose sending was cut goes on where it was cut.

Of the whole the booth has signed the digest, with the request that was cut, and again by the path
of each that goes on: so what has come may lie about in pieces, and is judged once it is whole.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request, Response

from protocol.request import BOOTH_HEADER, LARGEST_BODY
from protocol.upload import COMPLETE, COMPLETE_HEADER, OFFSET_HEADER, read_offset
from registrar.booth_requests import Claim, SignedBody, problem
from registrar.store import Store
from registrar.uploads import Uploads

_DIGEST = r"^[0-9a-f]{64}$"
_Digest = Annotated[str, Path(pattern=_DIGEST)]
_Booth = Annotated[str, Header(alias=BOOTH_HEADER)]


def keep_whole(uploads: Uploads) -> Callable[[Request, Claim, bytes], None]:
    """What to do with what came of a whole photo's request before it was cut."""

    def keep(request: Request, claim: Claim, came: bytes) -> None:
        if claim.digest is not None:
            uploads.keep(claim.booth_id, claim.digest, 0, came, datetime.now(UTC).timestamp())

    return keep


def upload_routes(store: Store, uploads: Uploads, take: Callable[[bytes], Response]) -> APIRouter:
    """Make the routes; they raise `NotServed`. `take` answers a photo's request that is whole."""
    router = APIRouter(prefix="/submissions")

    def keep(request: Request, claim: Claim, came: bytes) -> None:
        start = read_offset(request.headers.get(OFFSET_HEADER))
        whole = request.path_params["whole"]
        if start is not None and re.fullmatch(_DIGEST, whole):
            at = datetime.now(UTC).timestamp()
            uploads.keep(claim.booth_id, bytes.fromhex(whole), start, came, at)

    @router.head("/{whole}", dependencies=[Depends(SignedBody(store))])
    def ask(whole: _Digest, booth_id: _Booth) -> Response:
        offset = uploads.offset(booth_id, bytes.fromhex(whole))
        if not offset:
            return Response(status_code=404)
        return Response(
            status_code=204, headers={OFFSET_HEADER: str(offset), COMPLETE_HEADER: "?0"}
        )

    @router.patch("/{whole}")
    def append(
        whole: _Digest,
        body: Annotated[bytes, Depends(SignedBody(store, keep))],
        booth_id: _Booth,
        offset: Annotated[str, Header(alias=OFFSET_HEADER)] = "",
        complete: Annotated[str, Header(alias=COMPLETE_HEADER)] = "",
    ) -> Response:
        start, digest = read_offset(offset), bytes.fromhex(whole)
        came = uploads.came(booth_id, digest)
        if start is not None and start != len(came):
            return Response(status_code=409, headers={OFFSET_HEADER: str(len(came))})
        came += body
        is_whole = complete == COMPLETE and len(came) <= LARGEST_BODY
        if start is None or not is_whole or hashlib.sha256(came).digest() != digest:
            uploads.drop(booth_id, digest)  # or it would be gone on with for ever
            raise problem(400, "garbled", "was given another body than was signed")
        answer = take(came)
        uploads.drop(booth_id, digest)
        return answer

    return router

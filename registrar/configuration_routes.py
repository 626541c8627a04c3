"""The route by which a booth fetches what it takes from its registrar."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from protocol.configuration import document_tag
from protocol.request import BOOTH_HEADER, PREFIX
from protocol.roster_edition import MOST
from registrar.booth_requests import SignedBody, of_own_institution
from registrar.configuration import Publisher
from registrar.keys import Keys
from registrar.store import Store


def configuration_routes(store: Store, keys: Keys, now: Callable[[], datetime]) -> APIRouter:
    """Make the route; it raises `NotServed`."""
    asked = [Depends(SignedBody(store)), Depends(of_own_institution(store))]
    router = APIRouter(prefix=PREFIX, dependencies=asked)
    publisher = Publisher(store.database, keys.signing_key, now)

    @router.get("/configuration/{institution_code}")
    def configuration(
        institution_code: Annotated[str, Path(pattern=r"^[0-9]{5}$")],
        booth_id: Annotated[str, Header(alias=BOOTH_HEADER)],
        held: Annotated[str, Header(alias="If-None-Match")] = "",
        version: Annotated[int | None, Query(ge=0, le=MOST)] = None,
    ) -> Response:
        document = publisher.document(institution_code, booth_id, held, version)
        tag = {"ETag": document_tag(document)}
        if held == tag["ETag"]:
            return Response(status_code=304, headers=tag)
        return Response(document, headers=tag, media_type="application/octet-stream")

    return router

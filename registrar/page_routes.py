"""The page for staff: every photo with its student, newest first."""

import secrets
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from jinja2 import Environment, PackageLoader

from protocol.envelope import short_number
from protocol.request import is_loopback
from registrar.store import Store
from registrar.vault import Vault

PHOTOS_PER_PAGE = 60

_BASIC = HTTPBasic(auto_error=False, realm="registrar")


def page_routes(store: Store, vault: Vault, token: str | None) -> APIRouter:
    """Make the routes of the page.

    With a `token` it asks for it as a password, wherever it is opened; without one it is shown
    only to a browser that has called this machine by a name of its own.
    """
    router = APIRouter()
    pages = Environment(loader=PackageLoader("registrar", "pages"), autoescape=True)

    def check_staff(
        request: Request,
        given: Annotated[HTTPBasicCredentials | None, Depends(_BASIC)],
    ) -> None:
        if token is None:
            if not is_loopback(_host(request)):
                raise HTTPException(403, "Without --token-file the page is for this machine only.")
        elif given is None or not secrets.compare_digest(given.password.encode(), token.encode()):
            raise HTTPException(
                401, "Access token wanted.", {"WWW-Authenticate": 'Basic realm="registrar"'}
            )

    @router.get("/", dependencies=[Depends(check_staff)])
    def first_page(
        page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
        number: Annotated[str, Query(max_length=40)] = "",
    ) -> Response:
        counts = store.counts()
        photos = (
            store.photos.find(number)
            if number
            else store.photos.newest(PHOTOS_PER_PAGE, (page - 1) * PHOTOS_PER_PAGE)
        )
        html = pages.get_template("first.html").render(
            counts=counts,
            reports=store.booths.reports(),
            photos=photos,
            short_number=short_number,
            number=number,
            page=page,
            pages=max(-(-counts.photos // PHOTOS_PER_PAGE), 1),
        )
        return Response(html, media_type="text/html")

    @router.get("/style.css")
    def style() -> Response:
        return Response(pages.get_template("style.css").render(), media_type="text/css")

    @router.get("/photos/{submission_id}.jpg", dependencies=[Depends(check_staff)])
    def photo(submission_id: UUID) -> Response:
        sealed = store.photos.sealed(submission_id)
        if sealed is None:
            raise HTTPException(404, "No such photo.")
        _, jpeg = vault.photo(sealed)
        return Response(jpeg, media_type="image/jpeg")

    return router


def _host(request: Request) -> str:
    """By which name the registrar was called; empty where it is none."""
    try:
        return urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
    except ValueError:
        return ""

"""The first page: what waits for whom. And the files that every page loads."""

from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import func, select

from registrar import notices, reviews
from registrar.desk.booth_view import name_supply, view_booths
from registrar.desk.frame import STATIC_TYPES, Desk, read_static
from registrar.desk.requests import NotServed, Signed
from registrar.storage.tables import AUDIT


def home_routes(desk: Desk) -> APIRouter:
    """Make the routes of the first page, and of the files."""
    router = APIRouter()

    @router.get("/")
    def home(request: Request, signed: Annotated[Signed, Depends(desk.needs("home"))]) -> Response:
        with desk.store.database.connection() as db:
            waiting = reviews.waiting(db, signed.institution)
            given_up = notices.given_up(db, signed.institution)
            entries = db.execute(select(func.max(AUDIT.c.number))).scalar() or 0
        now = desk.now()
        booths = view_booths(desk.store, now, signed.institution) if signed.may("booths") else []
        return desk.page(
            request,
            "home.html",
            signed,
            counts=desk.store.counts(signed.institution),
            waiting=waiting,
            given_up=given_up,
            entries=entries,
            booths=[booth for booth in booths if booth.needs_hand],
            name_supply=name_supply,
        )

    @router.get("/static/{name}")
    def static(name: str) -> Response:
        data = read_static(name)
        if data is None:
            raise NotServed("missing")
        return Response(
            data,
            media_type=STATIC_TYPES[PurePath(name).suffix],
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )

    return router

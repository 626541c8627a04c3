"""Booths: how each stands, how one is enrolled, and how one is served no more."""

import re
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Connection

from protocol.wire import BOOTH_ID
from registrar import audit
from registrar.booths import accept_keys, remove_booth
from registrar.desk.booth_view import former_names, name_supply, view_booths
from registrar.desk.figures import institutions
from registrar.desk.frame import Desk
from registrar.desk.requests import NotServed, Signed
from registrar.enrolment import offer_enrolment
from registrar.errors import UsageError


def booth_page_routes(desk: Desk) -> APIRouter:
    """Make the routes of the booths' pages."""
    router = APIRouter(prefix="/booths")
    Sees = Annotated[Signed, Depends(desk.needs("booths"))]  # noqa: N806 - a type
    Manages = Annotated[Signed, Depends(desk.needs("manage_booths"))]  # noqa: N806 - a type

    def show(
        request: Request,
        signed: Signed,
        *,
        offered: tuple[str, str] | None = None,
        fault: str | None = None,
    ) -> Response:
        views = view_booths(desk.store, desk.now(), signed.institution)
        served = set(desk.store.booths.served())
        former = [
            key
            for key in desk.store.booths.former_keys()
            if signed.institution in (None, key.institution_code)
        ]
        with desk.store.database.connection() as db:
            all_ = institutions(db, signed.institution)
        return desk.page(
            request,
            "booths.html",
            signed,
            status=200 if fault is None else 422,
            booths=views,
            name_supply=name_supply,
            former=former_names(former, served),
            institutions=all_,
            offered=offered,
            address=str(request.base_url),
            fault=fault,
        )

    @router.get("")
    def booths(request: Request, signed: Sees) -> Response:
        return show(request, signed)

    @router.get("/{booth_id}")
    def booth(request: Request, booth_id: str, signed: Sees) -> Response:
        found = [view for view in view_booths(desk.store, desk.now()) if view.booth_id == booth_id]
        former = desk.store.booths.former_keys(booth_id)
        if not found and not former:
            raise NotServed("missing")
        view = found[0] if found else None
        return desk.page(
            request,
            "booth.html",
            signed,
            booth_id=booth_id,
            booth=view,
            former=former,
            name_supply=name_supply,
        )

    @router.post("/offers")
    def offer(request: Request, signed: Manages) -> Response:
        booth_id, whose = signed.form.text("name"), signed.form.text("institution_code")
        if not re.fullmatch(BOOTH_ID, booth_id):
            return show(request, signed, fault="booths.name_wrong")
        if not re.fullmatch("([0-9]{5})?", whose):
            raise NotServed("malformed")
        try:
            with desk.store.database.transaction() as db:
                code = offer_enrolment(
                    db, booth_id, signed.staff.login, desk.now(), signed.within(whose)
                )
        except UsageError:
            return show(request, signed, fault="booths.name_taken")
        return show(request, signed, offered=(booth_id, code))

    def change(
        booth_id: str, signed: Signed, how: Callable[[Connection, str], object], action: str
    ) -> Response:
        """Change something of a booth that is known, and write down who did."""
        with desk.store.database.transaction() as db:
            try:
                how(db, booth_id)
            except UsageError as error:
                raise NotServed("missing") from error
            audit.append(db, desk.now(), signed.staff.login, action, f"booth {booth_id}")
        return desk.go(f"/booths/{booth_id}")

    @router.post("/{booth_id}/remove")
    def remove(booth_id: str, signed: Manages) -> Response:
        return change(booth_id, signed, remove_booth, "booth.remove")

    @router.post("/{booth_id}/accept")
    def accept(booth_id: str, signed: Manages) -> Response:
        return change(booth_id, signed, accept_keys, "booth.accept")

    return router

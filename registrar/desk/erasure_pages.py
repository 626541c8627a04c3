"""A student's erasure: asked for with a reason, told what goes, and confirmed by their number."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from registrar.desk.frame import Desk
from registrar.desk.requests import NotServed, Signed
from registrar.desk.student_pages import LONGEST_ID
from registrar.erasure import WHY, digest_record, erase
from registrar.errors import UsageError
from registrar.students import history

ERASED = r"[0-9a-f]{32}"
"""What the audit log calls who was erased (`erasure.digest_record`)."""


def erasure_routes(desk: Desk) -> APIRouter:
    """Make the routes by which a student is erased."""
    router = APIRouter(prefix="/erasures")
    Erases = Annotated[Signed, Depends(desk.needs("erase"))]  # noqa: N806 - a type

    def show(request: Request, signed: Signed, fault: bool = False) -> Response:
        record_id, why = signed.form.text("record_id", LONGEST_ID), signed.form.text("why")
        with desk.store.database.connection() as db:
            found = history(db, record_id)
        if found is None:
            raise NotServed("missing")
        if why not in WHY:
            raise NotServed("malformed")
        status = 422 if fault else 200
        return desk.page(
            request, "erasure.html", signed, status=status, past=found, why=why, fault=fault
        )

    @router.post("")
    def ask(request: Request, signed: Erases) -> Response:
        return show(request, signed)

    @router.post("/confirmed")
    def confirm(request: Request, signed: Erases) -> Response:
        record_id, why = signed.form.text("record_id", LONGEST_ID), signed.form.text("why")
        if signed.form.text("again", LONGEST_ID) != record_id or why not in WHY:
            return show(request, signed, fault=True)
        key = desk.keys.signing_key
        try:
            erase(desk.store, record_id, key, signed.staff.login, desk.now(), why=why)
        except UsageError as error:  # somebody was quicker
            raise NotServed("missing") from error
        return desk.go(f"/erasures/{digest_record(record_id, key)}")

    @router.get("/{digest}")
    def done(request: Request, signed: Erases, digest: str) -> Response:
        if not re.fullmatch(ERASED, digest):
            raise NotServed("missing")
        return desk.page(request, "erased.html", signed, digest=digest)

    return router

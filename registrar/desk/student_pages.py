"""Students: found by name, number or code; what happened to one; permits and grants given."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response

from protocol.envelope import short_number
from protocol.grants import GRANTS
from registrar.desk.frame import Desk
from registrar.desk.requests import NotServed, Signed
from registrar.erasure import WHY
from registrar.errors import UsageError
from registrar.permits import LONGEST_REASON
from registrar.students import MOST_FOUND, history, search

LONGEST_ID = 100
"""Characters of a record's id (`registrar.roster_fields`)."""

_DONE = ("permitted", "withdrawn", "granted", "grant_withdrawn")
"""What the page says was done."""


def student_routes(desk: Desk) -> APIRouter:
    """Make the routes of students and permits."""
    router = APIRouter()

    @router.get("/students")
    def students(
        request: Request,
        signed: Annotated[Signed, Depends(desk.needs("students"))],
        q: Annotated[str, Query(max_length=100)] = "",
    ) -> Response:
        with desk.store.database.connection() as db:
            found = search(db, q, signed.institution)
        if len(found) == 1:
            return desk.go(_path(found[0].record_id))
        return desk.page(request, "students.html", signed, text=q, found=found, most=MOST_FOUND)

    @router.get("/students/{record_id:path}")
    def student(
        request: Request,
        record_id: str,
        signed: Annotated[Signed, Depends(desk.needs("students"))],
        done: Annotated[str, Query(max_length=20)] = "",
    ) -> Response:
        done = done if done in _DONE else ""
        return _show(desk, request, signed, record_id, done=done)

    @router.post("/permits")
    def permit(
        request: Request, signed: Annotated[Signed, Depends(desk.needs("permit"))]
    ) -> Response:
        record_id = signed.form.text("record_id", LONGEST_ID)
        reason = signed.form.text("reason", LONGEST_REASON)
        act = partial(desk.store.permits.give, record_id, reason)
        return _do(desk, request, signed, record_id, act, "permitted")

    @router.post("/permits/withdraw")
    def withdraw(
        request: Request, signed: Annotated[Signed, Depends(desk.needs("permit"))]
    ) -> Response:
        record_id = signed.form.text("record_id", LONGEST_ID)
        act = partial(desk.store.permits.withdraw, record_id)
        return _do(desk, request, signed, record_id, act, "withdrawn")

    @router.post("/grants")
    def grant(
        request: Request, signed: Annotated[Signed, Depends(desk.needs("permit"))]
    ) -> Response:
        record_id = signed.form.text("record_id", LONGEST_ID)
        name = signed.form.text("grant", LONGEST_ID)
        reason = signed.form.text("reason", LONGEST_REASON)
        act = partial(desk.store.grants.give, record_id, name, reason)
        return _do(desk, request, signed, record_id, act, "granted")

    @router.post("/grants/withdraw")
    def withdraw_grant(
        request: Request, signed: Annotated[Signed, Depends(desk.needs("permit"))]
    ) -> Response:
        record_id = signed.form.text("record_id", LONGEST_ID)
        name = signed.form.text("grant", LONGEST_ID)
        act = partial(desk.store.grants.withdraw, record_id, name)
        return _do(desk, request, signed, record_id, act, "grant_withdrawn")

    return router


def _do(
    desk: Desk,
    request: Request,
    signed: Signed,
    record_id: str,
    act: Callable[[str, datetime], None],
    done: str,
) -> Response:
    """Do what somebody wants done, in their name and now; then show the student again."""
    try:
        act(signed.staff.login, desk.now())
    except UsageError as error:
        return _show(desk, request, signed, record_id, fault=str(error))
    return desk.go(f"{_path(record_id)}?done={done}")


def _show(
    desk: Desk,
    request: Request,
    signed: Signed,
    record_id: str,
    *,
    done: str = "",
    fault: str = "",
) -> Response:
    with desk.store.database.connection() as db:
        found = history(db, record_id)
    if found is None:
        raise NotServed("missing")
    return desk.page(
        request,
        "student.html",
        signed,
        status=409 if fault else 200,
        past=found,
        waits_until=found.waits_until(desk.now()),
        needs_permit=found.bar is not None,
        grants_left=[name for name in GRANTS if name not in {given.name for given in found.grants}],
        id_no=mask(found.record.id_no),
        short_number=short_number,
        most=LONGEST_REASON,
        erasure_reasons=WHY,
        done=done,
        fault=fault,
    )


def mask(id_no: str) -> str:
    """An identity number as a page shows it: enough to compare it with a card, and no more."""
    return id_no if len(id_no) < 8 else f"{id_no[:3]}{'*' * (len(id_no) - 7)}{id_no[-4:]}"


def _path(record_id: str) -> str:
    return f"/students/{quote(record_id)}"

"""The audit log: who did what, newest first, and whether the chain holds."""

import json
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from registrar import audit
from registrar.audit_chain import Entry
from registrar.desk.frame import Desk
from registrar.desk.requests import Signed

ENTRIES = 100
"""Of a page."""

Searched = Annotated[str, Query(max_length=200)]


def audit_routes(desk: Desk) -> APIRouter:
    """Make the routes of the audit log."""
    router = APIRouter(prefix="/audit")
    Audits = Annotated[Signed, Depends(desk.needs("audit"))]  # noqa: N806 - a type

    @router.get("")
    def log(
        request: Request,
        signed: Audits,
        before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
        actor: Searched = "",
        subject: Searched = "",
    ) -> Response:
        with desk.store.database.connection() as db:
            entries = audit.page(db, ENTRIES, before, subject.strip(), actor.strip())
        return desk.page(
            request,
            "audit.html",
            signed,
            entries=[(entry, datetime.fromisoformat(entry.at), tell(entry)) for entry in entries],
            older=entries[-1].number if len(entries) == ENTRIES else None,
            actor=actor,
            subject=subject,
        )

    @router.post("/verify")
    def verify(request: Request, signed: Audits) -> Response:
        with desk.store.database.connection() as db:
            fault = audit.verify_log(db)
        return desk.page(request, "audit_verified.html", signed, fault=fault)

    return router


def tell(entry: Entry) -> str:
    """An entry's details in one line."""
    detail = json.loads(entry.detail)
    return ", ".join(f"{name} {_value(value)}" for name, value in detail.items() if value != "")


def _value(value: object) -> str:
    return "+".join(map(str, value)) if isinstance(value, list) else str(value)

"""The audit log: who did what, newest first, and whether the chain holds."""

import json
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from protocol.envelope import short_number
from registrar import audit
from registrar.audit_chain import Entry
from registrar.desk.frame import Desk
from registrar.desk.requests import Signed
from registrar.desk.words import Words

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
        words = desk.words(signed.staff.language)
        with desk.store.database.connection() as db:
            entries = audit.page(db, ENTRIES, before, subject.strip(), actor.strip())
        return desk.page(
            request,
            "audit.html",
            signed,
            entries=[
                (entry, datetime.fromisoformat(entry.at), tell(entry, words)) for entry in entries
            ],
            shorten=shorten,
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


def tell(entry: Entry, words: Words) -> str:
    """An entry's details in one line, as far as there are words for them."""
    detail = json.loads(entry.detail)
    return "; ".join(
        f"{words.any(f'audit.detail_{name}', name)} {_value(name, value, words)}"
        for name, value in detail.items()
        if value not in ("", None)
    )


def shorten(subject: str) -> str:
    """A photo as its receipt has it, and what else an entry is about as it is."""
    try:
        return short_number(UUID(subject))
    except ValueError:
        return subject


_NAMED = {"reason": "refusal.{}", "state": "state.{}", "roles": "account.role_{}"}
"""Details whose values are names, and where the words have these."""


def _value(name: str, value: object, words: Words) -> str:
    if isinstance(value, bool):
        return words("audit.yes" if value else "audit.no")
    if isinstance(value, list):
        return "+".join(_value(name, one, words) for one in value)
    return words.any(_NAMED.get(name, "{}").format(value), str(value))

"""What the pages share on which a file is tried first, and imported then."""

import time
from functools import partial
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, Depends, Request, Response

from registrar.desk import tried_files
from registrar.desk.access import Act
from registrar.desk.frame import Desk
from registrar.desk.reasons import tell_reason
from registrar.desk.requests import NotServed, Signed

SHOWN = 2000
"""Refused rows that a page shows."""

NAME_LETTERS = 200
"""Of a file's name."""

COUNTS = r"^\d{1,9}-\d{1,9}-\d{1,9}$"
"""What an import has done, as the page's address has it after it."""


def preview_page(
    desk: Desk,
    request: Request,
    signed: Signed,
    template: str,
    file: BinaryIO,
    refused: Any,
    **more: Any,
) -> Response:
    """Make the page of a file that was tried, which is kept until it is imported."""
    tried_files.sweep(desk.store.objects, time.time())
    return desk.page(
        request,
        template,
        signed,
        refused=refused,
        shown=refused[:SHOWN],
        reason=partial(tell_reason, signed.staff.language),
        ticket=tried_files.keep(desk.store.objects, file).write(),
        **more,
    )


def read_tried(desk: Desk, signed: Signed) -> tuple[tried_files.Ticket, BinaryIO | None]:
    """Read the file that a form is about; None where it is gone. Raises NotServed."""
    ticket = tried_files.Ticket.read(signed.form.text("ticket"))
    if ticket is None:
        raise NotServed("malformed")
    return ticket, tried_files.read(desk.store.objects, ticket)


def add_drop(router: APIRouter, desk: Desk, act: Act, back: str) -> None:
    """Add the route by which a file that was tried is not to be imported."""

    Drops = Annotated[Signed, Depends(desk.needs(act))]  # noqa: N806 - a type

    @router.post("/drop")
    def drop(signed: Drops) -> Response:
        ticket = tried_files.Ticket.read(signed.form.text("ticket"))
        if ticket is not None:
            tried_files.forget(desk.store.objects, ticket)
        return desk.go(back)

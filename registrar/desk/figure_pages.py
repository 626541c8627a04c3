"""The page of figures."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from registrar.desk.figures import figures, institutions
from registrar.desk.frame import Desk
from registrar.desk.plots import columns
from registrar.desk.requests import Signed
from registrar.exportable import Selection

WIDTH, HEIGHT = 580.0, 240.0
"""Of a plot, in its own units: it grows with the page."""


def figure_routes(desk: Desk) -> APIRouter:
    """Make the route of the figures."""
    router = APIRouter()

    @router.get("/figures")
    def show(
        request: Request,
        signed: Annotated[Signed, Depends(desk.needs("figures"))],
        institution: Annotated[str, Query(max_length=5)] = "",
        first: Annotated[str, Query(max_length=10)] = "",
        last: Annotated[str, Query(max_length=10)] = "",
    ) -> Response:
        selection = Selection(signed.within(institution), None, read_day(first), read_day(last))
        with desk.store.database.connection() as db:
            found = figures(db, selection, desk.now())
            all_ = institutions(db, signed.institution)
        days = [(f"{day:%m-%d}", count) for day, count in found.by_day.items()]
        hours = [(f"{hour:02}", count) for hour, count in found.by_hour.items()]
        return desk.page(
            request,
            "figures.html",
            signed,
            figures=found,
            institutions=all_,
            institution=selection.institution_code,
            first=selection.first_day,
            last=selection.last_day,
            by_day=columns(days, WIDTH, HEIGHT, label_width=54.0),
            by_hour=columns(hours, WIDTH, HEIGHT, label_width=30.0),
        )

    return router


def read_day(text: str) -> date | None:
    """Read a day as a form's field has it; None where it has none, or something else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

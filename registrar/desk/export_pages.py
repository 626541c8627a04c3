"""Export: approved photos as one ZIP file; and the results of the national comparison back in."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.responses import StreamingResponse

from registrar.desk.figure_pages import read_day
from registrar.desk.figures import colleges, institutions
from registrar.desk.frame import Desk
from registrar.desk.reasons import tell_reason
from registrar.desk.requests import Signed
from registrar.errors import UsageError
from registrar.export import Request as ExportRequest
from registrar.export_zip import MOST_IN_ZIP, make_zip
from registrar.exportable import Selection, count_exportable
from registrar.results import ResultImport
from registrar.settings import Settings
from registrar.spreadsheets import open_sheet
from registrar.spreadsheets.sheet import LARGEST_FILE


def export_routes(desk: Desk) -> APIRouter:
    """Make the routes of the export, and of the results."""
    router = APIRouter()

    @router.get("/export")
    def export(
        request: Request,
        signed: Annotated[Signed, Depends(desk.needs("export"))],
        institution: Annotated[str, Query(max_length=5)] = "",
        college: Annotated[str, Query(max_length=100)] = "",
        first: Annotated[str, Query(max_length=10)] = "",
        last: Annotated[str, Query(max_length=10)] = "",
    ) -> Response:
        days = (first, last)
        wrong = any(day and read_day(day) is None for day in days)
        selection = _select(signed, institution, college, *days)
        return _show(desk, request, signed, selection, fault="export.wrong_day" if wrong else "")

    @router.post("/export/zip")
    def download(
        request: Request, signed: Annotated[Signed, Depends(desk.needs("export"))]
    ) -> Response:
        names = ("institution", "college", "first", "last")
        selection = _select(signed, *(signed.form.text(name, 100) for name in names))
        asked = ExportRequest(
            selection, Settings.read(desk.store.folder).names, signed.staff.login, desk.now()
        )
        ready, _ = count_exportable(desk.store.database, selection, asked.at)
        if not 0 < ready <= MOST_IN_ZIP:
            return _show(desk, request, signed, selection, status=409)
        parts = [selection.institution_code or "photos", f"{asked.at.astimezone():%Y%m%d-%H%M}"]
        return StreamingResponse(
            make_zip(desk.store, desk.vault, asked),
            media_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="{"-".join(parts)}.zip"'},
        )

    @router.post("/results")
    def results(
        request: Request,
        signed: Annotated[Signed, Depends(desk.needs("results", most_bytes=LARGEST_FILE + 10_000))],
    ) -> Response:
        file = signed.form.file("file")
        if file is None:
            return _show(
                desk,
                request,
                signed,
                Selection(signed.institution),
                fault="export.no_file",
                status=400,
            )
        try:
            opened = open_sheet(file.filename or "results.csv", file.file)
            done = desk.store.results.import_file(
                opened, signed.staff.login, desk.now(), signed.institution
            )
        except UsageError as error:
            return _show(
                desk, request, signed, Selection(signed.institution), why=str(error), status=400
            )
        return _show(desk, request, signed, Selection(signed.institution), results=done)

    return router


def _select(signed: Signed, institution: str, college: str, first: str, last: str) -> Selection:
    whose = signed.within(institution)
    return Selection(whose, college.strip() or None, read_day(first), read_day(last))


def _show(
    desk: Desk,
    request: Request,
    signed: Signed,
    selection: Selection,
    *,
    fault: str = "",
    why: str = "",
    results: ResultImport | None = None,
    status: int = 200,
) -> Response:
    ready, waiting = count_exportable(desk.store.database, selection, desk.now())
    with desk.store.database.connection() as db:
        all_ = institutions(db, signed.institution)
        code = selection.institution_code
        named = [] if code is None else colleges(db, code)
    return desk.page(
        request,
        "export.html",
        signed,
        status=status,
        selection=selection,
        ready=ready,
        waiting=waiting,
        most=MOST_IN_ZIP,
        institutions=all_,
        colleges=named,
        named_by=Settings.read(desk.store.folder).names,
        fault=fault,
        why=tell_reason(signed.staff.language, why),
        reason=partial(tell_reason, signed.staff.language),
        results=results,
    )

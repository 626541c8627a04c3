"""The schedule: what is held, and its import, tried first with every refused row."""

from typing import Annotated, BinaryIO

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import Connection

from protocol.schedule import SHANGHAI
from registrar import audit
from registrar.desk import tried_files
from registrar.desk.figures import institutions
from registrar.desk.frame import Desk
from registrar.desk.imports import COUNTS, NAME_LETTERS, add_drop, preview_page, read_tried
from registrar.desk.reasons import tell_reason
from registrar.desk.requests import Signed
from registrar.errors import UsageError
from registrar.schedule import (
    ScheduleChange,
    all_slots,
    import_schedule,
    only_institution,
    preview_schedule,
)
from registrar.schedule_reading import JudgedSchedule, judge_schedule
from registrar.spreadsheets import open_sheet

LARGEST_SCHEDULE = 5_000_000
"""Bytes of the largest schedule that is uploaded."""


def schedule_routes(desk: Desk) -> APIRouter:
    """Make the routes of the schedule."""
    router = APIRouter(prefix="/schedule")
    Imports = Annotated[Signed, Depends(desk.needs("schedule"))]  # noqa: N806 - a type
    Uploads = Annotated[  # noqa: N806 - a type
        Signed, Depends(desk.needs("schedule", most_bytes=LARGEST_SCHEDULE + 100_000))
    ]

    def show(
        request: Request,
        signed: Signed,
        *,
        fault: str | None = None,
        done: ScheduleChange | None = None,
    ) -> Response:
        with desk.store.database.connection() as db:
            slots = list(all_slots(db, signed.institution))
            known = institutions(db, signed.institution)
        return desk.page(
            request,
            "schedule.html",
            signed,
            status=200 if fault is None else 422,
            slots=slots,
            institutions=known,
            zone=SHANGHAI,
            fault=None if fault is None else tell_reason(signed.staff.language, fault),
            done=done,
        )

    def judge(signed: Signed, name: str, file: BinaryIO) -> JudgedSchedule:
        code = signed.institution or signed.form.text("institution", 5) or None
        if code is None:
            with desk.store.database.connection() as db:
                code = only_institution(db)
        sheet = open_sheet(name, file)
        return judge_schedule(sheet, code, alone=signed.institution is not None)

    @router.get("")
    def schedule(
        request: Request,
        signed: Imports,
        done: Annotated[str, Query(pattern=COUNTS)] = "",
    ) -> Response:
        counts = ScheduleChange(*map(int, done.split("-"))) if done else None
        return show(request, signed, done=counts)

    @router.post("/preview")
    def preview(request: Request, signed: Uploads) -> Response:
        file = signed.form.file("file")
        if file is None:
            words = desk.words(signed.staff.language)
            return show(request, signed, fault=words("roster.no_file"))
        name = (file.filename or "")[:NAME_LETTERS]
        try:
            found = preview_schedule(desk.store.database, judge(signed, name, file.file))
        except UsageError as error:
            return show(request, signed, fault=str(error))
        return preview_page(
            desk,
            request,
            signed,
            "schedule_preview.html",
            file.file,
            found.judged.refused,
            remarks=found.remarks,
            name=name,
            institution=signed.form.text("institution", 5),
            preview=found,
            zone=SHANGHAI,
        )

    @router.post("/import")
    def import_(request: Request, signed: Imports) -> Response:
        form, in_part = signed.form, signed.form.text("partial") == "yes"
        ticket, data = read_tried(desk, signed)
        if data is None:
            fault = desk.words(signed.staff.language)("roster.gone")
            return show(request, signed, fault=fault)
        try:
            judged = judge(signed, form.text("name", NAME_LETTERS), data)

            def note(db: Connection, done: ScheduleChange) -> None:
                audit.append(
                    db,
                    desk.now(),
                    signed.staff.login,
                    "schedule.import",
                    "schedule",
                    partial=in_part,
                    institutions=sorted(judged.slots()),
                    new=done.new,
                    removed=done.removed,
                )

            done = import_schedule(desk.store.database, judged, partial=in_part, note=note)
        except UsageError as error:
            return show(request, signed, fault=str(error))
        tried_files.forget(desk.store.objects, ticket)
        return desk.go(f"/schedule?done={done.new}-{done.removed}-{done.same}")

    add_drop(router, desk, "schedule", "/schedule")
    return router

"""The roster's import: tried first, with every refused row; then done, whole or in part."""

import re
from dataclasses import dataclass
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import Connection, func, select

from registrar import audit, column_names
from registrar.desk import tried_files
from registrar.desk.frame import Desk
from registrar.desk.imports import COUNTS, NAME_LETTERS, add_drop, preview_page, read_tried
from registrar.desk.reasons import tell_reason
from registrar.desk.requests import Signed
from registrar.errors import UsageError
from registrar.records import ImportResult
from registrar.roster_ahead import publish_aside
from registrar.roster_import import import_roster, preview_import
from registrar.roster_publisher import RosterPublisher
from registrar.roster_reading import COLUMNS, Judged, judge_roster
from registrar.spreadsheets import open_sheet
from registrar.spreadsheets.sheet import LARGEST_FILE
from registrar.storage.tables import PHOTO, RECORD

MOST_SAID = 2000
"""Characters of what is said of columns."""


@dataclass(frozen=True, slots=True)
class InstitutionCount:
    """How far an institution's roster is photographed."""

    code: str
    name: str
    records: int
    photographed: int


def roster_page_routes(desk: Desk) -> APIRouter:
    """Make the routes of the roster's import."""
    router = APIRouter(prefix="/roster")
    Imports = Annotated[Signed, Depends(desk.needs("roster"))]  # noqa: N806 - a type
    Uploads = Annotated[  # noqa: N806 - a type
        Signed, Depends(desk.needs("roster", most_bytes=LARGEST_FILE + 100_000))
    ]

    def show(
        request: Request,
        signed: Signed,
        *,
        fault: str | None = None,
        done: ImportResult | None = None,
    ) -> Response:
        with desk.store.database.connection() as db:
            institutions = count_by_institution(db, signed.institution)
        return desk.page(
            request,
            "roster.html",
            signed,
            status=200 if fault is None else 422,
            institutions=institutions,
            fault=None if fault is None else tell_reason(signed.staff.language, fault),
            done=done,
        )

    @router.get("")
    def roster(
        request: Request,
        signed: Imports,
        done: Annotated[str, Query(pattern=COUNTS)] = "",
    ) -> Response:
        counts = ImportResult(*map(int, done.split("-"))) if done else None
        return show(request, signed, done=counts)

    @router.post("/preview")
    def preview(request: Request, signed: Uploads) -> Response:
        words = desk.words(signed.staff.language)
        file = signed.form.file("file")
        if file is None:
            return show(request, signed, fault=words("roster.no_file"))
        name = (file.filename or "")[:NAME_LETTERS]
        try:
            columns = signed.form.text("columns", MOST_SAID)
            judged = _judge(desk, name, file.file, signed.institution, columns)
            found = preview_import(desk.store.records, judged, signed.institution)
        except UsageError as error:
            return show(request, signed, fault=str(error))
        return preview_page(
            desk,
            request,
            signed,
            "roster_preview.html",
            file.file,
            found.refused,
            remarks=judged.remarks,
            name=name,
            columns=columns,
            preview=found,
        )

    @router.post("/import")
    def import_(request: Request, signed: Imports) -> Response:
        form, in_part = signed.form, signed.form.text("partial") == "yes"
        ticket, data = read_tried(desk, signed)
        if data is None:
            fault = desk.words(signed.staff.language)("roster.gone")
            return show(request, signed, fault=fault)

        def note(db: Connection, done: ImportResult) -> None:
            by, counts = signed.staff.login, {"new": done.new, "changed": done.changed}
            audit.append(db, desk.now(), by, "roster.import", "roster", partial=in_part, **counts)
            said = column_names.parse_named(_split(columns), COLUMNS)
            column_names.remember(db, signed.institution, said, by, desk.now())

        try:
            name, columns = form.text("name", NAME_LETTERS), form.text("columns", MOST_SAID)
            judged = _judge(desk, name, data, signed.institution, columns)
            done = import_roster(
                desk.store.records,
                judged,
                partial=in_part,
                note=note,
                institution_code=signed.institution,
            )
        except UsageError as error:
            return show(request, signed, fault=str(error))
        tried_files.forget(desk.store.objects, ticket)
        database, key = desk.store.database, desk.keys.signing_key
        publish_aside(database, RosterPublisher(database, desk.store.objects, key, desk.now))
        return desk.go(f"/roster?done={done.new}-{done.changed}-{done.same}")

    add_drop(router, desk, "roster", "/roster")
    return router


def count_by_institution(
    db: Connection, institution_code: str | None = None
) -> list[InstitutionCount]:
    """Count each institution's records, or the one's, and those of them that have a photo."""
    # Joined, and not looked up for each record: a province has millions.
    photographed = select(PHOTO.c.record_id).distinct().subquery("photographed")
    counted = (
        select(
            RECORD.c.institution_code,
            func.min(RECORD.c.institution),
            func.count(),
            func.count(photographed.c.record_id),
        )
        .outerjoin(photographed, photographed.c.record_id == RECORD.c.record_id)
        .group_by(RECORD.c.institution_code)
        .order_by(RECORD.c.institution_code)
    )
    if institution_code is not None:
        counted = counted.where(RECORD.c.institution_code == institution_code)
    return [InstitutionCount(*row) for row in db.execute(counted)]


def _judge(
    desk: Desk, name: str, file: BinaryIO, institution_code: str | None, columns: str
) -> Judged:
    """Judge a file, by the columns' names that are said now, and those that are remembered."""
    with desk.store.database.connection() as db:
        known = column_names.remembered(db, institution_code)
    named = {**known, **column_names.parse_named(_split(columns), COLUMNS)}
    return judge_roster(open_sheet(name, file), institution_code, named)


def _split(columns: str) -> list[str]:
    return [text for text in map(str.strip, re.split(r"[;；\n]", columns)) if text]

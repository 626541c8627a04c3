"""One photo: at full size, with the rules' lines, its provenance, and what was said of it."""

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from protocol.envelope import short_number
from protocol.provenance import Provenance
from protocol.review import REASONS
from registrar.audit import append
from registrar.desk.frame import Desk
from registrar.desk.photo_view import view_photo
from registrar.desk.requests import NotServed, Signed
from registrar.errors import UsageError
from registrar.opening import open_held
from registrar.reviews import LONGEST_NOTE

KEPT = "private, max-age=600"
"""How long a browser keeps a photo that a person has seen: so the next one is there at once."""


@dataclass(frozen=True, slots=True)
class Line:
    """A place that a photo's rules speak of, in its pixels: where it is, and where it may be."""

    name: str
    at: float
    least: float
    most: float


def photo_routes(desk: Desk) -> APIRouter:
    """Make the routes of one photo."""
    router = APIRouter()

    @router.get("/photos/{submission_id}.jpg")
    def jpeg(
        submission_id: UUID, signed: Annotated[Signed, Depends(desk.needs("photos"))]
    ) -> Response:
        held = desk.store.photos.held(submission_id)
        if held is None:
            raise NotServed("missing")
        picture = open_held(desk.store, desk.vault, held)
        with desk.store.database.transaction() as db:
            append(db, desk.now(), signed.staff.login, "photo.see", str(submission_id))
        return Response(picture, media_type="image/jpeg", headers={"Cache-Control": KEPT})

    @router.get("/photos/{submission_id}")
    def photo(
        request: Request,
        submission_id: UUID,
        signed: Annotated[Signed, Depends(desk.needs("photos"))],
    ) -> Response:
        return _show(desk, request, signed, submission_id)

    @router.post("/photos/{submission_id}/revoke")
    def revoke(
        request: Request,
        submission_id: UUID,
        signed: Annotated[Signed, Depends(desk.needs("revoke"))],
    ) -> Response:
        reason, note = signed.form.text("reason"), signed.form.text("note", LONGEST_NOTE)
        if reason not in REASONS:
            raise NotServed("malformed")
        try:
            desk.store.reviews.revoke(
                signed.staff.login, submission_id, desk.now(), reason=reason, note=note
            )
        except UsageError as error:
            return _show(desk, request, signed, submission_id, fault=str(error))
        return desk.go(f"/photos/{submission_id}")

    return router


def _show(
    desk: Desk, request: Request, signed: Signed, submission_id: UUID, fault: str = ""
) -> Response:
    view = view_photo(desk.store, desk.vault, submission_id)
    if view is None:
        raise NotServed("missing")
    return desk.page(
        request,
        "photo.html",
        signed,
        status=409 if fault else 200,
        view=view,
        size=find_size(view.record),
        lines=find_lines(view.record),
        bounds=find_bounds(view.record),
        beyond=(beyond := find_beyond(view.record)),
        notable=beyond | view.record.excused.keys(),
        short_number=short_number,
        reasons=REASONS,
        fault=fault,
    )


def find_size(record: Provenance) -> tuple[int, int]:
    """A photo's pixels across and down, as its record has them; 480 × 640 where it has none."""
    said = _parameters(record, "scale")
    width, height = said.get("width"), said.get("height")
    if isinstance(width, int | float) and isinstance(height, int | float):
        return int(width), int(height)
    return 480, 640


def find_lines(record: Provenance) -> list[Line]:
    """The places in a photo, as its record has them; none where it is of an older booth."""
    said = _parameters(record, "verify")
    width, height = find_size(record)
    sides = {"head_top": height, "eye_line": height, "face_width": width, "midline": width}
    lines = []
    for name, side in sides.items():
        numbers = [said.get(key) for key in (name, f"{name} least", f"{name} most")]
        if all(isinstance(number, int | float) for number in numbers):
            at, least, most = (float(number) * side for number in numbers)  # type: ignore[arg-type]
            lines.append(Line(name, at, least, most))
    return lines


def find_bounds(record: Provenance) -> dict[str, str]:
    """Within which each rule's value had to be, as the record has it, by the rule's name."""
    return {name: str(value) for name, value in _parameters(record, "judge").items()}


def find_beyond(record: Provenance) -> set[str]:
    """The rules whose value the record has beyond its own bounds: excused, or not to be trusted."""
    beyond = set()
    for name, bounds in find_bounds(record).items():
        value, found = record.rules.get(name), re.fullmatch(r"(\S+) – (\S+)", bounds)
        with suppress(ValueError):  # no numbers that a booth writes
            if value is not None and found and not float(found[1]) <= value <= float(found[2]):
                beyond.add(name)
    return beyond


def _parameters(record: Provenance, operation: str) -> dict[str, object]:
    return next((dict(done.parameters) for done in record.operations if done.name == operation), {})

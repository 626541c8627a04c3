"""The review by keyboard: one photo at a time, and the next is there before it is asked for."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from protocol.envelope import short_number
from protocol.review import REASONS
from registrar.desk.frame import Desk
from registrar.desk.photo_view import TRUSTED, PhotoView, find_vouched, view_photo
from registrar.desk.requests import NotServed, Signed
from registrar.errors import UsageError
from registrar.photo_state import Verdict
from registrar.reviews import LONGEST_NOTE, Overtaken, waiting

KEYS = "1234567890qwtyzx"
"""The keys that choose a reason once R is pressed, in the order of the list."""

_VERDICTS: dict[str, Verdict] = {"approve": "approved", "refuse": "refused"}


def review_routes(desk: Desk) -> APIRouter:
    """Make the routes of the review."""
    router = APIRouter()
    Reviewer = Annotated[Signed, Depends(desk.needs("review"))]  # noqa: N806 - a type
    After = Annotated[int, Query(ge=0, le=2**53)]  # noqa: N806

    @router.get("/review")
    def review(request: Request, signed: Reviewer, after: After = 0) -> Response:
        return _show_next(desk, request, signed, after=after)

    @router.post("/review/undo")
    def undo(request: Request, signed: Reviewer) -> Response:
        undone = desk.store.reviews.undo(signed.staff.login, desk.now())
        said = "review.not_undone" if undone is None else "review.undone"
        number = "" if undone is None else short_number(undone)
        return _show_next(desk, request, signed, said=(said, {"number": number}))

    @router.post("/review/{submission_id}")
    def decide(request: Request, signed: Reviewer, submission_id: UUID) -> Response:
        verdict = _VERDICTS.get(signed.form.text("verdict"))
        if verdict is None:
            raise NotServed("malformed")
        reason = signed.form.text("reason") if verdict == "refused" else None
        note = signed.form.text("note", LONGEST_NOTE) if verdict == "refused" else ""
        after = signed.form.text("after")
        passed_over = int(after) if after.isdecimal() and len(after) < 16 else 0
        if reason is not None and reason not in REASONS:
            fault: tuple[str, dict[str, str]] = ("review.wrong_reason", {})
            return _show_next(desk, request, signed, after=passed_over, fault=fault)
        held = desk.store.photos.held(submission_id)
        if held is None:
            raise NotServed("missing")
        if verdict == "approved" and find_vouched(desk.store, desk.vault, held) not in TRUSTED:
            fault = ("review.untrusted", {})
            return _show_next(desk, request, signed, after=passed_over, fault=fault)
        words = desk.words(signed.staff.language)
        try:
            state = desk.store.reviews.decide(
                signed.staff.login, submission_id, verdict, desk.now(), reason=reason, note=note
            )
        except Overtaken:
            fault = ("review.overtaken", {})
            return _show_next(desk, request, signed, after=passed_over, fault=fault)
        except UsageError as error:
            raise NotServed("missing") from error
        key = "first" if state == "unreviewed" else state
        told = {
            "number": short_number(submission_id),
            "reason": "" if reason is None else words(f"refusal.{reason}"),
        }
        return _show_next(
            desk, request, signed, after=passed_over, said=(f"review.said_{key}", told)
        )

    return router


def _show_next(
    desk: Desk,
    request: Request,
    signed: Signed,
    *,
    after: int = 0,
    said: tuple[str, dict[str, str]] | None = None,
    fault: tuple[str, dict[str, str]] | None = None,
) -> Response:
    """Show the photo whose turn it is; to who has the page already, only what changes of it."""
    taken = desk.store.reviews.take(
        signed.staff.login, desk.now(), after=after, institution_code=signed.institution
    )
    views = [view_photo(desk.store, desk.vault, photo.submission_id) for photo in taken[:1]]
    view: PhotoView | None = views[0] if views else None
    with desk.store.database.connection() as db:
        left = waiting(db, signed.institution)
    words = desk.words(signed.staff.language)
    values: dict[str, Any] = {
        "view": view,
        "place": taken[0].number if taken else 0,
        "ahead": taken[1].submission_id if len(taken) > 1 else None,
        "left": left,
        "after": after,
        "reasons": list(zip(KEYS, REASONS, strict=False)),
        "said": None if said is None else words(said[0], **said[1]),
        "fault": None if fault is None else words(fault[0], **fault[1]),
    }
    part = request.headers.get("HX-Request") == "true"
    return desk.page(request, "review_photo.html" if part else "review.html", signed, **values)

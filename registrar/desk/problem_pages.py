"""What is answered in the place of a page: sign in first, it is not there, you may not."""

from collections.abc import Callable
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from protocol.request import PREFIX
from registrar.desk.frame import Desk
from registrar.desk.requests import STATUS, NotServed, NotSignedIn, Refusal

HTMX_HEADER = "HX-Request"


def answer_not_signed_in(request: Request, error: NotSignedIn) -> Response:
    """Send a browser to sign in, and afterwards back to the page."""
    here = "/"
    if request.method == "GET":
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    login = f"/login?next={quote(here)}"
    if HTMX_HEADER in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": login})
    return RedirectResponse(login, 303)


def answer_not_served(desk: Desk) -> Callable[[Request, NotServed], Response]:
    """Make what tells why a page's request is not served."""

    def answer(request: Request, error: NotServed) -> Response:
        return _page(desk, request, error.refusal, STATUS[error.refusal])

    return answer


def answer_missing(
    desk: Desk,
) -> Callable[[Request, HTTPException | RequestValidationError], Response]:
    """Make what tells that there is no such page, or that an address is wrong."""

    def answer(request: Request, error: HTTPException | RequestValidationError) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 422
        if request.url.path.startswith(f"{PREFIX}/"):  # a booth asks, of another version maybe
            return Response("{}", status, media_type="application/json")
        return _page(desk, request, "malformed" if status == 422 else "missing", status)

    return answer


def _page(desk: Desk, request: Request, refusal: Refusal, status: int) -> Response:
    signed = getattr(request.state, "signed", None) or desk.who(request)
    return desk.page(request, "problem.html", signed, status=status, refusal=refusal)

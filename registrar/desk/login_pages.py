"""Signing in and out, by password and code or by passkey."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import JSONResponse

from registrar import audit
from registrar.desk.accounts import Staff, fold_login
from registrar.desk.frame import LANGUAGE_COOKIE, Desk
from registrar.desk.limits import BY_ACCOUNT, BY_ADDRESS, TooManyAttempts
from registrar.desk.passkeys import Passkeys, find_place
from registrar.desk.requests import Form, NotServed, Signed, cookie_name, read_form
from registrar.desk.sessions import LONGEST
from registrar.desk.words import Language, as_language


async def anybodys_form(request: Request) -> Form:
    """The dependency that reads a form of who is not signed in. Raises NotServed."""
    return await read_form(request)


AnybodysForm = Annotated[Form, Depends(anybodys_form)]


def login_routes(desk: Desk) -> APIRouter:
    """Make the routes by which staff sign in and out."""
    router = APIRouter()
    passkeys = Passkeys(desk.store.database)
    signed_in = desk.needs("account")

    def refuse(request: Request, fault: str, status: int, next_: str) -> Response:
        return desk.page(
            request,
            "login.html",
            None,
            status=status,
            fault=fault,
            next=next_,
            has_passkeys=find_place(request) is not None,
        )

    @router.get("/login")
    def login_page(request: Request, next: str = "/") -> Response:
        has_passkeys = find_place(request) is not None
        return desk.page(
            request, "login.html", None, fault=None, next=own_path(next), has_passkeys=has_passkeys
        )

    @router.post("/login")
    def login(request: Request, form: AnybodysForm) -> Response:
        name, now = fold_login(form.text("login")), desk.now().timestamp()
        next_ = own_path(form.text("next", 500))
        account = f"login {name}"
        try:
            desk.limits.count({account: BY_ACCOUNT, _address(request): BY_ADDRESS}, now)
        except TooManyAttempts as error:
            refused = refuse(request, "login.too_many", 429, next_)
            refused.headers["Retry-After"] = f"{error.seconds:.0f}"
            return refused
        staff = desk.accounts.check_password(name, form.text("password"), form.text("code"), now)
        if staff is None:
            return refuse(request, "login.wrong", 403, next_)
        desk.limits.forget(account)
        return sign_in(desk, request, staff, desk.go(next_), "password")

    @router.post("/login/passkey/options")
    def passkey_options(request: Request, form: AnybodysForm) -> Response:
        place, now = find_place(request), desk.now().timestamp()
        if place is None:
            raise NotServed("missing")
        try:  # each is a row, until it is old
            desk.limits.count({f"challenge {_address(request)}": BY_ADDRESS}, now)
        except TooManyAttempts:
            return JSONResponse({"fault": "too_many"}, 429)
        options = passkeys.offer_assertion(place, now)
        return Response(options, media_type="application/json")

    @router.post("/login/passkey")
    def login_by_passkey(request: Request, form: AnybodysForm) -> Response:
        place, now = find_place(request), desk.now().timestamp()
        try:
            desk.limits.count({_address(request): BY_ADDRESS}, now)
        except TooManyAttempts:
            return JSONResponse({"fault": "too_many"}, 429)
        if place is None:
            raise NotServed("missing")
        staff_id = passkeys.check_assertion(place, form.text("credential", 20_000), now)
        staff = None if staff_id is None else desk.accounts.find(staff_id)
        if staff is None:
            return JSONResponse({"fault": "wrong"}, 403)
        answer = JSONResponse({"next": own_path(form.text("next", 500))})
        return sign_in(desk, request, staff, answer, "passkey")

    @router.post("/logout")
    def logout(request: Request, signed: Annotated[Signed, Depends(signed_in)]) -> Response:
        name = cookie_name(request)
        desk.sessions.end(request.cookies[name])
        answer = desk.go("/login")
        answer.delete_cookie(name, secure=request.url.scheme == "https")
        return answer

    @router.post("/login/language")
    def choose(request: Request, form: AnybodysForm) -> Response:
        language = as_language(form.text("language"))
        if language is None:
            raise NotServed("malformed")
        answer = desk.go(own_path(form.text("next", 500)))
        remember_language(answer, language)
        return answer

    @router.post("/language")
    def choose_for_good(
        request: Request, signed: Annotated[Signed, Depends(signed_in)]
    ) -> Response:
        language = as_language(signed.form.text("language"))
        if language is None:
            raise NotServed("malformed")
        desk.accounts.set_language(signed.staff.staff_id, language)
        answer = desk.go(own_path(signed.form.text("next", 500)))
        remember_language(answer, language)
        return answer

    return router


def sign_in(desk: Desk, request: Request, staff: Staff, answer: Response, way: str) -> Response:
    """Begin a session, and hand its token to the browser with an answer."""
    now = desk.now()
    with desk.store.database.transaction() as db:
        audit.append(db, now, staff.login, "staff.sign_in", f"staff {staff.login}", way=way)
    remember_language(answer, staff.language)
    answer.set_cookie(
        cookie_name(request),
        desk.sessions.begin(staff.staff_id, now.timestamp()),
        max_age=int(LONGEST),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer


def remember_language(answer: Response, language: Language) -> None:
    """Have pages be in a language before somebody has signed in, and where nobody has."""
    answer.set_cookie(
        LANGUAGE_COOKIE, language, max_age=31_536_000, httponly=True, samesite="strict"
    )


def own_path(path: str) -> str:
    """A path of this site's own pages; the first page's where it is another's."""
    try:
        parts = urlsplit(path)
    except ValueError:
        return "/"
    own = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc
    return path if own and path.isprintable() and "\\" not in path else "/"


def _address(request: Request) -> str:
    return f"address {request.client.host if request.client else ''}"

"""What a page's request brings: who sent it, checked before its body is read, and its form."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from protocol.request import is_loopback
from registrar.desk.access import Act, may
from registrar.desk.accounts import Accounts, Staff
from registrar.desk.belongings import Belongings
from registrar.desk.sessions import Session, Sessions
from registrar.errors import RegistrarError

FORM_BYTES = 64_000
"""Of the largest form without a file."""

FORM_SECONDS = 30.0
"""For a form without a file to come."""

SLOWEST = 100_000
"""Bytes a second at which a large file must come at least."""

CSRF_FIELD, CSRF_HEADER = "csrf", "X-CSRF-Token"

Refusal = Literal[
    "forbidden", "forged", "not_fresh", "too_large", "too_slow", "malformed", "missing"
]
STATUS: dict[Refusal, int] = {
    "forbidden": 403,
    "forged": 403,
    "not_fresh": 403,
    "too_large": 413,
    "too_slow": 408,
    "malformed": 400,
    "missing": 404,
}


class NotSignedIn(RegistrarError):
    """The browser has no session, or one that is over."""


class NotServed(RegistrarError):
    """Why a page's request is not served; `refusal` is a key of the words' table `problem`."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal: Refusal = refusal


@dataclass(frozen=True, slots=True)
class Form:
    """What a form brought."""

    data: FormData

    def text(self, name: str, most: int = 200) -> str:
        """A field, empty where it lacks; raises NotServed where it is longer than `most`."""
        value = self.data.get(name, "")
        if not isinstance(value, str) or len(value) > most or not is_text(value):
            raise NotServed("malformed")
        return value.strip()

    def texts(self, name: str, most: int = 50) -> list[str]:
        """All fields of a name, `most` at most."""
        values = self.data.getlist(name)[:most]
        return [value for value in values if isinstance(value, str) and is_text(value)]

    def file(self, name: str) -> UploadFile | None:
        """A file; None where none was chosen."""
        value = self.data.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None


@dataclass(frozen=True, slots=True)
class Signed:
    """Who asks: staff that is signed in, and may do what the route names."""

    staff: Staff
    session: Session
    form: Form

    @property
    def institution(self) -> str | None:
        """The code of the one institution whose things they see and act on; None: all's."""
        return self.staff.institution

    def may(self, act: Act) -> bool:
        """Say whether a page should offer something."""
        return may(self.staff.roles, act)

    def within(self, asked: str) -> str | None:
        """Of which institution something is wanted: what was asked, never beyond their own."""
        return self.institution or asked or None


@dataclass(frozen=True, slots=True)
class Needs:
    """A route's dependency: who asks must be signed in, may do `act`, and to these things.

    What a path, a query or a form names that is another institution's is not there for who is
    bound to one. It is looked at here, for every route, and nowhere else.
    """

    act: Act
    accounts: Accounts
    sessions: Sessions
    belongings: Belongings
    now: Callable[[], datetime]
    most_bytes: int

    async def __call__(self, request: Request) -> Signed:
        """Find who asks, then read the form, bounded. Raises NotSignedIn, NotServed."""
        found = await run_in_threadpool(self.find, request)
        if found is None:
            raise NotSignedIn
        staff, session = found
        signed = request.state.signed = Signed(staff, session, Form(FormData()))
        if not may(staff.roles, self.act):
            raise NotServed("forbidden")
        named = {**request.query_params, **request.path_params}
        if not all(is_text(str(text)) for text in named.values()):
            raise NotServed("malformed")
        await self._check_own(staff, named)
        if request.method in ("GET", "HEAD"):
            return signed
        form = await read_form(request, self.most_bytes)
        given = request.headers.get(CSRF_HEADER) or form.data.get(CSRF_FIELD)
        if given != session.csrf:
            raise NotServed("forged")
        fields = {name: value for name, value in form.data.items() if isinstance(value, str)}
        await self._check_own(staff, fields)
        return replace(signed, form=form)

    async def _check_own(self, staff: Staff, named: Mapping[str, str]) -> None:
        """Raise NotServed where one of these is another institution's than somebody's own."""
        if staff.institution is None:
            return
        if not await run_in_threadpool(self.belongings.are_of, staff.institution, named):
            raise NotServed("missing")

    def find(self, request: Request) -> tuple[Staff, Session] | None:
        """Who asks, whatever they may do; None where nobody is signed in."""
        token = request.cookies.get(cookie_name(request))
        session = None if not token else self.sessions.find(token, self.now().timestamp())
        staff = None if session is None else self.accounts.find(session.staff_id)
        return None if session is None or staff is None else (staff, session)


async def read_form(request: Request, most_bytes: int = FORM_BYTES) -> Form:
    """Read a form that this page's own site has sent, of at most so many bytes.

    Raises NotServed.
    """
    if not is_own(request):
        raise NotServed("forged")
    if "x-www-form-urlencoded" in request.headers.get("Content-Type", "").lower():
        most_bytes = min(most_bytes, FORM_BYTES)  # it has no file, and a field in every byte maybe
    given = request.headers.get("Content-Length", "0")
    if not given.isdecimal() or int(given[:20]) > most_bytes:
        raise NotServed("too_large")
    bounded = Request(request.scope, _bound(request, most_bytes))
    if request.headers.get("Content-Type", "").startswith("application/json"):
        return Form(FormData())
    try:
        async with asyncio.timeout(FORM_SECONDS + most_bytes / SLOWEST):
            return Form(await bounded.form(max_files=1, max_fields=200, max_part_size=FORM_BYTES))
    except TimeoutError as error:
        raise NotServed("too_slow") from error
    except ClientDisconnect as error:
        raise NotServed("malformed") from error
    except (HTTPException, UnicodeError) as error:  # what Starlette says of what is no form
        raise NotServed("malformed") from error


def is_text(value: str) -> bool:
    """Say whether a database keeps a text: without NUL, and without half a character."""
    return "\0" not in value and not any("\ud800" <= char <= "\udfff" for char in value)


def is_own(request: Request) -> bool:
    """Say whether no other site's page has sent a request."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    try:
        return origin is None or urlsplit(origin).netloc == request.headers.get("Host", "")
    except ValueError:
        return False


def cookie_name(request: Request) -> str:
    """The session's cookie; with TLS no other site under the same domain can set one of its name.

    Without TLS the registrar is reached on loopback only.
    """
    return "__Host-desk" if request.url.scheme == "https" else "desk"


def host_of(request: Request) -> str:
    """By which name the registrar was called; empty where it is none."""
    try:
        return urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
    except ValueError:
        return ""


def is_private(request: Request) -> bool:
    """Say whether nobody between the browser and here reads along."""
    return request.url.scheme == "https" or is_loopback(host_of(request))


def _bound(request: Request, most_bytes: int) -> Receive:
    """Receive a request's body as long as it is not too large."""
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > most_bytes:
            raise NotServed("too_large")
        return message

    return receive

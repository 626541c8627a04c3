"""A page's frame: who is signed in, in which language, with which words, files and headers."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from registrar.desk.access import Act
from registrar.desk.accounts import Accounts
from registrar.desk.belongings import Belongings
from registrar.desk.limits import Limits
from registrar.desk.requests import CSRF_FIELD, CSRF_HEADER, FORM_BYTES, Form, Needs, Signed
from registrar.desk.sessions import Sessions
from registrar.desk.words import LANGUAGES, Language, Words, as_language, choose_language, words_of
from registrar.keys import Keys
from registrar.store import Store
from registrar.vault import Vault

LANGUAGE_COOKIE = "language"
"""Before somebody has signed in."""

NAVIGATION: tuple[tuple[Act, str, str], ...] = (
    ("home", "/", "frame.home"),
    ("review", "/review", "frame.review"),
    ("policy", "/policies", "frame.policy"),
    ("students", "/students", "frame.students"),
    ("roster", "/roster", "frame.roster"),
    ("schedule", "/schedule", "frame.schedule"),
    ("booths", "/booths", "frame.booths"),
    ("figures", "/figures", "frame.figures"),
    ("export", "/export", "frame.export"),
    ("audit", "/audit", "frame.audit"),
)
"""What the head of each page leads to, for who may: act, path, words."""

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self';"
    " script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""Of every answer. `Referrer-Policy` is none stricter, since then forms come without origin."""

STATIC_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Desk:
    """What the pages' routes share. Made once for an application."""

    def __init__(
        self,
        store: Store,
        keys: Keys,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.store = store
        self.keys = keys
        self.now = now
        self.accounts = Accounts(store.database, bytes(keys.signing_key))
        self.sessions = Sessions(store.database)
        self.belongings = Belongings(store.database)
        self.limits = Limits(store.database)
        self._pages = make_environment()

    @property
    def vault(self) -> Vault:
        """Opens what booths have sealed."""
        return self.keys.vault

    def needs(self, act: Act, most_bytes: int = FORM_BYTES) -> Needs:
        """The dependency that gives a route who asks: somebody who may do `act`."""
        return Needs(act, self.accounts, self.sessions, self.belongings, self.now, most_bytes)

    def who(self, request: Request) -> Signed | None:
        """Who asks for what is no page: one who is signed in keeps their navigation."""
        found = self.needs("home").find(request)
        return None if found is None else Signed(*found, Form(FormData()))

    def words(self, language: Language) -> Words:
        """The words of a language."""
        return words_of(language)

    def language(self, request: Request, signed: Signed | None) -> Language:
        """In which language a page is shown: the person's, or the browser's."""
        if signed is not None:
            return signed.staff.language
        chosen = as_language(request.cookies.get(LANGUAGE_COOKIE))
        return chosen or choose_language(request.headers.get("Accept-Language", ""))

    def page(
        self,
        request: Request,
        template: str,
        signed: Signed | None,
        *,
        status: int = 200,
        **values: Any,
    ) -> Response:
        """Draw a template of `registrar/pages` for somebody, or for who is not signed in yet."""
        language = self.language(request, signed)
        html = self._pages.get_template(template).render(
            **values,
            signed=signed,
            language=language,
            languages=LANGUAGES,
            t=words_of(language),
            csrf=lambda: _csrf_field(signed),
            csrf_headers=_csrf_headers(signed),
            navigation=[
                (path, key)
                for act, path, key in NAVIGATION
                if signed is not None and signed.may(act)
            ],
            path=request.url.path,
        )
        return Response(html, status, media_type="text/html")

    def go(self, path: str) -> Response:
        """Send the browser to another page of the desk, after what was done."""
        return RedirectResponse(path, 303)


def make_environment() -> Environment:
    """Make Jinja's environment over the pages' templates."""
    pages = Environment(
        loader=PackageLoader("registrar", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.globals["static"] = static_path
    pages.filters["when"] = show_time
    return pages


def show_time(at: datetime) -> Markup:
    """A time by this machine's clock, to the minute."""
    local = at.astimezone()
    shown = f"{local:%Y-%m-%d %H:%M}"
    return Markup('<time datetime="{}">{}</time>').format(local.isoformat(), shown)


@cache
def read_static(name: str) -> bytes | None:
    """Read a file that pages load; None where there is none of that name."""
    found = {file.name: file for file in (files("registrar") / "pages" / "static").iterdir()}
    return found[name].read_bytes() if name in found else None


def static_path(name: str) -> str:
    """The path of a file that pages load; another where its content is another."""
    data = read_static(name)
    if data is None:
        raise KeyError(name)
    return f"/static/{name}?{hashlib.sha256(data).hexdigest()[:16]}"


def _csrf_field(signed: Signed | None) -> Markup:
    token = "" if signed is None else signed.session.csrf
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, token)


def _csrf_headers(signed: Signed | None) -> str:
    return "{}" if signed is None else json.dumps({CSRF_HEADER: signed.session.csrf})

"""The desk as a whole: each route names who may do it, each word is there in both languages."""

import hashlib
import re
import string
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from nacl.signing import SigningKey

from protocol.report import BoothReport, SupplyReport
from registrar.app import create_app
from registrar.desk.access import ACTS, ROLES, Act, Role, may
from registrar.desk.booth_view import SILENT, view_booths
from registrar.desk.frame import NAVIGATION, read_static
from registrar.desk.requests import Needs
from registrar.desk.words import LANGUAGES, words_of
from registrar.serve import Server
from tests.desk import Browser, new_login, signed_in

ANYBODYS = {
    "/login",
    "/login/passkey",
    "/login/passkey/options",
    "/login/language",
    "/static/{name}",
    "/healthz",
    "/readyz",
    "/metrics",  # of this machine, or with a token of its own
}
"""What who is not signed in may ask for; and what begins so: a set-up link is its own key."""

HTMX_SHA256 = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
"""Of dist/htmx.min.js in htmx.org 2.0.11, as npm has it."""

PAGES = Path("registrar/pages")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("desk") / "registrar") as serving:
        yield serving


def desk_routes(app: FastAPI) -> list[APIRoute]:
    """The routes that are no booth's."""
    included: list[object] = [*app.routes]
    for part in app.routes:  # routers that are included stand as such among them
        included += getattr(getattr(part, "original_router", None), "routes", [])
    found = [route for route in included if isinstance(route, APIRoute)]
    return [route for route in found if not route.path.startswith("/v1")]


def needed(dependant: Dependant) -> set[Act]:
    """The acts that a route names."""
    found = {dependant.call.act} if isinstance(dependant.call, Needs) else set()
    return found.union(*(needed(part) for part in dependant.dependencies), set())


def test_every_route_names_what_it_needs_or_is_known_to_be_anybodys(server: Server) -> None:
    routes = desk_routes(create_app(server.store, server.keys))
    assert len(routes) > 30
    open_ = {route.path for route in routes if not needed(route.dependant)}
    assert {path for path in open_ if not path.startswith("/setup/")} == ANYBODYS
    assert all(len(needed(route.dependant)) <= 1 for route in routes)


def test_no_page_is_shown_to_who_is_not_signed_in_or_may_not(server: Server) -> None:
    app = create_app(server.store, server.keys)
    stranger = Browser(server.url)
    people: dict[Role, Browser] = {
        role: signed_in(server, role, login=f"{new_login()}-{role}") for role in ROLES
    }
    for route in desk_routes(app):
        (act,) = needed(route.dependant) or (None,)
        if act is None:
            continue
        path = re.sub(r"\{[^}]*\}", "6f0c4c6e-6f3c-4a7e-9d0a-2f3f2f1f5a10", route.path)
        if "GET" not in (route.methods or ()):
            assert stranger.session.post(server.url[:-1] + path, timeout=10).url.endswith("next=/")
            continue
        assert "/login?next=" in stranger.get(path).url
        for role, browser in people.items():
            allowed = may(frozenset({role}), act)
            assert (browser.get(path).status_code == 403) != allowed, (role, path)


def test_nobody_but_the_auditor_sees_the_log_and_the_auditor_no_face() -> None:
    assert ACTS["audit"] == {"auditor"}
    assert not may(frozenset({"auditor", "technician"}), "photos")


def test_navigation_leads_only_where_somebody_may_go(server: Server) -> None:
    for role in ROLES:
        page = signed_in(server, role, login=f"{new_login()}-{role}").get().text
        for act, path, _ in NAVIGATION:
            assert (f'<a href="{path}"' in page.partition("<main")[0]) == may(
                frozenset({role}), act
            ), (role, path)


def test_who_is_signed_in_keeps_the_navigation_where_there_is_no_page(server: Server) -> None:
    for browser, there in ((signed_in(server, "reviewer"), True), (Browser(server.url), False)):
        page = browser.get("/no-such-page")
        assert page.status_code == 404
        assert ('<a href="/review"' in page.text) == there


def test_answers_bear_what_keeps_browsers_safe(server: Server) -> None:
    headers = Browser(server.url).get("/login").headers
    assert headers["Cache-Control"] == "no-store"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_no_template_has_script_or_style_in_it() -> None:
    for path in PAGES.glob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(
            r"<style|<script(?! src=)|\sstyle=|\son[a-z]+=|hx-on|javascript:", text
        ), path


def test_htmx_is_the_file_that_npm_has() -> None:
    data = read_static("htmx.min.js")
    assert data is not None
    assert hashlib.sha256(data).hexdigest() == HTMX_SHA256


def test_every_phrase_is_there_in_both_languages_with_the_same_places() -> None:
    chinese, english = (words_of(language).phrases for language in LANGUAGES)
    assert chinese.keys() == english.keys()
    for key in chinese:
        assert places(chinese[key]) == places(english[key]), key


def places(phrase: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name}


def test_every_phrase_that_pages_name_is_there() -> None:
    phrases = words_of("en").phrases
    for path in [*PAGES.glob("*.html"), *Path("registrar/desk").glob("*.py")]:
        text = path.read_text("utf-8")
        for key in re.findall(r"""\bt\(\s*["']([a-z_.]+)["']\s*[,)]""", text):
            assert key in phrases, (path, key)
        for key in re.findall(r"""["']([a-z]+\.[a-z_]+)["']""", text):
            if key.partition(".")[0] in ("setup", "account", "login", "booths") and (
                path.suffix == ".py" and not key.endswith(".html")
            ):
                assert key in phrases, (path, key)
        for beginning in re.findall(r"""\bt\(["']([a-z_.]+)["'] ~""", text):
            assert any(key.startswith(beginning) for key in phrases), (path, beginning)


def test_a_body_that_is_too_large_is_refused_unread(server: Server) -> None:
    browser = signed_in(server, "registrar")
    assert browser.post("/language", language="x" * 100_000).status_code == 413
    chunks = iter([b"language=" + b"x" * 50_000, b"x" * 50_000])
    answer = browser.session.post(
        f"{server.url}language",
        data=chunks,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=10,
    )
    assert answer.status_code == 413


def report(**changes: object) -> BoothReport:
    usual = BoothReport(
        at=datetime.now(UTC),
        version="1.0",
        doing="serves",
        waiting=3,
        refused=0,
        set_aside=0,
        visits=12,
        supplies={
            "wipes": SupplyReport(unit="wipe", amount=9.0, bound=50.0, is_low=True),
            "lamp.key": SupplyReport(unit="hour", amount=10.0, bound=5000.0, is_low=False),
        },
    )
    return usual.model_copy(update=changes)


def test_booths_are_shown_as_they_told_last_the_needy_first(server: Server) -> None:
    now = datetime.now(UTC)
    for name in ("a", "b", "c", "d"):
        server.store.booths.enrol(name, SigningKey.generate().verify_key)
    server.store.booths.keep_report("a", report(supplies={}), now)
    server.store.booths.keep_report("b", report(faults=("camera",)), now)
    server.store.booths.keep_report("c", report(supplies={}), now - SILENT - timedelta(seconds=1))
    views = {view.booth_id: view for view in view_booths(server.store, now)}
    assert list(views) == ["b", "c", "a", "d"]
    assert views["c"].is_silent
    browser = signed_in(server, "technician")
    page = browser.get("/booths").text
    for told in ("相机", "失联", "需补充：湿巾", "采集中", "尚无报告"):
        assert told in page
    assert "灯 key" in browser.get("/booths/b").text
    assert browser.get("/booths/nobody").status_code == 404


def test_a_code_is_given_out_once_and_a_booth_revoked(server: Server) -> None:
    browser = signed_in(server, "technician")
    page = browser.post("/booths/offers", name="hall-2").text
    assert re.search(r"kiosk enrol http://127\.0\.0\.1:\d+/ [0-9A-Z]{4}(-[0-9A-Z]{4}){3}", page)
    assert browser.post("/booths/offers", name="../x").status_code == 422
    server.store.booths.enrol("hall-2", SigningKey.generate().verify_key)
    assert browser.post("/booths/offers", name="hall-2").status_code == 422
    gone = browser.post("/booths/hall-2/remove").text
    assert "已停用" in gone
    assert "hall-2" not in server.store.booths.served()
    assert "已接收以前密钥的照片" in browser.post("/booths/hall-2/accept").text
    looker = signed_in(server, "registrar", login="bo")
    assert looker.post("/booths/offers", name="hall-3").status_code == 403


def test_the_log_shows_who_did_what_and_that_it_holds(server: Server) -> None:
    signed_in(server, "technician", login="tom").post("/booths/offers", name="hall-2")
    auditor = signed_in(server, "auditor", login="eva")
    page = auditor.get("/audit?actor=tom").text
    assert "生成登记码" in page
    assert "booth hall-2" in page
    assert "没有记录" in auditor.get("/audit?actor=nobody").text
    assert "链条完整" in auditor.post("/audit/verify").text

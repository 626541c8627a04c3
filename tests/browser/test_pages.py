"""The desk in a real browser: every page in both languages and at two widths, and what it does."""

from pathlib import Path

import pytest

from registrar.desk.access import ROLES
from registrar.desk.accounts import find_id
from registrar.desk.sessions import Sessions
from registrar.desk.words import LANGUAGES, Language
from registrar.serve import Server
from tests.chromium import Chromium
from tests.desk import employ, now
from tests.registrar.test_roster import HEADER, ROW, written

pytestmark = [pytest.mark.soak, pytest.mark.browser]

WIDTHS = ((1280, 900), (1920, 1080))

PAGES = {
    "home": "/",
    "review": "/review",
    "policies": "/policies",
    "students": "/students",
    "found": "/students?q=2022000003",
    "student": "/students/r000003",
    "roster": "/roster",
    "booths": "/booths",
    "booth": "/booths/hall-2",
    "figures": "/figures",
    "export": "/export",
    "audit": "/audit",
    "account": "/account",
    "missing": "/nothing",
}


@pytest.fixture(scope="module")
def staff_id(server: Server) -> int:
    """Somebody who may do everything."""
    employ(server.store, *ROLES, login="ida")
    with server.store.database.connection() as db:
        return find_id(db, "ida")


def enter(
    window: Chromium, address: str, server: Server, staff_id: int, language: Language
) -> None:
    """Sign somebody in, as if by passkey."""
    window.open(f"{address}/login")
    token = Sessions(server.store.database).begin(staff_id, now())
    window.forget()
    window.set_cookie("desk", token)
    window.open(f"{address}/account")
    if window.run("return document.documentElement.lang") != language:
        window.click(f"button[value='{language}']")
        window.wait(lambda: window.run("return document.documentElement.lang") == language)


def check(window: Chromium, axe: str, shot: Path) -> list[str]:
    """What is wrong with the page that is open; its picture is kept."""
    window.shoot(shot)
    wrong = window.complaints() + window.find_barriers(axe)
    wide = window.run("return document.documentElement.scrollWidth - window.innerWidth")
    return [*wrong, *([f"{wide} px too wide"] if wide > 0 else [])]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", WIDTHS, ids=lambda size: str(size[0]))
def test_every_page_can_be_read_and_used_by_everybody(
    window: Chromium,
    address: str,
    server: Server,
    staff_id: int,
    axe: str,
    shots: Path,
    size: tuple[int, int],
    language: Language,
) -> None:
    window.set_size(*size)
    enter(window, address, server, staff_id, language)
    pages = dict(PAGES)
    newest = server.store.photos.newest(1, 0)[0].metadata.submission_id
    pages["photo"] = f"/photos/{newest}"
    window.complaints()
    wrong = {}
    for name, path in pages.items():
        window.open(address + path)
        found = check(window, axe, shots / f"{name}-{language}-{size[0]}.png")
        if name == "missing":
            found = [complaint for complaint in found if "404" not in complaint]
        if found:
            wrong[name] = found
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_signing_in_and_setting_up_can_be_used_by_everybody(
    window: Chromium, address: str, server: Server, axe: str, shots: Path, language: Language
) -> None:
    window.set_size(1280, 900)
    window.open(f"{address}/login")
    window.forget()
    window.set_cookie("language", language)
    token = employ(server.store, "reviewer", login=f"new-{language.lower()}")
    for name, path in (("login", "/login"), ("setup", f"/setup/{token}")):
        window.open(address + path)
        assert not check(window, axe, shots / f"{name}-{language}-1280.png")


def test_a_passkey_is_made_and_signs_in(window: Chromium, address: str, server: Server) -> None:
    window.add_authenticator()
    window.open(f"{address}/login")
    window.forget()
    window.open(f"{address}/setup/{employ(server.store, 'reviewer', login='pia')}")
    window.click("[data-passkey] button")
    window.wait(lambda: window.url == f"{address}/")
    window.click("form[action='/logout'] button")
    window.wait(lambda: "/login" in window.url)
    window.click("[data-passkey] button")
    window.wait(lambda: window.url == f"{address}/")
    assert "Pia" in window.text


def test_a_roster_is_tried_and_imported(
    window: Chromium,
    address: str,
    server: Server,
    staff_id: int,
    tmp_path: Path,
    axe: str,
    shots: Path,
) -> None:
    window.set_size(1280, 900)
    row = ROW.replace("code-1", "GX26-7F3K-92QD").replace("record-1", "new-1").replace("2022010001", "9")
    path = written(tmp_path, HEADER, row, ROW.replace("林小雨", ""), row.replace("10000", "1"))
    for language in LANGUAGES:
        enter(window, address, server, staff_id, language)
        window.open(f"{address}/roster")
        window.type("input[type=file]", str(path))
        window.click("button.main")
        window.wait(lambda: "/roster/preview" in window.url)
        assert not check(window, axe, shots / f"preview-{language}-1280.png")
    before = server.store.counts().records
    window.click("button[name=partial]")
    window.wait(lambda: "/roster?done=1-0-0" in window.url)
    assert server.store.counts().records == before + 1


def test_a_booth_gets_a_code_and_is_revoked_after_a_question(
    window: Chromium, address: str, server: Server, staff_id: int, axe: str, shots: Path
) -> None:
    window.set_size(1280, 900)
    for language in LANGUAGES:
        enter(window, address, server, staff_id, language)
        window.open(f"{address}/booths")
        window.type("input[name=name]", f"gate-{language}")
        window.click("form[action='/booths/offers'] button")
        window.wait(lambda: "/booths/offers" in window.url)
        assert not check(window, axe, shots / f"offered-{language}-1280.png")
    window.open(f"{address}/booths/library")
    window.click("form[action$=remove] button")
    window.accept_alert()
    window.wait(lambda: "library" not in server.store.booths.served())
    window.wait(
        lambda: window.run("return document.querySelector('form[action$=accept]') !== null")
    )
    assert not check(window, axe, shots / "former-en-1280.png")


def test_the_log_is_verified(
    window: Chromium, address: str, server: Server, staff_id: int, axe: str, shots: Path
) -> None:
    enter(window, address, server, staff_id, "zh-CN")
    window.open(f"{address}/audit")
    window.click("form[action='/audit/verify'] button")
    window.wait(lambda: "链条完整" in window.text)
    assert not check(window, axe, shots / "verified-zh-CN-1280.png")

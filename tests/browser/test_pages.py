"""The desk in a real browser: every page in both languages and at two widths, and what it does."""

from pathlib import Path

import pytest
from sqlalchemy import update

from registrar.desk.access import ROLES
from registrar.desk.accounts import find_id
from registrar.desk.sessions import Sessions
from registrar.desk.words import LANGUAGES, Language
from registrar.serve import Server
from registrar.storage.tables import PHOTO
from tests.chromium import Chromium
from tests.desk import employ, now
from tests.registrar.test_roster import HEADER, ROW, written
from tests.registrar.workbooks import Merged, workbook

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
    "schedule": "/schedule",
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
@pytest.mark.parametrize("size", WIDTHS, ids=lambda size: str(size[0]))
def test_what_opens_on_a_page_can_be_read_and_used_by_everybody(
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
    window.complaints()
    newest = server.store.photos.newest(1, 0)[0].metadata.submission_id
    opened = {
        "refusing": ("/review", "document.getElementById('refuse').click()"),
        "overlay": (f"/photos/{newest}", "document.getElementById('show-overlay').click()"),
        "revoking": (f"/photos/{approved(server)}", OPEN_ALL),
        "erasing": ("/students/r000003", OPEN_ALL),
        "tables": ("/figures", OPEN_ALL),
    }
    wrong = {}
    for name, (path, script) in opened.items():
        window.open(address + path)
        window.run(script)
        if found := check(window, axe, shots / f"{name}-{language}-{size[0]}.png"):
            wrong[name] = found
    assert window.run("return document.querySelector('details[open]') !== null")
    window.open(f"{address}/students/r000003")
    window.run(OPEN_ALL)
    window.click("form[action='/erasures'] button")
    window.wait(lambda: window.url.endswith("/erasures"))
    if found := check(window, axe, shots / f"erasure-{language}-{size[0]}.png"):
        wrong["erasure"] = found
    assert not wrong


OPEN_ALL = "document.querySelectorAll('details').forEach((part) => (part.open = true))"


def approved(server: Server) -> object:
    """The id of a photo that is approved."""
    photos = server.store.photos.newest(100, 0)
    return next(held.metadata.submission_id for held in photos if held.state == "approved")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_registrar_without_anything_says_what_to_do(
    window: Chromium, tmp_path: Path, axe: str, shots: Path, language: Language
) -> None:
    window.set_size(1280, 900)
    wrong = {}
    with Server(tmp_path / "registrar") as empty:
        employ(empty.store, *ROLES, login="ida")
        with empty.store.database.connection() as db:
            staff_id = find_id(db, "ida")
        url = empty.url.replace("127.0.0.1", "localhost").rstrip("/")
        enter(window, url, empty, staff_id, language)
        window.complaints()
        for name in ("", "review", "policies", "roster", "schedule", "booths", "figures", "export"):
            window.open(f"{url}/{name}")
            found = check(window, axe, shots / f"empty-{name or 'home'}-{language}-1280.png")
            if found:
                wrong[name] = found
    assert not wrong


def test_a_photo_of_which_the_database_was_changed_is_told_in_red(
    window: Chromium, address: str, server: Server, staff_id: int, axe: str, shots: Path
) -> None:
    """As somebody would change it who has the database: another value for what did not hold."""
    newest = server.store.photos.newest(1, 0)[0]
    metadata = newest.metadata
    record = metadata.provenance
    better = record.model_copy(update={"rules": {**record.rules, "glare": 0.0}})
    changed = metadata.model_copy(update={"provenance": better}).model_dump_json()
    where = PHOTO.c.submission_id == str(metadata.submission_id)
    with server.store.database.transaction() as db:
        db.execute(update(PHOTO).where(where).values(metadata=changed))
    for language, size in zip(LANGUAGES, WIDTHS, strict=True):
        window.set_size(*size)
        enter(window, address, server, staff_id, language)
        window.open(f"{address}/photos/{metadata.submission_id}")
        window.complaints()  # its picture is not given out
        assert window.run("return document.querySelector('.photo-side .fault') !== null")
        assert not check(window, axe, shots / f"changed-{language}-{size[0]}.png")
    with server.store.database.transaction() as db:
        db.execute(update(PHOTO).where(where).values(metadata=metadata.model_dump_json()))


def test_staff_of_one_institution_see_whose_they_are(
    window: Chromium, address: str, server: Server, axe: str, shots: Path
) -> None:
    employ(server.store, "reviewer", "registrar", "technician", login="lu", institution="10001")
    with server.store.database.connection() as db:
        staff_id = find_id(db, "lu")
    window.set_size(1280, 900)
    enter(window, address, server, staff_id, "zh-CN")
    window.complaints()
    for name in ("", "booths", "figures"):
        window.open(f"{address}/{name}")
        assert "10001" in window.text
        assert not check(window, axe, shots / f"bound-{name or 'home'}-zh-CN-1280.png")


def test_a_slash_leads_to_the_search(
    window: Chromium, address: str, server: Server, staff_id: int
) -> None:
    enter(window, address, server, staff_id, "en")
    window.open(f"{address}/figures")
    window.press("/")
    window.run("document.activeElement.value = '2022000003'")
    window.press("Enter")
    window.wait(lambda: "/students/r000003" in window.url)


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
    row = (
        ROW.replace("code-1", "GX26-7F3K-92QD")
        .replace("record-1", "new-1")
        .replace("2022010001", "9")
    )
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


def test_a_schedule_is_tried_and_imported_from_a_workbook(
    window: Chromium,
    address: str,
    server: Server,
    staff_id: int,
    tmp_path: Path,
    axe: str,
    shots: Path,
) -> None:
    window.set_size(1280, 900)
    path = tmp_path / "日程.xlsx"
    path.write_bytes(
        workbook(
            [
                ["毕业生图像采集安排"],
                ["地点", "日期", "时间", "学院"],
                ["体育馆一楼", "2026-06-01", "8:30-9:30", "法学院"],
                ["", "", "9:30-10:30", "文学院、历史学院"],
                ["图书馆", "6月2日", "16:00-17:00", "全校"],
            ],
            merged=[Merged(2, 0, 3, 0), Merged(2, 1, 3, 1)],
        )
    )
    for language in LANGUAGES:
        enter(window, address, server, staff_id, language)
        window.open(f"{address}/schedule")
        window.run("document.querySelector('select[name=institution]').selectedIndex = 1")
        window.type("input[type=file]", str(path))
        window.click("button.main")
        window.wait(lambda: "/schedule/preview" in window.url)
        assert not check(window, axe, shots / f"schedule-preview-{language}-1280.png")
    window.click("button[name=partial]")
    window.wait(lambda: "/schedule?done=2-0-0" in window.url)
    assert not check(window, axe, shots / "schedule-held-1280.png")


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

"""Staff of one institution see and act on its own alone, by every route that there is."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.routing import APIRoute
from nacl.signing import SigningKey

from protocol.envelope import short_number
from registrar.app import create_app
from registrar.desk.access import ROLES
from registrar.desk.belongings import WHOSE
from registrar.intake import receive_envelope
from registrar.photo_state import Policy
from registrar.serve import Server
from registrar.storage.tables import SCHEDULE_SLOT
from tests.desk import Browser, signed_in
from tests.registrar.test_desk import ANYBODYS, desk_routes
from tests.registrar.test_roster import HEADER
from tests.town import INSTITUTION, Town, record, submission

OTHER = "10001"
AT = datetime.now(UTC) - timedelta(hours=1)

THEIRS = {"submission_id": str(submission(7)), "record_id": "record-7", "booth_id": "far-booth"}
OWN = {"submission_id": str(submission(2)), "record_id": "record-2", "booth_id": "near-booth"}

FREE = ("/setup/", "/static/", "/erasures/{digest}")
"""What begins so names nothing that belongs to anybody."""

TELL_TALE = re.compile(
    f"远|{OTHER}|far-booth|record-[5-9]|code-[5-9]|{short_number(submission(7))}"
)
"""What stands on a page that shows something of the other institution."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("bound") / "registrar") as serving:
        yield serving


@pytest.fixture(scope="module")
def town(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Students 5 to 9 are the other institution's; each second student's photo is approved."""
    made = Town(server, tmp_path_factory.mktemp("booth"), students=5)
    far = {"institution_code": OTHER, "institution": "远山学院", "college": "远学院"}
    made.store.records.import_records(record(n, name=f"远人{n}", **far) for n in range(5, 10))
    for number in range(10):
        receive_envelope(made.store, server.keys, made.envelope(number), AT)
    made.approve(1, 2, 7, 8, at=AT)
    for booth_id, whose in (("near-booth", INSTITUTION), ("far-booth", OTHER)):
        made.store.booths.enrol(booth_id, SigningKey.generate().verify_key, whose)
    made.store.policies.set(OTHER, Policy(2, 0.5), "somebody", AT)
    hour = {"starts_at": AT.timestamp(), "ends_at": AT.timestamp() + 3600, "colleges": "[]"}
    with made.store.database.transaction() as db:
        db.execute(SCHEDULE_SLOT.insert().values(institution_code=OTHER, place="远楼", **hour))
    return made


@pytest.fixture(scope="module")
def bound(server: Server, town: Town) -> Browser:
    """Somebody who may do everything, at one institution."""
    roles = [role for role in ROLES if role != "auditor"]
    return signed_in(server, *roles, login="bound", language="en", institution=INSTITUTION)


def routes(server: Server) -> list[tuple[str, APIRoute]]:
    """Each of the desk's routes by its method."""
    found = desk_routes(create_app(server.store, server.keys))
    return [(method, route) for route in found for method in route.methods or ()]


def ask(browser: Browser, method: str, path: str) -> int:
    answer = browser.get(path) if method == "GET" else browser.post(path)
    return answer.status_code


def test_what_another_institution_has_is_not_there(server: Server, bound: Browser) -> None:
    tried = 0
    for method, route in routes(server):
        names = set(re.findall(r"{([a-z_]+)", route.path))
        if not names or route.path.startswith(FREE):
            continue
        assert names <= WHOSE.keys(), f"{route.path}: whose is what it names?"
        path = re.sub(r"{([a-z_]+)[^}]*}", r"{\1}", route.path)
        assert ask(bound, method, path.format(**THEIRS)) == 404, (method, path)
        if method == "GET":
            assert ask(bound, method, path.format(**OWN)) == 200, path
        tried += 1
    assert tried >= 8
    assert server.store.photos.held(submission(7)) is not None
    assert "far-booth" in server.store.booths.served()


def test_no_page_shows_anything_of_another_institution(server: Server, bound: Browser) -> None:
    shown = 0
    for method, route in routes(server):
        if method != "GET" or "{" in route.path or route.path in ANYBODYS:
            continue
        page = bound.get(route.path)
        if page.status_code != 403:  # the audit log's
            assert page.status_code == 200, route.path
            assert not TELL_TALE.search(page.text), (route.path, TELL_TALE.search(page.text))
            shown += 1
    assert shown >= 9
    for text in ("远人", "2022000007", "record-7", "code-7", short_number(submission(7))):
        assert "<table" not in bound.get(f"/students?q={text}").text, text


def test_another_institution_that_is_named_is_not_there(bound: Browser) -> None:
    for path in ("/figures", "/export"):
        assert bound.get(f"{path}?institution={OTHER}").status_code == 404
        assert bound.get(f"{path}?institution={INSTITUTION}").status_code == 200
    assert bound.post("/export/zip", institution=OTHER).status_code == 404
    assert bound.post("/permits", record_id="record-7", reason="x").status_code == 404
    gone = {"record_id": "record-7", "why": "order", "again": "record-7"}
    for path in ("/erasures", "/erasures/confirmed"):
        assert bound.post(path, **gone).status_code == 404
    policy = {"institution_code": OTHER, "persons": "1", "share": "100"}
    assert bound.post("/policies", **policy).status_code == 404
    offer = {"name": "new-booth", "institution_code": OTHER}
    assert bound.post("/booths/offers", **offer).status_code == 404


def test_counts_are_of_ones_own(town: Town, bound: Browser) -> None:
    assert "3 waiting" in bound.get("/review").text
    home = re.sub(r"<[^>]+>|\s+", " ", bound.get("/").text)
    assert re.search(r"5 *Photos received", re.sub(" +", " ", home)) or "5" in home
    counts = town.store.counts(INSTITUTION)
    assert (counts.records, counts.photos, counts.booths) == (5, 5, 1)


def test_the_policy_that_is_set_is_ones_own(town: Town, bound: Browser) -> None:
    assert bound.post("/policies", institution_code="", persons="2", share="50").status_code == 200
    assert town.store.policies.all().keys() == {INSTITUTION, OTHER}
    assert town.store.policies.all()[INSTITUTION] == Policy(2, 0.5)


def test_ones_own_photos_alone_are_exported(town: Town, bound: Browser) -> None:
    answer = bound.post("/export/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        photos = {name for name in file.namelist() if name.endswith(".jpg")}
    assert photos == {"2022000001.jpg", "2022000002.jpg"}


def test_results_reach_ones_own_students_alone(town: Town, bound: Browser) -> None:
    rows = b"student_no,result\n2022000001,passed\n2022000008,failed\n"
    page = bound.upload("/results", "r.csv", rows).text
    assert "1 passed, 0 not passed" in page
    assert "no student on the roster has this number" in page
    assert town.store.records.resolve("code-8") == "photo_approved"


def test_a_roster_changes_ones_own_records_alone(town: Town, bound: Browser) -> None:
    rows = [
        ",".join(
            (f"GX26-{n}F7K-Q93D-{n}H", record_id, "新人", f"2023{n}", code, "示范大学", "文学院")
        )
        for n, (record_id, code) in enumerate(
            (("fresh", INSTITUTION), ("record-7", INSTITUTION), ("strange", OTHER))
        )
    ]
    rows.append(f"code-9,late,新人,20239,{INSTITUTION},示范大学,文学院")
    data = "\r\n".join([HEADER, *rows, ""]).encode()
    page = bound.upload("/roster/preview", "r.csv", data).text
    assert "is another institution&#39;s record" in page
    assert "belongs to another institution&#39;s record" in page
    assert f"institution_code is {OTHER}, and you import for {INSTITUTION} alone" in page
    ticket = page.partition('name="ticket" value="')[2].partition('"')[0]
    bound.post("/roster/import", ticket=ticket, name="r.csv", partial="yes")
    ids = {held.record_id: held for held, _ in town.store.records.all()}
    assert "fresh" in ids
    assert ids["record-7"].name == "远人7"
    assert not ids.keys() & {"strange", "late"}


def test_a_schedule_is_ones_own(bound: Browser) -> None:
    rows = "学校代码,地点,日期,时间,学院\n"
    strange = bound.upload(
        "/schedule/preview", "s.csv", f"{rows}{OTHER},楼,2026-06-01,8:30-9:30,文学院\n".encode()
    )
    assert 'formaction="/schedule/import"' not in strange.text
    own = bound.upload(
        "/schedule/preview",
        "s.csv",
        f"{rows}{INSTITUTION},楼,2026-06-01,8:30-9:30,文学院\n".encode(),
    )
    assert 'formaction="/schedule/import"' in own.text


def test_a_booth_that_they_enrol_is_theirs(town: Town, bound: Browser) -> None:
    page = bound.post("/booths/offers", name="gate").text
    assert "kiosk enrol" in page
    assert "near-booth" in page
    town.store.booths.remove("near-booth")
    assert bound.get("/booths/near-booth").status_code == 200
    assert 'href="/booths/near-booth"' in bound.get("/booths").text


def test_who_is_bound_to_none_sees_all(server: Server, town: Town) -> None:
    free = signed_in(server, "reviewer", "registrar", "technician", login="free")
    assert "远人7" in free.get("/students?q=远人7").text
    assert "far-booth" in free.get("/booths").text
    assert free.get(f"/photos/{submission(7)}").status_code == 200

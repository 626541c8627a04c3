"""The pages of what staff do with photos, from the review to the export."""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from protocol.envelope import short_number
from protocol.provenance import Operation
from protocol.review import COMPARISON_FAILED, REASONS
from registrar import audit
from registrar.desk.photo_pages import find_beyond, find_bounds, find_lines, find_size
from registrar.desk.plots import columns, tick_above
from registrar.desk.student_pages import mask
from registrar.intake import receive_envelope
from registrar.photo_state import Policy
from registrar.serve import Server
from registrar.storage.tables import PHOTO
from tests.desk import Browser, signed_in
from tests.town import INSTITUTION, Town, picture, provenance, submission

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("work") / "registrar") as serving:
        yield serving


@pytest.fixture(scope="module")
def town(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Town:
    return Town(server, tmp_path_factory.mktemp("booth"), students=40)


@pytest.fixture(scope="module")
def staff(server: Server) -> Browser:
    return signed_in(server, "reviewer", "registrar", login="staff-2", language="en")


@pytest.fixture(autouse=True)
def _nothing_waits(town: Town) -> Iterator[None]:
    yield
    while taken := town.store.reviews.take("sweeper", NOW + timedelta(hours=1)):
        for photo in taken:
            town.store.reviews.decide(
                "sweeper", photo.submission_id, "approved", NOW + timedelta(hours=1)
            )


def receive(town: Town, number: int, of_student: int | None = None, **excused: str) -> str:
    record = None
    if excused:
        done = (Operation(name="excused", parameters=dict(excused)),)
        record = provenance(picture(number), town.key, operations=done)
    envelope = town.envelope(number, of_student=of_student, record=record)
    assert receive_envelope(town.store, town.server.keys, envelope, NOW).refused is None
    return str(submission(number))


def test_a_photo_is_approved_and_the_next_is_shown(town: Town, staff: Browser) -> None:
    first, second = receive(town, 1), receive(town, 2)
    page = staff.get("/review").text
    assert f"/photos/{first}.jpg" in page
    assert f'class="ahead" src="/photos/{second}.jpg"' in page
    page = staff.post(f"/review/{first}", verdict="approve").text
    assert f"{short_number(submission(1))} approved." in page
    assert f"/photos/{second}.jpg" in page
    assert town.store.records.resolve("code-1") == "photo_approved"


def test_a_photo_is_refused_with_a_reason_and_taken_back(town: Town, staff: Browser) -> None:
    photo = receive(town, 3)
    staff.get("/review")
    page = staff.post(f"/review/{photo}", verdict="refuse", reason="gaze", note="aside").text
    assert "refused: looks past the lens." in page
    page = staff.post("/review/undo").text
    assert "taken back" in page
    assert f"/photos/{photo}.jpg" in page


def test_a_refusal_without_a_reason_changes_nothing(town: Town, staff: Browser) -> None:
    photo = receive(town, 4)
    page = staff.post(f"/review/{photo}", verdict="refuse").text
    assert "Choose a reason" in page
    assert town.store.records.resolve("code-4") == "already_photographed"
    assert staff.post(f"/review/{photo}", verdict="perhaps").status_code == 400


def test_what_somebody_else_has_reviewed_is_told(town: Town, staff: Browser) -> None:
    photo = receive(town, 5)
    town.store.reviews.decide("somebody", submission(5), "approved", NOW)
    assert "Somebody else has reviewed" in staff.post(f"/review/{photo}", verdict="approve").text


def test_a_skipped_photo_makes_room_for_the_next(town: Town, staff: Browser) -> None:
    first, second = receive(town, 6), receive(town, 7)
    page = staff.get("/review").text
    place = page.partition('name="after" value="')[2].partition('value="')[0]
    assert place
    number = town.store.reviews.take("staff-2", NOW)[0].number
    page = staff.get(f"/review?after={number}", **{"HX-Request": "true"}).text
    assert page.startswith('<div id="review"')
    assert f'<img src="/photos/{second}.jpg"' in page
    assert f'class="ahead" src="/photos/{first}.jpg"' in page


def test_the_refused_photo_before_stands_beside_the_new_one(town: Town, staff: Browser) -> None:
    before = receive(town, 8)
    town.store.reviews.decide("ma", submission(8), "refused", NOW, reason="hair")
    after = receive(town, 28, of_student=8)
    for path in ("/review", f"/photos/{after}"):
        page = staff.get(path).text
        assert f"/photos/{before}.jpg" in page
        assert "hair covers the face" in page


def test_what_staff_are_to_decide_is_told(town: Town, staff: Browser) -> None:
    receive(town, 9, bareheaded="waived", glasses_glare="granted")
    page = staff.get("/review").text
    assert "you decide: bareheaded" in page
    assert "Staff have excused: no glare" in page


def test_a_photo_tells_its_provenance(town: Town, staff: Browser) -> None:
    photo = receive(town, 10)
    page = staff.get(f"/photos/{photo}").text
    assert "signature holds" in page
    assert "no lines can be drawn" in page
    jpeg = staff.get(f"/photos/{photo}.jpg")
    assert jpeg.content == picture(10)
    assert jpeg.headers["Cache-Control"] == "private, max-age=600"
    assert staff.get(f"/photos/{submission(99)}").status_code == 404
    assert staff.get(f"/photos/{submission(99)}.jpg").status_code == 404


def change(town: Town, number: int, **columns: object) -> None:
    """Change a photo's row behind the registrar's back, as who has the database could."""
    where = PHOTO.c.submission_id == str(submission(number))
    with town.store.database.transaction() as db:
        db.execute(update(PHOTO).where(where).values(columns))


def test_a_photo_of_which_the_database_was_changed_is_not_to_be_trusted(
    town: Town, staff: Browser
) -> None:
    photo = receive(town, 18)
    held = town.store.photos.held(submission(18))
    assert held is not None
    true = held.metadata.model_dump_json()
    eased: dict[str, float | int | str] = {"one_face": "granted"}
    record = provenance(
        picture(18), town.key, operations=(Operation(name="excused", parameters=eased),)
    )
    for changes in (
        {"metadata": true.replace('"one_face":1.0', '"one_face":0.5')},
        {"metadata": held.metadata.model_copy(update={"provenance": record}).model_dump_json()},
        {"record_id": "record-19"},
    ):
        change(town, 18, **changes)
        for path in (f"/photos/{photo}", "/review"):
            page = staff.get(path).text
            assert "is not what the booth has sealed" in page, (path, changes)
            assert "signature holds" not in page
        assert staff.get(f"/photos/{photo}.jpg").status_code == 503
        assert "cannot be approved" in staff.post(f"/review/{photo}", verdict="approve").text
        unchanged = town.store.photos.held(submission(18))
        assert unchanged is not None
        assert unchanged.state == "unreviewed"
        change(town, 18, metadata=true, record_id="record-18")
    assert "signature holds" in staff.get(f"/photos/{photo}").text
    town.store.objects.delete(sealed_name(town, 18))
    assert "cannot be opened now" in staff.get("/review").text


def sealed_name(town: Town, number: int) -> str:
    where = PHOTO.c.submission_id == str(submission(number))
    with town.store.database.connection() as db:
        return str(db.execute(select(PHOTO.c.object).where(where)).scalar_one())


def test_an_approval_is_taken_back_on_the_photos_page(town: Town, staff: Browser) -> None:
    photo = receive(town, 11)
    town.store.reviews.decide("ma", submission(11), "approved", NOW)
    assert "Take the approval back" in staff.get(f"/photos/{photo}").text
    page = staff.post(f"/photos/{photo}/revoke", reason="clothes", note="a uniform").text
    assert "a uniform" in page
    again = staff.post(f"/photos/{photo}/revoke", reason="clothes")
    assert again.status_code == 409
    assert "was not taken back" in again.text


def test_students_are_found_and_permitted_once_more(town: Town, staff: Browser) -> None:
    receive(town, 12)
    assert "学生12" in staff.get("/students?q=学生1").text
    page = staff.get("/students?q=2022000012")
    assert page.url.endswith("/students/record-12")
    assert "code-12" in page.text
    done = staff.post("/permits", record_id="record-12", reason="a new name").text
    assert "Permitted." in done
    assert "a new name" in done
    again = staff.post("/permits", record_id="record-12", reason="again")
    assert again.status_code == 409
    assert "Not permitted" in again.text
    assert "was taken back" in staff.post("/permits/withdraw", record_id="record-12").text
    assert staff.get("/students?q=nobody").status_code == 200
    assert staff.get("/students/nobody").status_code == 404
    assert staff.post("/permits", record_id="nobody", reason="x").status_code == 404


def test_who_may_not_permit_is_not_offered_it(town: Town, server: Server) -> None:
    receive(town, 13)
    reviewer = signed_in(server, "reviewer", login="reviewer-1")
    assert "/permits" not in reviewer.get("/students/record-13").text
    assert reviewer.post("/permits", record_id="record-13", reason="x").status_code == 403
    assert "/erasures" not in reviewer.get("/students/record-13").text
    assert reviewer.post("/erasures", record_id="record-13", why="order").status_code == 403
    assert reviewer.get("/export").status_code == 403


def test_a_student_is_erased_after_a_second_word(town: Town, staff: Browser) -> None:
    photo = receive(town, 17)
    assert 'action="/erasures"' in staff.get("/students/record-17").text
    asked = {"record_id": "record-17", "why": "consent"}
    page = staff.post("/erasures", **asked).text
    assert "results: 1" in page
    assert "the student has withdrawn their consent" in page
    other = staff.post("/erasures/confirmed", **asked, again="record-18")
    assert other.status_code == 422
    assert "Nothing was erased" in other.text
    assert staff.get(f"/photos/{photo}.jpg").status_code == 200
    done = staff.post("/erasures/confirmed", **asked, again="record-17")
    assert "All that was held of the student is gone." in done.text
    for path in (f"/photos/{photo}", f"/photos/{photo}.jpg", "/students/record-17"):
        assert staff.get(path).status_code == 404
    with town.store.database.connection() as db:
        entries = audit.page(db, 1000)
    (entry,) = [entry for entry in entries if entry.action == "record.erase"]
    assert entry.actor == "staff-2"
    assert '"why": "consent"' in entry.detail or '"why":"consent"' in entry.detail
    assert entry.subject.removeprefix("erased ") in done.text
    assert staff.post("/erasures/confirmed", **asked, again="record-17").status_code == 404
    assert staff.post("/erasures", record_id="record-18", why="because").status_code == 400


def test_figures_count_by_hour_college_reason_and_booth(town: Town, staff: Browser) -> None:
    receive(town, 14)
    town.store.reviews.decide("ma", submission(14), "refused", NOW, reason="blurred")
    page = staff.get(f"/figures?institution={INSTITUTION}").text
    for said in ("blurred", "booth-1", "文学院", "<svg"):
        assert said in page
    assert "No photo was taken then" in staff.get("/figures?first=2020-01-01&last=2020-01-02").text
    assert "No photo" in staff.get("/figures?institution=99999").text


def test_approved_photos_are_downloaded_in_one_file(town: Town, staff: Browser) -> None:
    long_ago = NOW - timedelta(minutes=5)
    envelope = town.envelope(15)
    receive_envelope(town.store, town.server.keys, envelope, long_ago)
    town.store.reviews.decide("ma", submission(15), "approved", long_ago)
    assert "Download" in staff.get("/export?college=文学院").text
    assert '<option value="文学院">' in staff.get(f"/export?institution={INSTITUTION}").text
    answer = staff.post("/export/zip", institution=INSTITUTION)
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        assert file.read("2022000015.jpg") == picture(15)
    nothing = staff.post("/export/zip", institution="99999")
    assert nothing.status_code == 409
    assert "That is no day." in staff.get("/export?first=yesterday").text


def test_results_are_imported_by_the_browser(town: Town, staff: Browser) -> None:
    receive(town, 16)
    town.store.reviews.decide("ma", submission(16), "approved", NOW)
    rows = b"student_no,result\n2022000016,failed\n1,passed\n"
    page = staff.upload("/results", "r.csv", rows).text
    assert "0 passed, 1 not passed" in page
    assert "no student on the roster" in page
    again = staff.upload("/results", "r.csv", rows)
    assert again.status_code == 400
    assert "imported already" in again.text


def test_policies_are_shown_and_set(town: Town, staff: Browser) -> None:
    assert "every photo, by one person" in staff.get("/policies").text
    page = staff.post("/policies", institution_code="10009", persons="2", share="12.5").text
    assert "12.5 %" in page
    assert town.store.policies.all()["10009"] == Policy(2, 0.125)
    for wrong in ({"share": "101"}, {"share": "x"}, {"persons": "3"}, {"institution_code": "1"}):
        fields = {"institution_code": "", "persons": "1", "share": "100", **wrong}
        assert staff.post("/policies", **fields).status_code == 400


def test_a_records_places_become_lines(town: Town) -> None:
    given: dict[str, float | int | str] = {
        "eye_line": 0.4,
        "eye_line least": 0.3125,
        "eye_line most": 0.46875,
    }
    record = provenance(
        picture(1),
        town.key,
        operations=(
            Operation(name="scale", parameters={"width": 480, "height": 640, "filter": "x"}),
            Operation(name="verify", parameters=given),
            Operation(name="judge", parameters={"yaw": "-10 – 10"}),
        ),
    )
    (line,) = find_lines(record)
    assert (line.name, line.at, line.least, line.most) == ("eye_line", 256.0, 200.0, 300.0)
    assert find_size(record) == (480, 640)
    assert find_bounds(record) == {"yaw": "-10 – 10"}
    assert find_beyond(record) == set()
    for value, beyond in ((-10.5, {"yaw"}), (10.0, set()), (None, set())):
        assert find_beyond(record.model_copy(update={"rules": {"yaw": value}})) == beyond
    assert find_lines(provenance(picture(1), town.key)) == []


def test_every_reason_has_its_words_and_what_to_do(town: Town, staff: Browser) -> None:
    from registrar.desk.words import LANGUAGES, words_of

    for language in LANGUAGES:
        words = words_of(language)
        for reason in (*REASONS, COMPARISON_FAILED):
            assert words(f"refusal.{reason}")
            assert words(f"refusal.{reason}_todo")


def test_an_identity_number_is_shown_in_part() -> None:
    assert mask("11010519491231002X") == "110***********002X"
    assert mask("H1234") == "H1234"


def test_bars_stand_on_round_numbers() -> None:
    assert [tick_above(count) for count in (0, 1, 3, 7, 10, 11, 163, 999)] == [
        1, 1, 4, 8, 10, 20, 200, 1000,
    ]  # fmt: skip
    drawn = columns([("08", 0), ("09", 8)], 248.0, 146.0)
    assert [bar.height for bar in drawn.bars] == [0.0, 100.0]
    assert drawn.lines[-1] == (20.0, 8)

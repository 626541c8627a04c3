"""The registrar's face: photos for staff on this machine, the protocol for booths, else nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
import requests

from protocol.envelope import short_number
from protocol.provenance import EXCUSED, Operation
from protocol.request import BOOTH_HEADER, PREFIX, SIGNATURE_HEADER, TIME_HEADER, request_message
from registrar.serve import Server, listen, make_server
from tests.town import BOOTH, Town, picture, provenance, record, submission


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "registrar") as serving:
        yield Town(serving, tmp_path / "booth", students=3)


def get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=10, proxies={"http": ""})


def test_the_first_page_shows_each_photo_with_its_student(town: Town) -> None:
    town.client().send(town.envelope(1))
    page = get(town.server.url).text
    for text in ("毕业照片登记", "学生1", "2022000001", "文学院", BOOTH, "2026-06-01", " / 3"):
        assert text in page
    assert "学生2" not in page
    photo = get(f"{town.server.url}photos/{submission(1)}.jpg")
    assert photo.headers["Content-Type"] == "image/jpeg"
    assert photo.content == picture(1)


def test_a_receipts_number_finds_its_photo(town: Town) -> None:
    town.client().send(town.envelope(1))
    town.client().send(town.envelope(2))
    number = short_number(submission(1))
    page = get(f"{town.server.url}?number={number.lower()}").text
    assert "学生1<" in page
    assert number in page
    assert "学生2<" not in page
    assert "没有此编号的照片" in get(f"{town.server.url}?number=0000-0000").text


def test_what_staff_must_decide_stands_beside_the_photo(town: Town) -> None:
    excused = Operation(
        name=EXCUSED, parameters={"mouth_closed": "waived", "bareheaded": "granted"}
    )
    vouching = provenance(picture(1), town.key, operations=(excused,))
    town.client().send(town.envelope(1, record=vouching))
    page = get(town.server.url).text
    assert "待工作人员决定：双唇" in page
    assert "已准许：头饰" in page


def test_an_empty_registrar_says_so_in_two_languages(town: Town) -> None:
    page = get(town.server.url).text
    assert "尚未收到照片" in page
    assert "No photo has been received yet" in page


def test_the_newest_photos_stand_first_and_the_rest_on_further_pages(town: Town) -> None:
    town.store.records.import_records(record(number) for number in range(61))
    client = town.client()
    for number in range(61):
        client.send(town.envelope(number))
    first, second = get(town.server.url).text, get(f"{town.server.url}?page=2").text
    assert first.index("学生60<") < first.index("学生59<")
    assert "学生0<" not in first
    assert "学生0<" in second
    assert "?page=2" in first


def test_a_name_is_shown_as_text_whatever_it_holds(town: Town) -> None:
    town.store.records.import_records([record(1, name="<script>alert(1)</script>")])
    town.client().send(town.envelope(1))
    assert "<script>" not in get(town.server.url).text


def test_faces_stay_out_of_caches_and_of_other_pages(town: Town) -> None:
    headers = get(town.server.url).headers
    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["", "photos/6f0c4c6e-6f3c-4a7e-9d0a-2f3f2f1f5a10.jpg"])
def test_without_a_token_another_name_for_this_machine_gets_no_page(town: Town, path: str) -> None:
    assert get(town.server.url + path, Host="attacker.example").status_code == 403


@pytest.mark.parametrize("path", ["photos/none.jpg", "docs", "openapi.json", "v1", "../x"])
def test_there_is_nothing_else(town: Town, path: str) -> None:
    assert get(town.server.url + path).status_code in (404, 422)


def test_with_a_token_the_page_asks_for_it(town: Town) -> None:
    token = "correct horse battery"
    with listen("127.0.0.1", 0) as socket:
        url = f"http://127.0.0.1:{socket.getsockname()[1]}/"
        guarded = make_server(town.store, town.server.keys, token)
        thread = Thread(target=guarded.run, kwargs={"sockets": [socket]})
        thread.start()
        try:
            assert get(url).status_code == 401
            assert requests.get(url, auth=("staff", "wrong"), timeout=10).status_code == 401
            assert requests.get(url, auth=("staff", token), timeout=10).status_code == 200
            assert get(f"{url}photos/{submission(1)}.jpg").status_code == 401
        finally:
            guarded.should_exit = True
            thread.join()


def post(town: Town, path: str, body: bytes, sent: bytes | None = None) -> requests.Response:
    """Sign `body`, and send it or something else."""
    time = str(int(datetime.now(UTC).timestamp()))
    message = request_message("POST", PREFIX + path, BOOTH, time, body)
    return requests.post(
        f"{town.server.url}v1{path}",
        data=body if sent is None else sent,
        headers={
            BOOTH_HEADER: BOOTH,
            TIME_HEADER: time,
            SIGNATURE_HEADER: town.key.sign(message).signature.hex(),
        },
        timeout=10,
    )


@pytest.mark.parametrize("path", ["/resolve", "/submissions"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"capture_code": ""}', b"\xff\xfe"])
def test_a_malformed_request_is_told_and_does_no_harm(town: Town, path: str, body: bytes) -> None:
    answer = post(town, path, body)
    assert answer.status_code == 400
    assert answer.json()["error"] == "malformed"


def test_a_body_that_the_booth_did_not_sign_is_not_served(town: Town) -> None:
    answer = post(town, "/resolve", b'{"capture_code":"code-1"}', b'{"capture_code":"code-2"}')
    assert answer.status_code == 401
    assert answer.json()["error"] == "not_enrolled"


def test_the_status_tells_a_conflict(town: Town) -> None:
    first, second = (town.envelope(1).model_dump_json().encode() for _ in range(2))
    statuses = [post(town, "/submissions", body).status_code for body in (first, second, first)]
    assert statuses == [200, 409, 200]

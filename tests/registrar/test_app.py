"""The registrar's face: pages for staff, the protocol for booths, else nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from protocol.request import BOOTH_HEADER, PREFIX, SIGNATURE_HEADER, TIME_HEADER, request_message
from registrar.serve import Server
from tests.desk import signed_in
from tests.town import BOOTH, Town, record


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "registrar") as serving:
        yield Town(serving, tmp_path / "booth", students=3)


def get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=10, proxies={"http": ""})


def test_a_name_is_shown_as_text_whatever_it_holds(town: Town) -> None:
    town.store.records.import_records([record(1, name="<script>alert(1)</script>")])
    town.client().send(town.envelope(1))
    page = signed_in(town.server, "registrar").get("/students/record-1").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>" not in page


@pytest.mark.parametrize("path", ["docs", "openapi.json", "v1", "x/../x", "static/../app.py"])
def test_there_is_nothing_else(town: Town, path: str) -> None:
    assert get(town.server.url + path).status_code == 404


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

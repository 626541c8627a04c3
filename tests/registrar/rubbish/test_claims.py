"""Who claims to be another, or says again what was said: right status, and nothing done twice."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import requests
from nacl.signing import SigningKey

from protocol.receipt import Receipt
from protocol.report import BoothReport
from protocol.request import BOOTH_HEADER, CLOCK_WINDOW, PREFIX, sign_request
from protocol.signing import UNSIGNED, sign
from registrar.serve import Server
from tests.registrar.rubbish.stored import stored
from tests.town import BOOTH, INSTITUTION, Town

OTHER = "booth-2"
QUESTION = b'{"capture_code":"code-1"}'
ROSTER = f"{PREFIX}/roster/{INSTITUTION}"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with Server(folder / "registrar") as serving:
        yield Town(serving, folder / "booth", students=10)


@pytest.fixture(scope="module")
def other(town: Town) -> SigningKey:
    """Another booth's key."""
    key = SigningKey.generate()
    town.server.enrol(OTHER, key.verify_key)
    return key


def signed(
    town: Town,
    method: str,
    path: str,
    body: bytes = b"",
    *,
    key: SigningKey | None = None,
    booth_id: str = BOOTH,
    ago: int = 0,
) -> dict[str, str]:
    at = str(int(datetime.now(UTC).timestamp()) - ago)
    return sign_request(method, path, booth_id, at, body, key or town.key)


def send(
    town: Town, method: str, path: str, headers: dict[str, str], body: bytes = b""
) -> requests.Response:
    return requests.request(
        method, town.server.url[:-1] + path, data=body, headers=headers, timeout=20
    )


def test_a_photo_that_is_sent_again_is_held_once_under_one_receipt(town: Town) -> None:
    body = town.envelope(1).model_dump_json().encode()
    headers = signed(town, "POST", f"{PREFIX}/submissions", body)
    first = send(town, "POST", f"{PREFIX}/submissions", headers, body)
    held = stored(town.store)
    again = send(town, "POST", f"{PREFIX}/submissions", headers, body)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    assert stored(town.store) == held


def test_a_request_for_the_roster_may_be_repeated_and_changes_nothing(town: Town) -> None:
    headers = signed(town, "GET", ROSTER)
    first = send(town, "GET", ROSTER, headers)
    held = stored(town.store)
    again = send(town, "GET", ROSTER, headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    assert stored(town.store) == held


@pytest.mark.parametrize("ago", [CLOCK_WINDOW + 10, -CLOCK_WINDOW - 10, 86_400])
def test_what_was_signed_another_day_is_not_served(town: Town, ago: int) -> None:
    answer = send(town, "GET", ROSTER, signed(town, "GET", ROSTER, ago=ago))
    assert (answer.status_code, answer.json()["error"]) == (401, "clock_wrong")


def test_an_older_report_takes_no_newer_ones_place(town: Town) -> None:
    now = datetime.now(UTC)
    path = f"{PREFIX}/reports"
    for visits, at in ((2, now), (1, now - timedelta(minutes=2))):
        report = BoothReport(
            at=at, version="1", doing="serves", waiting=0, refused=0, set_aside=0, visits=visits,
            supplies={},
        )  # fmt: skip
        body = report.model_dump_json().encode()
        assert send(town, "POST", path, signed(town, "POST", path, body), body).status_code == 200
    _, kept = town.store.booths.reports()[BOOTH]
    assert kept.visits == 2


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{PREFIX}/reports"),
        ("POST", f"{PREFIX}/submissions"),
        ("PUT", f"{PREFIX}/resolve"),
        ("GET", ROSTER),
    ],
)
def test_a_signature_over_another_path_is_none(town: Town, method: str, path: str) -> None:
    before = stored(town.store)
    headers = signed(town, "POST", f"{PREFIX}/resolve", QUESTION)
    answer = send(town, method, path, headers, QUESTION)
    assert answer.status_code in (401, 404, 405)
    assert stored(town.store) == before


def test_a_booth_that_names_another_is_not_served(town: Town, other: SigningKey) -> None:
    for named, key in ((BOOTH, other), (OTHER, town.key)):
        headers = signed(town, "POST", f"{PREFIX}/resolve", QUESTION, key=key, booth_id=named)
        answer = send(town, "POST", f"{PREFIX}/resolve", headers, QUESTION)
        assert (answer.status_code, answer.json()["error"]) == (401, "not_enrolled")


def test_another_booths_photo_is_judged_by_that_booths_key_whoever_brings_it(
    town: Town, other: SigningKey
) -> None:
    path = f"{PREFIX}/submissions"
    envelope = town.envelope(2)
    claimed = sign(envelope.model_copy(update={"booth_id": OTHER, "signature": UNSIGNED}), other)
    renamed = sign(envelope.model_copy(update={"signature": UNSIGNED}), other)
    before = stored(town.store)
    for wrong in (claimed, renamed):
        body = wrong.model_dump_json().encode()
        headers = signed(town, "POST", path, body, key=other, booth_id=OTHER)
        answer = send(town, "POST", path, headers, body)
        assert answer.status_code == 409
        assert Receipt.model_validate_json(answer.content).refused == "unreadable"
    assert stored(town.store) == before
    body = envelope.model_dump_json().encode()  # a disk that was put into another booth
    headers = signed(town, "POST", path, body, key=other, booth_id=OTHER)
    assert send(town, "POST", path, headers, body).status_code == 200
    held = town.store.photos.held(envelope.submission_id)
    assert held is not None
    assert held.metadata.booth_id == BOOTH


def test_a_revoked_booth_is_not_served_nor_its_photos_taken(town: Town) -> None:
    key = SigningKey.generate()
    town.server.enrol("booth-3", key.verify_key)
    path = f"{PREFIX}/resolve"
    headers = signed(town, "POST", path, QUESTION, key=key, booth_id="booth-3")
    assert send(town, "POST", path, headers, QUESTION).status_code == 200
    town.store.booths.remove("booth-3")
    before = stored(town.store)
    answer = send(town, "POST", path, headers, QUESTION)  # word for word what was served
    assert (answer.status_code, answer.json()["error"]) == (401, "not_enrolled")
    envelope = town.envelope(3)
    theirs = sign(envelope.model_copy(update={"booth_id": "booth-3", "signature": UNSIGNED}), key)
    body = theirs.model_dump_json().encode()
    path = f"{PREFIX}/submissions"
    answer = send(town, "POST", path, signed(town, "POST", path, body), body)
    assert answer.status_code == 409
    assert Receipt.model_validate_json(answer.content).refused == "former_key"
    assert stored(town.store) == before


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "..", "a/b", "a%00b", "%2e%2e"]
)
def test_a_path_in_the_place_of_a_name_is_none(town: Town, name: str) -> None:
    before = stored(town.store)
    headers = signed(town, "POST", f"{PREFIX}/resolve", QUESTION) | {BOOTH_HEADER: name}
    assert send(town, "POST", f"{PREFIX}/resolve", headers, QUESTION).status_code == 401
    for field in ("submission_id", "booth_id"):
        body = town.envelope(4).model_dump_json().encode()
        given = BOOTH if field == "booth_id" else str(town.envelope(4).submission_id)
        changed = body.replace(given.encode(), name.encode(), 1)
        path = f"{PREFIX}/submissions"
        answer = send(town, "POST", path, signed(town, "POST", path, changed), changed)
        assert (answer.status_code, answer.json()["error"]) == (400, "malformed")
    for path in (f"{PREFIX}/roster/{name}", f"{ROSTER}/base/{name}", f"{PREFIX}/x/{name}"):
        assert send(town, "GET", path, signed(town, "GET", path)).status_code in (401, 404, 422)
    assert stored(town.store) == before


def test_a_code_with_a_character_that_databases_do_not_take_is_malformed(town: Town) -> None:
    body = b'{"capture_code":"a\\u0000"}'
    path = f"{PREFIX}/resolve"
    answer = send(town, "POST", path, signed(town, "POST", path, body), body)
    assert (answer.status_code, answer.json()["error"]) == (400, "malformed")


@pytest.mark.parametrize(
    "headers", [{"X": "x" * 1_000_000}, {f"X-{number}": "x" for number in range(100_000)}]
)
def test_headers_too_long_are_refused(town: Town, headers: dict[str, str]) -> None:
    with suppress(requests.RequestException):  # it is cut before all of them are sent
        assert send(town, "GET", "/healthz", headers).status_code == 400
    assert send(town, "GET", "/healthz", {}).status_code == 200

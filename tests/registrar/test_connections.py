"""A registrar that is attacked goes on serving: connections, headers, bodies, log are bounded."""

import hashlib
import logging
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
import requests
from nacl.signing import SigningKey

from protocol.request import (
    BOOTH_HEADER,
    DIGEST_HEADER,
    LARGEST_BODY,
    PREFIX,
    SIGNATURE_HEADER,
    TIME_HEADER,
    headers_message,
    request_message,
    sign_request,
)
from registrar import booth_requests, connections, event_loop
from registrar.connections import LINES_A_MINUTE, SparingFilter
from registrar.serve import Certificate, Server, listen, make_server
from tests.town import BOOTH, Town

BODY = b'{"capture_code":"code-1"}'
GENEROUS = 20
"""Seconds; a hang ends in a failure."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One registrar for all attacks: each finds it as the one before has left it."""
    folder = tmp_path_factory.mktemp("town")
    with Server(folder / "registrar") as serving:
        yield Town(serving, folder / "booth", students=3)


def connect(town: Town, data: bytes = b"") -> socket.socket:
    port = int(town.server.url.rstrip("/").rsplit(":", 1)[1])
    connection = socket.create_connection(("127.0.0.1", port), timeout=GENEROUS)
    connection.sendall(data)
    return connection


def headers(town: Town, body: bytes = BODY, **changes: str) -> dict[str, str]:
    now = str(int(datetime.now(UTC).timestamp()))
    signed = sign_request("POST", f"{PREFIX}/resolve", BOOTH, now, body, town.key)
    return signed | changes


def resolve(town: Town, body: bytes = BODY, **changes: str) -> requests.Response:
    return requests.post(
        f"{town.server.url}v1/resolve",
        data=body,
        headers=headers(town, BODY, **changes),
        timeout=GENEROUS,
    )


def is_served(town: Town) -> bool:
    return resolve(town).status_code == 200


def raw(headers: dict[str, str], length: int) -> bytes:
    lines = ["POST /v1/resolve HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def answer_of(connection: socket.socket) -> bytes:
    """All that comes until the other side closes; nothing where it resets."""
    answer = b""
    try:
        while data := connection.recv(65536):
            answer += data
    except ConnectionResetError:
        pass
    return answer


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"POST /v1/resolve HTTP/1.1\r\nHost: x\r\nX: ",
        b"POST /v1/resolve HTTP/1.1\r\nHost: x\r\nContent-Length: 3900000\r\n\r\n{",
        b"POST /v1/resolve HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    ],
    ids=["idle", "half the headers", "half a body", "half a chunked body"],
)
def test_who_asks_at_once_is_served_however_many_hold_connections_open(
    town: Town, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 8)
    with ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(connect(town, begun))
        for _ in range(3):
            assert is_served(town)


def test_headers_that_never_end_are_cut_off(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.2)
    with connect(town, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ") as connection:
        assert answer_of(connection) == b""
    with connect(town, b"GET /login HTTP/1.1\r\nHost: x\r\n\r\n") as connection:
        assert answer_of(connection).startswith(b"HTTP/1.1 200")  # and idle after it


def test_a_body_that_never_ends_is_told_and_cut_off(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(booth_requests, "BODY_SECONDS", 0.2)
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.2)
    for given in (headers(town), {}):
        with connect(town, raw(given, 1000) + b"{") as connection:
            answer = answer_of(connection)
        assert answer.startswith(b"HTTP/1.1 408")
        assert b'"too_slow"' in answer


def test_a_body_too_large_is_refused_before_it_comes(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.2)
    with connect(town, raw(headers(town), LARGEST_BODY + 1)) as connection:
        assert answer_of(connection).startswith(b"HTTP/1.1 413")
    with connect(town, raw(headers(town), 10**19)) as connection:
        assert answer_of(connection).startswith(b"HTTP/1.1 413")


def test_who_sends_too_much_hears_so(town: Town) -> None:
    answer = resolve(town, b"x" * (LARGEST_BODY + 100_000))
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


def test_a_chunked_body_too_large_is_refused_as_it_grows(town: Town) -> None:
    chunks = (b"x" * 100_000 for _ in range(LARGEST_BODY // 100_000 + 2))
    answer = requests.post(
        f"{town.server.url}v1/resolve", data=chunks, headers=headers(town), timeout=GENEROUS
    )
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    assert is_served(town)


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({BOOTH_HEADER: "booth-7"}, 401, "not_enrolled"),
        ({BOOTH_HEADER: "\xff" * 200}, 401, "not_enrolled"),
        ({BOOTH_HEADER: ""}, 401, "not_enrolled"),
        ({SIGNATURE_HEADER: "ab" * 64}, 401, "not_enrolled"),
        ({SIGNATURE_HEADER: ""}, 401, "not_enrolled"),
        ({DIGEST_HEADER: "ab" * 32}, 401, "not_enrolled"),
        ({TIME_HEADER: "9" * 4000}, 400, "garbled"),
        ({TIME_HEADER: "9" * 12}, 400, "garbled"),
        ({TIME_HEADER: "-1"}, 400, "garbled"),
        ({TIME_HEADER: "1e9"}, 400, "garbled"),
        ({TIME_HEADER: "\xb2\xb3"}, 400, "garbled"),
        ({TIME_HEADER: ""}, 400, "garbled"),
    ],
)
def test_headers_are_judged_before_the_body_is_read(
    town: Town, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], status: int, error: str
) -> None:
    read: list[object] = []
    monkeypatch.setattr(booth_requests, "_read_body", read.append)
    answer = resolve(town, b"x" * 100_000, **changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert read == []


def signed_at(town: Town, moment: int) -> dict[str, str]:
    return sign_request("POST", f"{PREFIX}/resolve", BOOTH, str(moment), BODY, town.key)


@pytest.mark.parametrize(
    ("moment", "said"), [(60, "slow"), (253402300799, "fast"), (4102444800, "fast")]
)
def test_a_wrong_clock_is_told_with_the_registrars_time(town: Town, moment: int, said: str) -> None:
    answer = resolve(town, BODY, **signed_at(town, moment))
    assert answer.status_code == 401
    assert answer.json()["error"] == "clock_wrong"
    assert said in answer.json()["detail"]
    assert f"here it is {datetime.now(UTC):%Y-%m-%d}" in answer.json()["detail"]
    assert "Date" in answer.headers


def test_another_body_than_was_signed_is_not_served(town: Town) -> None:
    answer = resolve(town, b'{"capture_code":"code-2"}')
    assert (answer.status_code, answer.json()["error"]) == (400, "garbled")


def test_a_request_without_digest_is_judged_by_its_body(town: Town) -> None:
    now = str(int(datetime.now(UTC).timestamp()))
    message = request_message("POST", f"{PREFIX}/resolve", BOOTH, now, BODY)
    signed = {
        BOOTH_HEADER: BOOTH,
        TIME_HEADER: now,
        SIGNATURE_HEADER: town.key.sign(message).signature.hex(),
    }
    url = f"{town.server.url}v1/resolve"
    for body, status in ((BODY, 200), (b"{}", 401)):
        answer = requests.post(url, data=body, headers=signed, timeout=GENEROUS)
        assert answer.status_code == status


def test_the_digest_signs_the_same_as_the_body() -> None:
    parts = ("POST", "/v1/resolve", BOOTH, "1")
    digest = hashlib.sha256(BODY).digest()
    assert headers_message(*parts, digest) == request_message(*parts, BODY)


def test_a_booth_with_a_former_key_is_told_so(town: Town) -> None:
    former = SigningKey.generate()
    town.store.booths.enrol("booth-2", former.verify_key)
    town.store.booths.remove("booth-2")
    town.store.booths.enrol("booth-2", SigningKey.generate().verify_key)

    def ask(path: str) -> requests.Response:
        now = str(int(datetime.now(UTC).timestamp()))
        signed = sign_request("POST", PREFIX + path, "booth-2", now, BODY, former)
        url = f"{town.server.url}v1{path}"
        return requests.post(url, data=BODY, headers=signed, timeout=GENEROUS)

    answer = ask("/submissions")
    assert answer.status_code == 401
    assert "by this key from before only" in answer.json()["detail"]
    assert "registrar booth add" in answer.json()["detail"]
    town.store.booths.accept_former_keys("booth-2")
    assert ask("/submissions").status_code == 400  # served: that is no envelope
    assert ask("/resolve").status_code == 401


@pytest.mark.parametrize(
    "path", ["?page=0", "?page=1000001", f"?page={'9' * 5000}", "?page=%00", "photos/%00.jpg"]
)
def test_what_is_out_of_bounds_in_an_address_gets_no_page(town: Town, path: str) -> None:
    answer = requests.get(town.server.url + path, timeout=GENEROUS, allow_redirects=False)
    assert answer.status_code in (303, 400, 404, 422)  # 303: who is not signed in is sent to do so


@pytest.mark.parametrize("host", [b"[", b"[::1", b"]:x:", b"a b", b"attacker.example"])
def test_a_name_that_is_none_gets_no_page_but_the_sign_in(town: Town, host: bytes) -> None:
    request = b"GET / HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n"
    with connect(town, request) as connection:
        status = answer_of(connection)[:12]
    assert status in (b"HTTP/1.1 303", b"HTTP/1.1 400")


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"capture_code":' * 6_000,
        b'{"capture_code":"' + b"x" * 513 + b'"}',
        b'{"capture_code":"\\ud800"}',
        b'{"capture_code":' + b"9" * 90_000 + b"}",
        b'{"capture_code":"a","capture_code":{}}',
        b"\xff\xfe\x00",
    ],
    ids=["deep", "deep objects", "long", "half a character", "number", "twice", "bytes"],
)
def test_what_cannot_be_parsed_is_malformed(town: Town, body: bytes) -> None:
    now = str(int(datetime.now(UTC).timestamp()))
    for path in ("/resolve", "/submissions"):
        signed = sign_request("POST", PREFIX + path, BOOTH, now, body, town.key)
        url = f"{town.server.url}v1{path}"
        answer = requests.post(url, data=body, headers=signed, timeout=GENEROUS)
        assert (answer.status_code, answer.json()["error"]) == (400, "malformed")


def test_strangers_do_not_fill_the_log() -> None:
    now = [0.0]
    sparing = SparingFilter(lambda: now[0])
    line = logging.LogRecord("uvicorn.error", logging.WARNING, "", 0, "Invalid", None, None)
    other = logging.LogRecord("uvicorn.error", logging.WARNING, "", 0, "Other", None, None)
    assert sum(sparing.filter(line) for _ in range(1000)) == LINES_A_MINUTE
    assert sparing.filter(other)
    now[0] = 61.0
    assert sparing.filter(line)


def test_a_registrar_whose_disk_fails_says_so_and_goes_on(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.client().send(town.envelope(1))
    kept = town.store.folder / "registrar.sqlite"
    aside = kept.rename(kept.with_suffix(".aside"))
    kept.mkdir()
    town.store.database.close()
    try:
        assert resolve(town).status_code == 503
    finally:
        kept.rmdir()
        aside.rename(kept)
    deadline = time.monotonic() + GENEROUS
    while not is_served(town):
        assert time.monotonic() < deadline


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_who_says_nothing_over_tls_is_cut_off(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_loop, "HANDSHAKE_SECONDS", 0.2)
    request = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
        f" -subj /CN=registrar -out {tmp_path / 'c.pem'} -keyout {tmp_path / 'k.pem'}"
    )
    subprocess.run(shlex.split(request), check=True, capture_output=True)
    certificate = Certificate(tmp_path / "c.pem", tmp_path / "k.pem")
    server = make_server(town.store, town.server.keys, certificate=certificate)
    with listen("127.0.0.1", 0) as listening:
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            address = listening.getsockname()
            with socket.create_connection(address, timeout=GENEROUS) as connection:
                assert answer_of(connection) == b""
        finally:
            server.should_exit = True
            thread.join()

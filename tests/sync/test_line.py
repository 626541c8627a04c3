"""The line to the registrar: what stands in between is named, and everything has an end."""

import io
import socket
import ssl
from random import Random

import pytest
import requests
from nacl.signing import SigningKey

from kiosk.sync.backoff import (
    FIRST_PAUSE,
    TRIES,
    pauses,
    try_again,
)
from kiosk.sync.client import RegistrarClient
from kiosk.sync.errors import Forged, Garbled, LeftToNext, NotEnrolled, NotTaken, Unreachable
from kiosk.sync.in_between import explain_error
from kiosk.sync.line import Line
from kiosk.sync.pace import Pace, PacedBody
from protocol.request import Problem
from tests.sync.answering import answering
from tests.town import BOOTH, question

KEY = SigningKey(b"k" * 32)


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def ask(answer: bytes) -> object:
    with answering(answer) as url:
        return RegistrarClient(url, BOOTH, KEY, KEY.verify_key).resolve(question("code-1"))


PAGE = b"<!DOCTYPE html><html><body>Log in to the network</body></html>"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (http("200 OK", PAGE), "a web page comes in the place of its answer"),
        (http("200 OK", b"hello", "Content-Type: text/html"), "a web page comes"),
        (http("403 Forbidden", PAGE), "log-in page or filter"),
        (http("302 Found", b"", "Location: http://portal.example/in?x"), "to portal.example"),
        (http("307 Moved", b"", "Location: http://[x"), "leads to what is no address"),
        (http("407 Proxy Authentication Required"), "a proxy before it asks for a password"),
        (http("511 Network Authentication Required", PAGE), "asks for a log-in before it"),
    ],
    ids=["page", "html", "filter", "redirect", "odd redirect", "proxy", "portal"],
)
def test_what_stands_in_between_is_named_with_one_way_out(answer: bytes, said: str) -> None:
    with pytest.raises(LeftToNext, match=said) as raised:
        ask(answer)
    assert str(raised.value).count("; ") == 1
    assert "\n" not in str(raised.value)


def test_a_server_that_fails_is_not_taken_for_a_log_in_page() -> None:
    with pytest.raises(Unreachable, match="HTTP status 502") as raised:
        ask(http("502 Bad Gateway", PAGE))
    assert not isinstance(raised.value, LeftToNext)


def test_a_proxy_that_asks_for_a_password_or_leads_nowhere_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    line = Line("https://registrar.example.edu/", timeout=(5.0, 5.0), deadline=10.0)
    with answering(http("407 Proxy Authentication Required")) as url:
        monkeypatch.setenv("HTTPS_PROXY", url)
        with pytest.raises(LeftToNext, match="asks for a password"):
            line.ask("GET", "/", b"", {})
    with pytest.raises(LeftToNext, match="does not lead to it"):
        line.ask("GET", "/", b"", {})


@pytest.mark.parametrize(
    ("code", "said"),
    [(62, "of another name"), (10, "not of this day"), (18, "is not trusted")],
)
def test_a_certificate_that_does_not_hold_is_told_by_its_fault(code: int, said: str) -> None:
    wrong = ssl.SSLCertVerificationError()
    wrong.verify_code = code
    assert said in explain_error(requests.exceptions.SSLError(wrong))


def test_who_speaks_no_tls_is_told() -> None:
    with answering(http("400 Bad Request")) as url:
        line = Line(url.replace("http://", "https://"), timeout=(5.0, 5.0), deadline=10.0)
        with pytest.raises(Unreachable, match="speaks no TLS"):
            line.ask("GET", "/", b"", {})


def drip(connection: socket.socket, answer: bytes) -> None:
    """One byte at a time, for as long as somebody listens."""
    connection.settimeout(0.02)
    for byte in answer:
        connection.sendall(bytes([byte]))
        try:
            if not connection.recv(1):
                return
        except TimeoutError:
            continue


def test_an_answer_that_drips_holds_nobody_past_the_deadline() -> None:
    with answering(http("200 OK", b" " * 5_000), drip) as url:
        line = Line(url, timeout=(5.0, 5.0), deadline=0.1)
        with pytest.raises(Unreachable, match="no answer in time"):
            line.ask("GET", "/", b"", {})


def test_a_run_has_an_end_however_many_requests_it_has() -> None:
    times = iter([0.0, 9.0, 10.0])
    with answering(http("200 OK", b"{}")) as url:
        line = Line(
            url, timeout=(5.0, 5.0), deadline=5.0, run_seconds=10.0, clock=lambda: next(times)
        )
        assert line.ask("GET", "/", b"", {}).content == b"{}"
        with pytest.raises(LeftToNext, match="this run's time is over"):
            line.ask("GET", "/", b"", {})


def test_an_answer_without_end_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.sync.line.LARGEST_ANSWER", 20_000)
    with answering(http("200 OK", b" " * 100_000)) as url:
        line = Line(url, timeout=(5.0, 5.0), deadline=10.0)
        with pytest.raises(Unreachable, match="without end"):
            line.ask("GET", "/", b"", {})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("garbled", Garbled),
        ("too_slow", Unreachable),
        ("too_large", Garbled),
        ("malformed", NotTaken),
        ("not_enrolled", NotEnrolled),
    ],
)
def test_only_what_is_said_of_the_photo_itself_speaks_against_it(
    error: str, kind: type[Exception]
) -> None:
    body = Problem.model_validate({"error": error, "detail": "says why"}).model_dump_json()
    with pytest.raises(kind) as raised:
        ask(http("400 Bad Request", body.encode()))
    assert type(raised.value) is kind


# ---- pace and back-off ----


class Time:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_what_passes_keeps_to_the_pace_both_ways() -> None:
    time = Time()
    pace = Pace(50_000, time.clock, time.sleep)

    def answer_and_take(connection: socket.socket, answer: bytes) -> None:
        connection.sendall(answer)
        while connection.recv(65_536):
            pass  # closed with bytes unread, the answer would be lost

    with answering(http("200 OK", b"x" * 100_000), answer_and_take) as url:
        line = Line(url, timeout=(5.0, 5.0), deadline=10.0, pace=pace)
        assert line.ask("POST", "/", b"y" * 200_000, {}).content == b"x" * 100_000
    assert time.now == pytest.approx(300_000 / 50_000, abs=0.2)


def test_what_passes_keeps_to_the_pace() -> None:
    time = Time()
    pace = Pace(50_000, time.clock, time.sleep)
    for _ in range(30):
        pace.wait_for(10_000)
    assert time.now == pytest.approx(29 * 10_000 / 50_000)


def test_a_paced_body_is_whole() -> None:
    time, data = Time(), bytes(range(256)) * 100
    assert b"".join(iter(PacedBody(data, Pace(1e6, time.clock, time.sleep)).read, b"")) == data
    assert isinstance(PacedBody(data, Pace(1e6, time.clock, time.sleep)), io.BytesIO)


def test_pauses_grow_and_no_two_booths_wait_alike() -> None:
    of = [list(pauses(Random(seed))) for seed in range(50)]
    for each in of:
        assert len(each) == TRIES - 1
        for number, seconds in enumerate(each):
            assert FIRST_PAUSE * 2**number / 2 <= seconds <= FIRST_PAUSE * 2**number
    assert len({each[0] for each in of}) == 50


def test_what_the_way_spoiled_is_tried_again_and_what_is_certain_is_not() -> None:
    slept: list[float] = []
    fates: list[Exception | None] = [Garbled("half"), Forged("flipped"), None]

    def work() -> str:
        fate = fates.pop(0)
        if fate is not None:
            raise fate
        return "done"

    assert try_again(work, iter([1.0, 2.0, 4.0]), slept.append, lambda: True) == "done"
    assert slept == [1.0, 2.0]
    for certain in (LeftToNext("portal"), NotEnrolled("who?"), NotTaken("no photo")):
        fates[:] = [certain]
        with pytest.raises(type(certain)):
            try_again(work, iter([1.0]), slept.append, lambda: True)
    fates[:] = [Unreachable("away")]
    with pytest.raises(Unreachable):
        try_again(work, iter([1.0]), slept.append, lambda: False)
    assert slept == [1.0, 2.0]


def test_a_connection_that_was_cut_is_told_from_one_that_never_was() -> None:
    cut = requests.ConnectionError(ConnectionResetError(104, "reset"))
    assert "cut off in the middle" in explain_error(cut)
    assert "cannot be reached" in explain_error(requests.ConnectionError(OSError(113, "no route")))


def test_after_an_answer_that_was_too_slow_another_connection_is_taken() -> None:
    taken: list[socket.socket] = []

    def answer_and_stay(connection: socket.socket, _: bytes) -> None:
        taken.append(connection)
        connection.sendall(b"HTTP/1.1 408 Too Slow\r\nContent-Length: 0\r\n\r\n")
        connection.recv(65_536)

    with answering(b"", answer_and_stay) as url:
        line = Line(url, timeout=(5.0, 5.0), deadline=10.0)
        assert [line.ask("GET", "/", b"", {}).status for _ in range(2)] == [408, 408]
        line.close()
    assert len(taken) == 2

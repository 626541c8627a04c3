"""Whatever a half-dead network does, each way to the registrar comes to an end by itself."""

import socket
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from kiosk.commands.main import main
from kiosk.config import SyncSettings
from kiosk.sync import enrolment, resolver
from kiosk.sync.client import RegistrarClient
from kiosk.sync.enrolling import enrol
from kiosk.sync.errors import Unreachable
from kiosk.sync.keys import make_signing_key, verify_key_text
from kiosk.sync.last_sync import read_last_sync
from kiosk.sync.outbox import Outbox
from kiosk.sync.resolver import ask_registrar
from protocol.roster_edition import first_head
from tests.sync.test_outbox import envelope
from tests.town import BOOTH, INSTITUTION, TAKEN_AT, question

KEY = SigningKey(b"k" * 32)
PATIENCE = (5.0, 5.0)
"""Longer than the deadline: it is this that ends what drips."""
DEADLINE = 0.1

HEADERS = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"

Way = Callable[[socket.socket, threading.Event], None]


def drip(connection: socket.socket, over: threading.Event) -> None:
    """A byte now and then, from the first of the status line on."""
    for byte in HEADERS + b" " * 5000:
        connection.sendall(bytes([byte]))
        if over.wait(0.02):
            return


def stall_after_headers(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(HEADERS)
    over.wait()


def stall_within_headers(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(HEADERS[:20])
    over.wait()


def never_answer(connection: socket.socket, over: threading.Event) -> None:
    over.wait()


def continue_for_ever(connection: socket.socket, over: threading.Event) -> None:
    """Interim answers, one after the other: each resets who waits for the next byte."""
    while not over.wait(0.02):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


WAYS = (drip, stall_after_headers, stall_within_headers, never_answer, continue_for_ever)


@contextmanager
def half_dead(way: Way) -> Iterator[str]:
    """A server that takes a request, or nothing of it, and then goes on as `way` does."""
    over = threading.Event()

    def meet(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            if way is not never_answer:
                connection.recv(65_536)
            way(connection, over)

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=meet, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture
def silent_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Name servers that say nothing, longer than anybody waits."""
    over = threading.Event()

    def look_up(*_: object, **__: object) -> object:
        over.wait()
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield
    over.set()


def client(url: str) -> RegistrarClient:
    return RegistrarClient(url, BOOTH, KEY, KEY.verify_key, timeout=PATIENCE, deadline=DEADLINE)


def ask(url: str) -> None:
    client(url).resolve(question("code-1"))


def send(url: str) -> None:
    client(url).send(envelope(1, 2_000_000))


def go_on_with(url: str) -> None:
    client(url).send(envelope(1, 200_000), was_cut=True)


def fetch_piece(url: str) -> None:
    client(url).roster_base(first_head(INSTITUTION, bytes(32), TAKEN_AT), 0, 5000)


def fetch_configuration(url: str) -> None:
    client(url).configuration(INSTITUTION, None)


def enrol_booth(url: str) -> None:
    # Its deadline is the sum of both waits: each byte is waited for no longer than all are.
    enrol(url, "ABCD-EFGH-JKMN-PQRS", KEY, (DEADLINE / 2, DEADLINE / 2))


ASKED = (ask, send, go_on_with, fetch_piece, fetch_configuration, enrol_booth)


@pytest.mark.parametrize(
    ("way", "asked"), [*((way, ask) for way in WAYS), *((drip, each) for each in ASKED[1:])]
)
def test_what_stalls_or_drips_is_given_up(way: Way, asked: Callable[[str], None]) -> None:
    with half_dead(way) as url, pytest.raises(Unreachable, match="no answer in time"):
        asked(url)


@pytest.mark.parametrize("asked", [ask, enrol_booth])
@pytest.mark.usefixtures("silent_names")
def test_names_that_nobody_looks_up_are_given_up(asked: Callable[[str], None]) -> None:
    with pytest.raises(Unreachable, match="no answer in time"):
        asked("https://registrar.example.edu/")


def settings(folder: Path, url: str) -> str:
    key = verify_key_text(make_signing_key(folder / "signing.key").verify_key)
    return (
        f'registrar = "{url}"\nregistrar_public_key = "{key}"\nregistrar_verify_key = "{key}"\n'
        f'signing_key_file = "{folder}/signing.key"\n'
        f'outbox = "{folder}/outbox.sqlite"\nroster = "{folder}/roster"\n'
    )


def test_who_stalls_within_an_answer_is_told_so_before_the_deadline() -> None:
    with half_dead(stall_after_headers) as url:
        patient = RegistrarClient(url, BOOTH, KEY, KEY.verify_key, timeout=(5.0, 0.1), deadline=9)
        with pytest.raises(Unreachable, match="no answer in time"):
            patient.resolve(question("code-1"))


@pytest.mark.parametrize("way", [drip, stall_after_headers])
def test_a_run_of_sync_ends_and_says_why(
    way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(enrolment.open_client, "__defaults__", (PATIENCE, DEADLINE))
    with half_dead(way) as url:
        (tmp_path / "kiosk.toml").write_text(f"[sync]\n{settings(tmp_path, url)}")
        Outbox(tmp_path / "outbox.sqlite").put(envelope(1))
        assert main(["--config", str(tmp_path / "kiosk.toml"), "sync"]) == 1
    assert "gives no answer in time" in capsys.readouterr().err
    last = read_last_sync(tmp_path / "roster")
    assert last is not None
    assert (last.failures, last.oldest) == (1, 1)


def test_a_student_who_scans_waits_no_longer_than_was_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "RESOLVE_PATIENCE", (DEADLINE / 2, DEADLINE / 2))
    with half_dead(drip) as url:
        found = SyncSettings.model_validate(tomllib.loads(settings(tmp_path, url)))
        with pytest.raises(Unreachable, match="no answer in time"):
            ask_registrar(found)(question("code-1"))

"""The client: only an enrolled booth is served, and only the registrar is believed."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from uuid import UUID

import pytest
from nacl.signing import SigningKey

from kiosk.errors import SyncError, UsageError
from kiosk.sync.client import RegistrarClient
from kiosk.sync.errors import ClockWrong, Forged, NotEnrolled, Unreachable
from protocol.roster import Answer, Question, Wait
from protocol.standardisation import Note, ToldStandardisation, seal_note
from protocol.student import Student
from registrar.serve import Server
from tests.town import BOOTH, Town, picture, question, record, submission

KEY = SigningKey(b"k" * 32)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "registrar") as server:
        yield Town(server, tmp_path / "booth", students=3)


@pytest.mark.parametrize(
    "url",
    ["http://registrar.example.edu/", "http://192.0.2.7:8760", "ftp://127.0.0.1/", "", "https://"],
)
def test_names_never_travel_in_the_clear(url: str) -> None:
    with pytest.raises(UsageError, match="registrar"):
        RegistrarClient(url, BOOTH, KEY, KEY.verify_key)


@pytest.mark.parametrize(
    "url", ["https://registrar.example.edu/", "http://127.0.0.1:1/", "http://localhost:1"]
)
def test_tls_and_this_machine_are_ways_to_the_registrar(url: str) -> None:
    RegistrarClient(url, BOOTH, KEY, KEY.verify_key)


def test_a_code_is_resolved_to_its_student(town: Town) -> None:
    found = town.client().resolve(question("code-1"))
    assert not isinstance(found, str | Wait)
    assert (found.record_id, found.student_no) == ("record-1", "2022000001")
    assert town.client().resolve(question("nobody's")) == "code_unknown"


def test_standardisations_are_counted_and_a_visit_without_photo_is_none(town: Town) -> None:
    client = town.client()

    def begin(number: int, code: str = "code-1") -> Answer:
        return client.resolve(Question(capture_code=code, standardisation=UUID(int=number)))

    def tell(number: int, outcome: Literal["made", "void"], note: bytes | None = None) -> None:
        for _ in range(2):  # as after an answer that was lost
            client.count([ToldStandardisation(id=UUID(int=number), outcome=outcome, note=note)])

    for number in range(4):
        assert isinstance(begin(number), Student)
        tell(number, "void")
    for number in (4, 5):
        assert isinstance(begin(number), Student)
        tell(number, "made")
    at = datetime.now(UTC)
    unasked = Note(record_id="record-1", earliest=at - timedelta(days=400), latest=None)
    for sealed in (seal_note(unasked, KEY.verify_key), b"rubbish"):
        tell(6, "made", sealed)  # no note to this registrar
    tell(6, "made", seal_note(unasked, client.registrar_verify_key))
    waits = begin(7)
    assert isinstance(waits, Wait)
    assert waits.until > at
    assert isinstance(begin(8, "code-2"), Student)
    town.store.records.import_records([record(1, name="林小雨")])  # and goes on counting
    assert begin(9) == waits


def test_a_photo_is_handed_over_for_a_signed_receipt(town: Town) -> None:
    receipt = town.client().send(town.envelope(1))
    assert receipt.refused is None
    assert town.held() == {submission(1): picture(1)}


def test_a_booth_that_is_not_enrolled_is_not_served(town: Town) -> None:
    with pytest.raises(NotEnrolled, match="enrol"):
        town.client(booth_id="booth-2").resolve(question("code-1"))
    with pytest.raises(NotEnrolled):
        town.client(key=KEY).resolve(question("code-1"))


def test_a_removed_booth_is_served_no_more(town: Town) -> None:
    town.store.booths.remove(BOOTH)
    with pytest.raises(NotEnrolled):
        town.client().send(town.envelope(1))
    assert town.held() == {}


@pytest.mark.parametrize("seconds", [-360, 360])
def test_a_wrong_clock_is_told_by_its_name(town: Town, seconds: int) -> None:
    now = datetime.now(UTC).timestamp()
    with pytest.raises(ClockWrong, match=r"clock is 3[56]. s (fast|slow)"):
        town.client(clock=lambda: now + seconds).resolve(question("code-1"))


def test_a_receipt_of_another_registrar_is_not_believed(town: Town) -> None:
    client = RegistrarClient(town.server.url, BOOTH, town.key, KEY.verify_key)
    with pytest.raises(Forged, match="not signed"):
        client.send(town.envelope(1))


def test_nobody_there_is_unreachable(town: Town) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable, match="cannot be reached"):
        town.client(f"http://127.0.0.1:{port}").resolve(question("code-1"))


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<html>log in!\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"",
    ],
    ids=["log-in page", "redirect", "server error", "no http", "hangs up"],
)
def test_what_is_no_registrar_is_unreachable(town: Town, answer: bytes) -> None:
    def reply(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=reply, args=(listener,))
        thread.start()
        with pytest.raises(Unreachable):
            town.client(f"http://127.0.0.1:{listener.getsockname()[1]}").resolve(question("code-1"))
        thread.join()


def test_an_envelope_too_large_is_told(town: Town) -> None:
    with pytest.raises(SyncError, match="no more than"):
        town.client().send(town.envelope(1, photo=b"x" * 3_500_000))

"""A photo whose sending was cut goes on there; one that goes through costs one request."""

import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from kiosk.sync.errors import Garbled, Unreachable
from kiosk.sync.run import sync_once
from protocol.envelope import Envelope
from protocol.request import read_content_digest, write_content_digest
from protocol.upload import read_offset
from registrar.serve import Server
from registrar.uploads import Uploads
from tests.sync.answering import answering
from tests.town import BOOTH, INSTITUTION, Town, picture, question

LARGE = b"\xff\xd8" + bytes(range(256)) * 500
"""No picture: what is refused travels as any other."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with Server(folder / "registrar") as server:
        yield Town(server, folder / "booth", students=40)


class Way:
    """Lies between booth and registrar, and cuts what goes there after so many bytes."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.cuts: list[int] = []
        """Of each connection to come, after how many bytes; none of those after."""
        self.requests: list[str] = []
        """How it was asked."""
        self.sent = 0
        self.refuses = b"nothing"
        """What it lets not pass."""

    def meet(self, booth: socket.socket) -> None:
        with booth, socket.create_connection(("127.0.0.1", self._port)) as registrar:
            threading.Thread(target=self._answer, args=(registrar, booth), daemon=True).start()
            left = self.cuts.pop(0) if self.cuts else None
            while data := booth.recv(4096):
                method = data.partition(b" /v1/")[0]
                if method in (b"POST", b"PATCH", b"HEAD"):
                    self.requests.append(method.decode())
                if method == self.refuses:
                    break
                registrar.sendall(data if left is None else data[:left])
                self.sent += len(data)
                if left is not None and (left := left - len(data)) <= 0:
                    break
            for end in (registrar, booth):  # closed alone, they stay while the answer is read
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _answer(self, registrar: socket.socket, booth: socket.socket) -> None:
        with suppress(OSError):
            while data := registrar.recv(65_536):
                booth.sendall(data)


@contextmanager
def on_the_way(town: Town) -> Iterator[tuple[Way, str]]:
    way = Way(int(town.server.url.rstrip("/").rsplit(":", 1)[1]))

    def meet(booth: socket.socket) -> None:
        with suppress(OSError):
            way.meet(booth)

    def serve() -> None:
        with suppress(OSError):
            while True:
                booth, _ = listener.accept()
                threading.Thread(target=meet, args=(booth,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield way, f"http://127.0.0.1:{listener.getsockname()[1]}/"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def digest_of(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


def body_of(envelope: Envelope) -> bytes:
    return envelope.model_dump_json().encode()


def come(town: Town, body: bytes) -> int:
    return Uploads(town.store.database).offset(BOOTH, digest_of(body))


def wait_until_kept(town: Town, body: bytes, more_than: int = 0) -> int:
    """Wait until the registrar has noticed the cut; how many bytes it has then."""
    for _ in range(4_000):
        if (has := come(town, body)) > more_than:
            return has
        time.sleep(0.005)
    raise TimeoutError("nothing was kept")


def test_a_photo_that_goes_through_is_one_request(town: Town) -> None:
    with on_the_way(town) as (way, url), town.client(url) as client:
        client.send(town.envelope(1))
    assert way.requests == ["POST"]


def test_what_was_cut_goes_on_where_it_was_cut_however_often(town: Town) -> None:
    envelope = town.envelope(2, photo=LARGE)
    body = body_of(envelope)
    with on_the_way(town) as (way, url):
        way.cuts = [70_000, 60_000]
        with town.client(url) as client, pytest.raises(Unreachable):
            client.send(envelope)
        first = wait_until_kept(town, body)
        with town.client(url) as client, pytest.raises(Unreachable):
            client.send(envelope, was_cut=True)
        second = wait_until_kept(town, body, first)
        way.sent = 0
        with town.client(url) as client:
            assert client.send(envelope, was_cut=True).refused == "no_photo"
    assert way.requests == ["POST", "HEAD", "PATCH", "HEAD", "PATCH"]
    assert 60_000 < first < second < len(body)
    assert way.sent < len(body) - second + 2_000
    assert come(town, body) == 0


def test_a_run_goes_on_with_the_photo_at_which_the_last_was_cut(town: Town) -> None:
    envelope = town.envelope(3, photo=picture(3) + bytes(100_000))
    town.outbox.put(envelope)
    (number,) = town.outbox.waiting()
    with on_the_way(town) as (way, url):
        way.cuts = [60_000]
        with town.client(url) as client, pytest.raises(Unreachable):
            sync_once(town.outbox, client, town.roster, INSTITUTION)
        wait_until_kept(town, body_of(envelope))
        with town.client(url) as client:
            assert sync_once(town.outbox, client, town.roster, INSTITUTION, cut=number).refused
    assert way.requests == ["POST", "HEAD", "PATCH"]


def test_what_is_tried_again_within_a_run_goes_on(town: Town) -> None:
    envelope = town.envelope(4, photo=LARGE)
    town.outbox.put(envelope)
    with on_the_way(town) as (way, url), town.client(url) as client:
        client.resolve(question("code-1"))  # it is there
        way.cuts = [60_000]
        client.close()

        def sleep(seconds: float) -> None:
            wait_until_kept(town, body_of(envelope))

        result = sync_once(
            town.outbox,
            client,
            town.roster,
            INSTITUTION,
            pauses=lambda: iter([0.0]),
            sleep=sleep,
        )
    assert result.refused == 1
    assert way.requests == ["POST", "POST", "HEAD", "PATCH"]


# ---- what is spoiled, and who stands in between ----


def keep(town: Town, body: bytes, start: int = 0, at: float = 1e9) -> None:
    Uploads(town.store.database).keep(BOOTH, digest_of(body), start, body[start:60_000], at)


def test_what_was_spoiled_on_the_way_is_dropped_and_sent_anew(town: Town) -> None:
    envelope = town.envelope(5, photo=LARGE)
    body = body_of(envelope)
    spoiled = bytes([body[0] ^ 1]) + body[1:60_000]
    Uploads(town.store.database).keep(BOOTH, digest_of(body), 0, spoiled, 1e9)
    with on_the_way(town) as (way, url), town.client(url) as client:
        with pytest.raises(Garbled):
            client.send(envelope, was_cut=True)
        assert come(town, body) == 0
        assert client.send(envelope, was_cut=True).refused == "no_photo"
    assert way.requests == ["HEAD", "PATCH", "HEAD", "POST"]


def test_where_no_rest_passes_the_whole_is_sent(town: Town) -> None:
    envelope = town.envelope(6, photo=LARGE)
    keep(town, body_of(envelope))
    with on_the_way(town) as (way, url), town.client(url) as client:
        way.refuses = b"PATCH"
        with pytest.raises(Unreachable):
            client.send(envelope, was_cut=True)
        assert client.send(envelope, was_cut=True).refused == "no_photo"
    assert way.requests == ["HEAD", "PATCH", "HEAD", "POST"]


@pytest.mark.parametrize("status", ["404 Not Found", "405 Method Not Allowed"])
def test_an_older_registrar_is_sent_the_whole(town: Town, status: str) -> None:
    envelope = town.envelope(7, photo=LARGE)
    receipt = town.client().send(envelope)
    heads = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
    said = receipt.model_dump_json().encode()
    whole = b"HTTP/1.1 409 C\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(said)
    answers = [heads, whole + said]

    def answer(connection: socket.socket, _: bytes) -> None:
        mine = answers.pop(0)
        connection.sendall(mine)
        if not answers:
            while connection.recv(65_536):
                pass  # closed with bytes unread, the answer would be lost

    with answering(b"", answer) as url, town.client(url) as client:
        assert client.send(envelope, was_cut=True) == receipt


# ---- what is written in headers ----


@pytest.mark.parametrize(
    "text", ["", "sha-256=::", "sha-256=:AAAA:", f"md5=:{'A' * 43}=:", "sha-256", "a" * 64]
)
def test_a_digest_that_is_none_of_these_is_not_read(text: str) -> None:
    assert read_content_digest(text) is None


def test_digests_and_places_are_read_as_they_are_written() -> None:
    assert read_content_digest(write_content_digest(b"x")) == digest_of(b"x")
    assert read_offset("0") == 0
    assert [read_offset(text) for text in (None, "", "-1", "1.5", "1" * 10, "\u0661")] == [None] * 6

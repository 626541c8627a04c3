"""Who is slow on purpose, a thousand at once: closed in time, at no cost; nobody waits for it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from protocol.request import PREFIX
from registrar import booth_requests, connections
from tests.registrar.rubbish.served import Served, serve, write
from tests.registrar.rubbish.stored import stored
from tests.town import submission

pytestmark = pytest.mark.soak

CONNECTIONS = 1000

FLAT = 200.0
"""MB that they may cost."""

TICK = 0.1
"""Seconds between two bytes of one of them."""

SUBMIT = f"{PREFIX}/submissions"

_ENDLESS = b"X-Header: " + b"x" * 100_000
_BODY = b"POST /v1/submissions HTTP/1.1\r\nHost: x\r\nBooth-Id: booth-1\r\n"


def headers_that_drip(served: Served) -> tuple[bytes, bytes]:
    return b"POST /v1/resolve HTTP/1.1\r\nHost: x\r\n", _ENDLESS


def bodies_that_drip(served: Served) -> tuple[bytes, bytes]:
    return _BODY + b"Content-Length: 1000000\r\n\r\n", b"x" * 100_000


def signed_bodies_that_drip(served: Served) -> tuple[bytes, bytes]:
    """As who has heard a booth's request, and sends its headers again and again."""
    signed = served.signed("POST", SUBMIT, b"x" * 1_000_000)
    return write("POST", SUBMIT, {**signed, "Content-Length": "1000000"}), b"x" * 100_000


def chunks_that_drip(served: Served) -> tuple[bytes, bytes]:
    return _BODY + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 20_000


def keep_alive(served: Served) -> tuple[bytes, bytes]:
    return b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b""


def nothing(served: Served) -> tuple[bytes, bytes]:
    return b"", b""


def answers_not_taken(served: Served) -> tuple[bytes, bytes]:
    """Ask for much, over and over, and take nothing."""
    return b"GET /static/htmx.min.js HTTP/1.1\r\nHost: x\r\n\r\n" * 20, b""


What = Callable[[Served], tuple[bytes, bytes]]
"""What each of a crowd says at once, and what it goes on with a byte at a time."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("served"), students=10) as served:
        with ThreadPoolExecutor(CONNECTIONS // 20) as booths:  # each of its threads has begun
            assert all(booths.map(lambda _: served.is_booth_served(), range(CONNECTIONS)))
        yield served


class Crowd:
    """Connections that each say something, and then a byte at a time."""

    def __init__(self, served: Served, what: What, sources: list[str]) -> None:
        self._served, self._sources = served, sources
        self._begun, self._slowly = what(served)
        self._takes_answers = what is not answers_not_taken
        self._open: dict[socket.socket, int] = {}
        self.opened = self.closed = 0

    def fill(self) -> None:
        """Open as many as lack: who was cut comes again at once."""
        for _ in range(CONNECTIONS - len(self._open)):
            source = self._sources[self.opened % len(self._sources)]
            self.opened += 1
            connection = socket.socket()
            connection.setblocking(False)
            connection.bind((source, 0))
            connection.connect_ex(("127.0.0.1", self._served.port))
            self._open[connection] = -1

    def drip(self) -> None:
        """A byte more from each that has any left; those that were closed are gone."""
        for connection, said in list(self._open.items()):
            try:
                connection.send(self._begun if said < 0 else self._slowly[said : said + 1])
                self._open[connection] = said + 1
                if self._takes_answers and connection.recv(65536) == b"":
                    raise ConnectionResetError
            except BlockingIOError:
                pass
            except OSError:
                self.closed += 1
                del self._open[connection]
                connection.close()

    def leave(self) -> None:
        """Close those that are still open."""
        for connection in self._open:
            connection.close()


class Asking:
    """A booth that asks again and again, in a thread, while the context lasts."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.seconds: list[float] = []
        self.failed = 0

    def _ask(self) -> None:
        while not self._ended.wait(TICK):
            began = time.monotonic()
            self.failed += not self._served.is_booth_served()
            self.seconds.append(time.monotonic() - began)

    def __enter__(self) -> "Asking":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


@pytest.mark.parametrize("sources", [1, 250], ids=["one address", "250 addresses"])
@pytest.mark.parametrize(
    "what",
    [
        nothing,
        headers_that_drip,
        bodies_that_drip,
        signed_bodies_that_drip,
        chunks_that_drip,
        keep_alive,
        answers_not_taken,
    ],
    ids=lambda what: what.__name__,
)
def test_a_thousand_that_are_slow_are_closed_and_a_booth_is_served_meanwhile(
    served: Served, what: What, sources: int
) -> None:
    crowd = Crowd(served, what, [f"127.0.0.{number + 2}" for number in range(sources)])
    before, sockets = stored(served.town.store), served.sockets()
    most = 0
    with served.flat(FLAT), Asking(served) as booth:
        end = time.monotonic() + connections.HEADER_SECONDS + 5
        while time.monotonic() < end:
            crowd.fill()
            crowd.drip()
            most = max(most, served.sockets() - sockets)
        # Who comes no more is closed by the longest deadline that there is.
        began = time.monotonic()
        longest = booth_requests.BODY_SECONDS + connections.HEADER_SECONDS + 10
        while served.sockets() > sockets + 2 and time.monotonic() - began < longest:
            crowd.drip()
            time.sleep(TICK)
        last = time.monotonic() - began
    left = served.sockets() - sockets
    crowd.leave()
    seconds = sorted(booth.seconds)
    print(
        f"{what.__name__} from {sources}: {crowd.opened} opened, {most} at once at most, the last"
        f" closed {last:.0f} s after; a booth asked {len(seconds)} times, was not answered"
        f" {booth.failed} times, half within {seconds[len(seconds) // 2] * 1000:.0f} ms, all"
        f" within {seconds[-1] * 1000:.0f}"
    )
    assert most <= connections.MOST_CONNECTIONS + 3 * connections.BACKLOG
    assert left <= 2
    assert stored(served.town.store) == before
    assert booth.failed <= len(seconds) // 50
    assert "Traceback" not in served.log()


def test_a_photo_on_a_slow_line_comes_to_its_end_beside_a_thousand(served: Served) -> None:
    """The booth's connection is the oldest, and asks for nothing else meanwhile."""
    envelope = served.town.envelope(7)
    body = envelope.model_dump_json().encode()
    crowd = Crowd(served, bodies_that_drip, ["127.0.0.2"])
    told = {**served.signed("POST", SUBMIT, body), "Content-Length": str(len(body))}
    with served.connect(write("POST", SUBMIT, told)) as connection:
        time.sleep(1)  # judged by now
        for start in range(0, len(body), len(body) // 20 + 1):
            connection.sendall(body[start : start + len(body) // 20 + 1])
            crowd.fill()
            crowd.drip()
        answer = connection.recv(65536)
    crowd.leave()
    assert answer.startswith(b"HTTP/1.1 200")
    assert served.town.store.photos.held(submission(7)) is not None

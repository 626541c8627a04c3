"""A bad network between booths and registrar: cuts, delays, doubles, garbles, answers by itself.

What passes is searched for what must not be readable, also as base64 would have it.
"""

import asyncio
import base64
import threading
from collections import Counter
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from random import Random
from typing import Literal

Fault = Literal[
    "none",
    "cut_up",
    "cut_down",
    "garble_up",
    "garble_down",
    "delay",
    "double",
    "late",
    "500",
    "no_tls",
]
"""What a connection suffers. up: towards the registrar. double: what the booth sends comes twice,
over two connections. late: it comes once more, after what was sent since. no_tls: the answer is the
beginning of TLS."""

FAULTS: dict[Fault, float] = {
    "none": 6,
    "cut_up": 2,
    "cut_down": 2,
    "garble_up": 1,
    "garble_down": 1,
    "delay": 2,
    "double": 1,
    "late": 1,
    "500": 1,
    "no_tls": 1,
}
"""How often each comes, relative to the others."""

REACH = 140_000
"""Bytes within which a connection is cut or garbled: about a photo's request."""

LONGEST = 1_500_000
"""Bytes towards the registrar after which every connection ends, at the latest: some ten photos."""

LONGEST_DELAY = 1.5
"""Seconds."""

LATEST = 20.0
"""Seconds after which what a connection has sent comes once more."""

_PIECE = 16_384
_LEAST = 9
"""Bytes of which base64 is looked for: less would be found by chance."""

_ANSWER_500 = (
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)
_NO_TLS = b"\x15\x03\x03\x00\x02\x02\x28"


class BadNetwork:
    """Listens on loopback and passes on to a registrar, which may come and go."""

    def __init__(self, port: int, random: Random, needles: tuple[bytes, ...]) -> None:
        """`port` is the registrar's; `needles` must never be seen in what passes."""
        self._port, self._random = port, random
        self._needles = tuple(as_sent(needles))
        self._tail = max(map(len, self._needles), default=1)
        self._late: set[asyncio.Task[None]] = set()
        self.counts: Counter[Fault] = Counter()
        self.seen = 0
        """How often a needle was."""
        self.port = 0
        """Where it listens."""

    async def serve(self, ready: threading.Event, ends: asyncio.Event) -> None:
        """Pass on until `ends` is set."""
        server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        async with server:
            await ends.wait()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _meet(self, booth: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        (fault,) = self._random.choices(tuple(FAULTS), tuple(FAULTS.values()))
        self.counts[fault] += 1
        with suppress(OSError, asyncio.IncompleteReadError):
            await self._suffer(fault, booth, back)
        back.close()

    async def _suffer(
        self, fault: Fault, booth: asyncio.StreamReader, back: asyncio.StreamWriter
    ) -> None:
        if fault in ("500", "no_tls"):
            await booth.read(_PIECE)
            back.write(_ANSWER_500 if fault == "500" else _NO_TLS)
            await back.drain()
            return
        if fault == "delay":
            await asyncio.sleep(self._random.uniform(0, LONGEST_DELAY))
        registrar, forth = await asyncio.open_connection("127.0.0.1", self._port)
        twin = None
        if fault == "double":
            twin = await asyncio.open_connection("127.0.0.1", self._port)
        at = self._random.randrange(REACH)
        down = asyncio.create_task(
            self._pass(registrar, [back], fault if fault.endswith("_down") else "none", at % 900)
        )
        writers = [forth] if twin is None else [forth, twin[1]]
        up: Fault = fault if fault.endswith("_up") else "none"
        sent: list[bytes] = []
        if not await self._pass(booth, writers, up, at, sent, self._random.randrange(LONGEST)):
            down.cancel()
        if fault == "late":
            task = asyncio.create_task(self._send_late(b"".join(sent)))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        with suppress(asyncio.CancelledError):
            await down
        for writer in writers:
            writer.close()

    async def _pass(
        self,
        source: asyncio.StreamReader,
        to: list[asyncio.StreamWriter],
        fault: Fault,
        at: int,
        passed: list[bytes] | None = None,
        most: int | None = None,
    ) -> bool:
        """Pass bytes on until the source ends; False where the fault, or `most`, has cut them off.

        The fault comes after `at` bytes; what was passed is put into `passed`.
        """
        place, tail = 0, b""
        while piece := await source.read(_PIECE):
            self._look(tail + piece)
            tail = piece[-self._tail :]
            cut = at if fault.startswith("cut") else most
            if cut is not None and place + len(piece) > cut:
                to[0].write(piece[: max(cut - place, 0)])
                to[0].close()
                return False
            if fault.startswith("garble") and place <= at < place + len(piece):
                within = at - place
                spoiled = piece[within] ^ 1 << self._random.randrange(8)
                piece = piece[:within] + bytes([spoiled]) + piece[within + 1 :]
            place += len(piece)
            if passed is not None:
                passed.append(piece)
            for writer in to:
                writer.write(piece)
                await writer.drain()
        for writer in to:
            writer.write_eof()
        return True

    async def _send_late(self, sent: bytes) -> None:
        """Send what a connection has sent once more, and drop what is answered."""
        await asyncio.sleep(self._random.uniform(0, LATEST))
        with suppress(OSError):
            answers, forth = await asyncio.open_connection("127.0.0.1", self._port)
            forth.write(sent)
            forth.write_eof()
            while await answers.read(_PIECE):
                pass
            forth.close()

    def _look(self, passing: bytes) -> None:
        self.seen += sum(needle in passing for needle in self._needles)


def as_sent(needles: Iterable[bytes]) -> Iterator[bytes]:
    """Each needle as it is, and as base64 of either alphabet has it, wherever it begins there."""
    for needle in needles:
        yield needle
        for skipped in range(3):
            whole = needle[skipped : skipped + (len(needle) - skipped) // 3 * 3]
            if len(whole) >= _LEAST:
                yield from {base64.b64encode(whole), base64.urlsafe_b64encode(whole)}


def _run(loop: asyncio.AbstractEventLoop, serving: Coroutine[None, None, None]) -> None:
    """Serve to the end, without a word about connections that are broken off: all are."""
    loop.set_exception_handler(lambda loop, context: None)
    loop.run_until_complete(serving)
    loop.close()


@contextmanager
def bad_network(port: int, random: Random, needles: tuple[bytes, ...] = ()) -> Iterator[BadNetwork]:
    """A bad network in a thread, before the registrar's `port`."""
    network = BadNetwork(port, random, needles)
    loop, ready = asyncio.new_event_loop(), threading.Event()
    ends = asyncio.Event()
    thread = threading.Thread(
        target=_run, args=(loop, network.serve(ready, ends)), name="bad network"
    )
    thread.start()
    ready.wait()
    try:
        yield network
    finally:
        loop.call_soon_threadsafe(ends.set)
        thread.join()

"""A bad network between booths and registrar: cuts, delays, doubles, garbles, answers by itself."""

import asyncio
import threading
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from random import Random
from typing import Literal

Fault = Literal[
    "none", "cut_up", "cut_down", "garble_up", "garble_down", "delay", "double", "500", "no_tls"
]
"""What a connection suffers. up: towards the registrar. double: what the booth sends comes twice,
over two connections. no_tls: the answer is the beginning of TLS."""

FAULTS: dict[Fault, float] = {
    "none": 8,
    "cut_up": 2,
    "cut_down": 2,
    "garble_up": 1,
    "garble_down": 1,
    "delay": 2,
    "double": 1,
    "500": 1,
    "no_tls": 1,
}
"""How often each comes, relative to the others."""

REACH = 140_000
"""Bytes within which a connection is cut or garbled: about a photo's request."""

LONGEST_DELAY = 1.5
"""Seconds."""

_PIECE = 16_384
_ANSWER_500 = (
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)
_NO_TLS = b"\x15\x03\x03\x00\x02\x02\x28"


class BadNetwork:
    """Listens on loopback and passes on to a registrar, which may come and go."""

    def __init__(self, port: int, random: Random, needles: tuple[bytes, ...]) -> None:
        """`port` is the registrar's; `needles` must never be seen in what passes."""
        self._port, self._random, self._needles = port, random, needles
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
        await self._pass(booth, writers, fault if fault.endswith("_up") else "none", at)
        if fault == "cut_up":
            down.cancel()
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
    ) -> None:
        """Pass bytes on until the source ends, or the fault comes after `at` bytes."""
        passed, tail = 0, b""
        while piece := await source.read(_PIECE):
            self._look(tail + piece)
            tail = piece[-64:]
            if fault != "none" and passed + len(piece) > at:
                within = at - passed
                if fault.startswith("cut"):
                    to[0].write(piece[:within])
                    to[0].close()
                    return
                if within >= 0:
                    spoiled = piece[within] ^ 1 << self._random.randrange(8)
                    piece = piece[:within] + bytes([spoiled]) + piece[within + 1 :]
            passed += len(piece)
            for writer in to:
                writer.write(piece)
                await writer.drain()
        for writer in to:
            writer.write_eof()

    def _look(self, passing: bytes) -> None:
        self.seen += sum(needle in passing for needle in self._needles)


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

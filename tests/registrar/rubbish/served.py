"""A registrar as a process of its own, whose memory is looked at, and a booth before it."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from nacl.signing import SigningKey

from protocol.request import PREFIX, sign_request
from registrar.bench.intake import descendants
from registrar.serve import Server
from tests.town import BOOTH, Town

GENEROUS = 60.0
"""Seconds; a hang ends in a failure."""

QUESTION = b'{"capture_code":"code-1"}'

_RUN = "import sys; from registrar.cli import main; sys.exit(main())"


class Served:
    """What `registrar serve` serves over a town's data folder."""

    def __init__(self, town: Town, process: "subprocess.Popen[str]", log: Path) -> None:
        self.town, self.process, self._log = town, process, log
        self.port = int(town.server.url.rstrip("/").rpartition(":")[2])
        self.log_before = 0

    def connect(self, data: bytes = b"", source: str = "127.0.0.1") -> socket.socket:
        """Open a connection, and say something."""
        connection = socket.create_connection(("127.0.0.1", self.port), GENEROUS, (source, 0))
        connection.sendall(data)
        return connection

    def ask(self, request: bytes, source: str = "127.0.0.1") -> tuple[int, bytes]:
        """Send a request that asks to be closed after it; the answer's status and body."""
        with self.connect(request, source) as connection:
            return read_answer(connection)

    def is_booth_served(self) -> bool:
        """Ask as the booth does, on a connection of its own."""
        signed = self.signed("POST", f"{PREFIX}/resolve", QUESTION)
        return self.ask(write("POST", f"{PREFIX}/resolve", signed, QUESTION))[0] == 200

    def signed(
        self,
        method: str,
        path: str,
        body: bytes,
        *,
        key: SigningKey | None = None,
        booth_id: str = BOOTH,
        ago: int = 0,
    ) -> dict[str, str]:
        """The headers of a booth's request, made so many seconds ago."""
        at = str(int(datetime.now(UTC).timestamp()) - ago)
        return sign_request(method, path, booth_id, at, body, key or self.town.key)

    def post(self, path: str, body: bytes, **headers: str) -> tuple[int, bytes]:
        """Send a body that the booth has signed."""
        given = {**self.signed("POST", path, body), **headers}
        return self.ask(write("POST", path, given, body))

    def family(self) -> list[int]:
        """The numbers of its process and the vault's."""
        return [self.process.pid, *descendants(self.process.pid)]

    def memory(self) -> float:
        """MB that its processes have in memory."""
        return sum(_status(pid, "VmRSS") for pid in self.family())

    @contextmanager
    def flat(self, most: float) -> Iterator[None]:
        """Whatever is done meanwhile, its processes never have `most` MB more than before."""
        family = self.family()
        for pid in family:
            Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew
        before = sum(_status(pid, "VmRSS") for pid in family)
        yield
        assert self.family() == family, "a process has ended"
        peak = sum(_status(pid, "VmHWM") for pid in family)
        after = sum(_status(pid, "VmRSS") for pid in family)
        print(f"memory: {before:.0f} MB before, {peak:.0f} at most, {after:.0f} after")
        assert peak - before < most

    def sockets(self) -> int:
        """How many sockets its own process has open."""
        handles = Path(f"/proc/{self.process.pid}/fd")
        found = 0
        for handle in handles.iterdir():
            with suppress(FileNotFoundError):  # closed meanwhile
                found += "socket:" in str(handle.readlink())
        return found

    def log(self) -> str:
        """What it has written since it was asked last."""
        text = self._log.read_text()
        new, self.log_before = text[self.log_before :], len(text)
        return new


def _status(pid: int, name: str) -> float:
    found = re.search(rf"{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1000 if found else 0.0


def write(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """Write a request, which ends its connection unless its headers say otherwise."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in {"Connection": "close", **headers}.items()]
    if "Transfer-Encoding" not in headers and "Content-Length" not in headers:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def read_answer(connection: socket.socket) -> tuple[int, bytes]:
    """Read an answer to its connection's end; status 0 where none came."""
    answer = b""
    try:
        while data := connection.recv(65536):
            answer += data
    except ConnectionError:
        pass
    head, _, body = answer.partition(b"\r\n\r\n")
    return (int(head.split()[1]), body) if head else (0, b"")


@contextmanager
def serve(folder: Path, students: int = 10, workers: int = 1) -> Iterator[Served]:
    """Serve a town from a process."""
    server = Server(folder / "registrar")  # as the command line opens it: nobody serves here
    server._socket.close()
    town = Town(server, folder / "booth", students)
    log = folder / "log"
    words = ["serve", "--data", str(folder / "registrar"), "--port", "0", "--workers", str(workers)]
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", _RUN, *words], stdout=subprocess.PIPE, stderr=errors, text=True
        )
    try:
        said = process.stdout.readline() if process.stdout else ""
        found = re.search(r"serves (http://\S+)", said)
        assert found is not None, log.read_text()
        server.url = found[1]
        yield Served(town, process, log)
    finally:
        process.terminate()
        process.wait(GENEROUS)
        if process.stdout is not None:
            process.stdout.close()
        server.store.database.close()

"""The resolver: codes are asked over a socket of this machine, and an answer comes in time."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from kiosk.errors import SyncError
from kiosk.sync import resolver
from kiosk.sync.client import RegistrarClient
from kiosk.sync.deadline import call_within
from kiosk.sync.errors import Unreachable
from kiosk.sync.resolver import ResolverServer, SocketResolver, resolver_in_thread
from protocol.roster import Answer, Question
from protocol.student import Student
from tests.town import question

LIN = Student("r-1", "林小雨", "2022010001", "10000", "示范大学", "文学院")


def answer(asked: Question) -> Answer:
    if asked.capture_code == "down":
        raise SyncError("no network")
    return LIN if asked.capture_code == "lin" else "code_unknown"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    # Longer than the 107 bytes that a socket's address has.
    return tmp_path / ("a long name of a folder " * 6) / "resolver.socket"


@pytest.fixture
def asked(path: Path) -> Iterator[SocketResolver]:
    with resolver_in_thread(path, answer):
        yield SocketResolver(path)


def test_a_code_is_answered_with_its_student_or_a_reason(asked: SocketResolver) -> None:
    assert asked.resolve(question("lin")) == LIN
    assert asked.resolve(question("another's")) == "code_unknown"


def test_a_registrar_that_is_silent_is_unreachable(asked: SocketResolver) -> None:
    with pytest.raises(Unreachable, match="network"):
        asked.resolve(question("down"))


def test_without_a_resolver_the_booth_is_told_which_unit_to_look_at(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="kiosk-resolver"):
        SocketResolver(tmp_path / "resolver.socket").resolve(question("lin"))


def test_a_resolver_that_hangs_or_talks_nonsense_keeps_nobody_waiting(tmp_path: Path) -> None:
    path = tmp_path / "resolver.socket"
    said = [b"", b"[", b"\xff\n", b'{"name": 1}\n']
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def misbehave() -> None:
            for nonsense in said:
                connection, _ = listening.accept()
                with connection:
                    connection.recv(1000)
                    connection.sendall(nonsense)
                    if not nonsense:
                        connection.recv(1000)  # until the booth has had enough

        thread = threading.Thread(target=misbehave)
        thread.start()
        for _ in said:
            with pytest.raises(Unreachable):
                SocketResolver(path, patience=0.5).resolve(question("lin"))
        thread.join()


def test_only_its_owner_may_ask(path: Path) -> None:
    with resolver_in_thread(path, answer):
        assert path.stat().st_mode & 0o077 == 0
    assert not path.exists()


def test_a_socket_left_by_a_kill_is_replaced(path: Path) -> None:
    ResolverServer(path, answer).server_close()
    assert path.exists()
    with resolver_in_thread(path, answer):
        assert SocketResolver(path).resolve(question("lin")) == LIN


def test_questions_that_hang_do_not_fill_the_resolver(path: Path) -> None:
    go_on, begun = threading.Event(), threading.Semaphore(0)

    def hang(asked: Question) -> Answer:
        begun.release()
        go_on.wait()
        return LIN

    with resolver_in_thread(path, hang):
        asking = [
            threading.Thread(target=lambda: SocketResolver(path).resolve(question("lin")))
            for _ in range(resolver.MOST_AT_ONCE)
        ]
        for thread in asking:
            thread.start()
            begun.acquire()
        with pytest.raises(Unreachable):
            SocketResolver(path).resolve(question("lin"))
        go_on.set()
        for thread in asking:
            thread.join()


# ---- one deadline over name, connection and answer ----


def test_late_work_is_left_to_itself() -> None:
    go_on = threading.Event()
    with pytest.raises(TimeoutError):
        call_within(0.05, go_on.wait)
    go_on.set()
    assert call_within(5, lambda: 7) == 7
    with pytest.raises(ValueError, match="x"):
        call_within(5, lambda: int("x"))


def test_an_answer_that_drips_is_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        go_on = threading.Event()

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
                while not go_on.wait(0.05):
                    connection.sendall(b" ")

        thread = threading.Thread(target=drip)
        thread.start()
        key = SigningKey.generate()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with (
            RegistrarClient(url, "b1", key, key.verify_key, timeout=(2, 5), deadline=0.5) as client,
            pytest.raises(Unreachable, match="in time"),
        ):
            client.resolve(question("code"))
        go_on.set()
        thread.join()


@pytest.mark.skipif(os.geteuid() != 0, reason="a network of one's own needs root")
def test_name_servers_that_are_silent_keep_nobody_waiting(tmp_path: Path) -> None:
    servers = tmp_path / "resolv.conf"
    servers.write_text("nameserver 127.0.0.1\nnameserver 127.0.0.2\n")
    code = """
import socket
from nacl.signing import SigningKey
from kiosk.sync.client import RegistrarClient
from kiosk.sync.errors import Unreachable
from protocol.roster import Question
silent = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
for place, one in enumerate(silent, 1):
    one.bind((f"127.0.0.{place}", 53))
key = SigningKey.generate()
client = RegistrarClient("https://registrar.example.edu/", "b1", key, key.verify_key,
                         timeout=(0.5, 0.5))
try:
    client.resolve(Question(capture_code="C"))
except Unreachable:
    print("unreachable")"""
    script = f"ip link set lo up; mount --bind {servers} /etc/resolv.conf; exec {sys.executable} -"
    # Without a deadline over the look-up, the system's resolver alone takes 20 s.
    done = subprocess.run(
        ["unshare", "-mn", "sh", "-c", script],
        input=code, capture_output=True, text=True, timeout=15, check=False,
    )  # fmt: skip
    if "unshare" in done.stderr or "ip:" in done.stderr:
        pytest.skip(f"no network of one's own here: {done.stderr.strip()}")
    assert done.stdout.strip() == "unreachable"

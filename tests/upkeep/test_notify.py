"""What systemd hears from the booth's loop."""

import os
import socket
from pathlib import Path

import pytest

from kiosk.upkeep.notify import Notifier, open_notifier


def test_the_loop_says_once_that_it_is_ready_and_then_that_it_lives(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        watched = {"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": str(os.getpid())}
        notifier = open_notifier({"NOTIFY_SOCKET": str(tmp_path / "notify")} | watched)
        assert notifier is not None
        heard = []
        for at in (0.0, 0.03, 4.9, 5.1, 9.0, 10.2):
            notifier.beat(at, ready=at > 4)
            try:
                heard.append(systemd.recv(100))
            except BlockingIOError:
                heard.append(b"")
    assert heard == [b"WATCHDOG=1", b"", b"READY=1", b"WATCHDOG=1", b"", b"WATCHDOG=1"]


def test_a_systemd_that_does_not_listen_stops_no_booth_and_is_told_later(tmp_path: Path) -> None:
    notifier = open_notifier({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "9"})
    assert notifier is not None
    notifier.beat(0.0, ready=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        notifier.beat(0.03, ready=True)
        assert systemd.recv(100) == b"READY=1\nWATCHDOG=1"


@pytest.mark.parametrize("watched", [{}, {"WATCHDOG_USEC": "9", "WATCHDOG_PID": "1"}])
def test_where_nobody_watches_only_readiness_is_told(watched: dict[str, str]) -> None:
    heard: list[bytes] = []
    opened = open_notifier({"NOTIFY_SOCKET": "@/nobody"} | watched)
    assert opened is not None
    notifier = Notifier(heard.append, opened.every)
    for at in (0.0, 100.0):
        notifier.beat(at, ready=True)
    assert heard == [b"READY=1"]


def test_who_runs_a_booth_by_hand_tells_nobody() -> None:
    assert open_notifier({}) is None

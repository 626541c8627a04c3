"""What sees faces has no network; what has the network sees no face."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from kiosk.camera.frame import Picture
from tests.test_light_imports import loaded_by
from tests.tracing import check_trace, needs_strace, traced


def in_python(code: str, user: int | None = None) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, user=user
    )
    return done.stdout


OUTSIDE = """
import socket, subprocess, sys
from kiosk.isolation import leave_network
print(leave_network())
for family in (socket.AF_INET, socket.AF_INET6):
    try:
        socket.socket(family, socket.SOCK_DGRAM)
        print("a socket that leads outside")
    except OSError:
        pass
try:
    socket.getaddrinfo("play.googleapis.com", 443)
    print("a name")
except OSError:
    pass
one, other = socket.socketpair()
one.send(b"local sockets work")
print(other.recv(100).decode())
child = "import socket; socket.create_connection(('127.0.0.1', 1))"
done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True)
print("child:", "Address family not supported" in done.stderr)
"""


def test_who_has_left_the_network_reaches_nobody_and_its_children_neither() -> None:
    assert in_python(OUTSIDE).splitlines() == ["None", "local sockets work", "child: True"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another")
def test_who_is_not_root_can_leave_it_too(root: Path) -> None:
    code = OUTSIDE.replace("[sys.executable", "['/usr/bin/python3'")
    source = (root / "kiosk" / "isolation.py").read_text()
    code = code.replace("from kiosk.isolation import leave_network", source)
    done = subprocess.run(
        ["/usr/bin/python3", "-c", code], capture_output=True, text=True, check=False, user=65534
    )
    assert done.stdout.splitlines() == ["None", "local sockets work", "child: True"], done.stderr


def test_a_thread_that_runs_already_would_keep_its_network_so_it_is_told() -> None:
    code = """
import threading
from kiosk.isolation import leave_network
stop = threading.Event()
threading.Thread(target=stop.wait).start()
print(leave_network())
stop.set()"""
    assert in_python(code).strip() == "other threads run already"


def test_what_has_the_network_loads_nothing_that_sees_faces() -> None:
    for module in ("kiosk.sync.run", "kiosk.sync.resolver", "kiosk.sync.enrolment"):
        seeing = {"cv2", "mediapipe", "onnxruntime", "kiosk.pipeline.look.looker"}
        assert not loaded_by(f"import {module}") & seeing


@needs_strace
def test_check_and_standardise_reach_nobody(
    models_store: Path, at_booth: Callable[..., Picture], tmp_path: Path
) -> None:
    picture, photo, log = tmp_path / "picture.png", tmp_path / "photo.jpg", tmp_path / "trace"
    Image.fromarray(at_booth()).save(picture)
    for command in (["check", str(picture)], ["standardise", str(picture), str(photo)]):
        done = subprocess.run(
            [*traced(log), sys.executable, "-m", "kiosk", *command],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        check_trace(log)

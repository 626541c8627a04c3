"""What sees faces has no network; what has the network sees no face."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from kiosk.camera.frame import Picture
from tests.test_light_imports import loaded_by

SEES_FACES = re.compile(r'openat\(.*"[^"]+\.(?:task|tflite|onnx)"')
"""What a process does that loads a model."""

REACHES_OUT = re.compile(r"(?:connect|sendto|sendmsg)\(.*sa_family=AF_INET")
"""What a process does that asks another machine, or a name server."""


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


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace here")
class TestTraced:
    """Commands under strace: no process that loads a model connects or looks up a name."""

    @pytest.fixture
    def trace(self, tmp_path: Path, models_store: Path) -> Callable[..., str]:
        """Run a command, and return its output; fails where a process does what it must not."""

        def run(*command: str) -> str:
            log = tmp_path / "trace"
            done = subprocess.run(
                ["strace", "-f", "--seccomp-bpf", "-qq", "-o", str(log), "-e",
                 "trace=openat,connect,sendto,sendmsg,clone,clone3,fork,vfork",
                 sys.executable, "-m", "kiosk", *command],
                capture_output=True, text=True, check=False,
                env=os.environ | {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"},
            )  # fmt: skip
            assert done.returncode == 0, done.stderr[-2000:]
            seeing, reaching = doers(log.read_text(errors="replace"))
            assert seeing, "nothing has loaded a model: the trace shows nothing"
            assert not seeing & reaching
            return done.stdout

        return run

    def test_check_and_standardise_reach_nobody(
        self, trace: Callable[..., str], at_booth: Callable[..., Picture], tmp_path: Path
    ) -> None:
        picture = tmp_path / "picture.png"
        Image.fromarray(at_booth()).save(picture)
        trace("check", str(picture))
        trace("standardise", str(picture), str(tmp_path / "photo.jpg"))

    def test_a_whole_visit_reaches_the_registrar_only_from_where_no_face_is_seen(
        self, trace: Callable[..., str], tmp_path: Path
    ) -> None:
        said = trace("demo", "--headless", "--out", str(tmp_path / "demo"))
        assert said.splitlines()[-1].startswith("Done: the registrar holds the photo")


def doers(log: str) -> tuple[set[int], set[int]]:
    """The processes that load a model, and those that reach out, of a trace by threads."""
    begun: dict[int, str] = {}
    """Each thread's call that is not finished yet."""
    of_process: dict[int, int] = {}
    """Each thread that another has started, and that other."""
    seeing, reaching = set(), set()
    for line in log.splitlines():
        number, _, call = line.partition(" ")
        thread = int(number)
        if call.endswith("<unfinished ...>"):
            begun[thread] = call
        elif "resumed>" in call:
            call = begun.pop(thread, "") + call
        if "CLONE_THREAD" in call and (born := re.search(r" = (\d+)$", call)):
            of_process[int(born[1])] = thread
        if SEES_FACES.search(call):
            seeing.add(thread)
        if REACHES_OUT.search(call):
            reaching.add(thread)

    def process(thread: int) -> int:
        while thread in of_process:
            thread = of_process[thread]
        return thread

    return {process(thread) for thread in seeing}, {process(thread) for thread in reaching}

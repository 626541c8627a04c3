"""The demo as a process of its own: start it, wait for it, kill it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from registrar.store import Store

PATIENCE = 180
"""Seconds for one visit, many times what it takes."""


def start(out: Path, *more: str, before: Sequence[str] = ()) -> subprocess.Popen[str]:
    """Start a demo; `before` is what stands before the command."""
    command = [
        *before,
        sys.executable,
        "-m",
        "kiosk",
        "demo",
        "--headless",
        "--out",
        str(out),
        *more,
    ]
    environment = os.environ | {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )


def finish(demo: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = demo.communicate(timeout=PATIENCE)
    return demo.returncode, said


def kill_when(demo: subprocess.Popen[str], out: Path, pattern: str) -> None:
    """Kill the demo with no warning as soon as a file of its visit appears."""
    until = time.monotonic() + PATIENCE
    while not list(out.glob(pattern)):
        if demo.poll() is not None or time.monotonic() > until:
            pytest.fail(f"the demo ended before {pattern}: {demo.communicate()[0]}")
        time.sleep(0.005)
    demo.send_signal(signal.SIGKILL)
    demo.communicate()


def photos(out: Path) -> int:
    return Store(out / ".booth" / "registrar").counts().photos

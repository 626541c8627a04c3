"""From the start of `kiosk run` to the screen that invites, against Python with a bare window."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.evaluation.progress import show_progress
from kiosk.evaluation.rows import Row
from kiosk.evaluation.service import BEAT, SCREEN, Service, start

GOAL = 6.0
"""Seconds from the start to a booth that serves: its screen shown, its models loaded."""

PATIENCE = 120.0
"""Seconds after which a booth that is not ready is held to hang."""

_BARE = f"""
import os
os.environ.update(SDL_VIDEODRIVER="dummy", PYGAME_HIDE_SUPPORT_PROMPT="1")
import pygame
pygame.display.init()
pygame.display.set_mode({SCREEN}).fill("white")
pygame.display.flip()
"""


@dataclass
class Course:
    """One start. Seconds since it began, and seconds of processor."""

    shown: float = 0.0
    """When the first screen was shown."""
    shown_cpu: float = 0.0
    ready: float = 0.0
    """When the models were loaded, too."""
    ready_cpu: float = 0.0
    longest: float = 0.0
    """The longest time between two pictures of the screen until then: how long it was frozen."""


def measure(config: Config, *, quick: bool) -> Iterator[Row]:
    """Start a booth a few times, and take the quickest: what else the machine does only adds."""
    rounds = 1 if quick else 4
    starts: list[Course] = []
    bare: list[float] = []
    nothing: list[float] = []
    with tempfile.TemporaryDirectory(prefix="kiosk-") as folder:
        follow(config, Path(folder))  # compiles the bytecode, and brings files into memory
        for _ in show_progress(range(rounds), "starting"):
            nothing.append(_time_python("pass"))
            bare.append(_time_python(_BARE))
            starts.append(follow(config, Path(folder)))
    ready = min(course.ready for course in starts)
    window = min(bare)
    yield Row("start-up", "Python alone", min(nothing), "s")
    yield Row("start-up", "Python with a bare window", window, "s")
    yield Row("start-up", "first screen", min(c.shown for c in starts), "s", baseline=window)
    yield Row("start-up", "first screen, processor", min(c.shown_cpu for c in starts), "s")
    yield Row.at_most("start-up", "ready: shown, models loaded", ready, "s", GOAL, window)
    yield Row("start-up", "ready, processor", min(c.ready_cpu for c in starts), "s")
    yield Row("start-up", "ready, as bare windows", ready / window, "ratio")
    frozen = min(course.longest for course in starts)
    yield Row("start-up", "longest without a new picture", frozen, "s")


def follow(config: Config, folder: Path) -> Course:
    """Start a booth, and follow it until it is ready; raises KioskError."""
    course = Course()
    with start(config, folder) as service:
        while not course.ready:
            _follow_step(service, course)
    return course


def _follow_step(service: Service, course: Course) -> None:
    before = time.monotonic()
    told = service.ear.hear(1.0 if course.shown else BEAT)
    now = time.monotonic()
    service.require_alive()
    if now - service.began > PATIENCE:
        raise KioskError(f"start-up: the booth is not ready after {PATIENCE:g} s")
    if not course.shown:
        if told or service.state.exists():
            course.shown, course.shown_cpu = now - service.began, service.cpu
        return
    course.longest = max(course.longest, now - before)
    if "READY=1" in told:
        course.ready, course.ready_cpu = now - service.began, service.cpu


def _time_python(code: str) -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.monotonic() - began

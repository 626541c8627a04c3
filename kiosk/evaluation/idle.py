"""What a booth that nobody is near costs, and how soon it has light for who steps in.

On the twin, in an evening's room: the booth's own process is what a Raspberry Pi has to do as well;
the twin's camera process simulates light, which no Raspberry Pi does.
"""

import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pygame

from kiosk.booth.loop import Booth
from kiosk.booth.sleep import Sleep
from kiosk.config import Config
from kiosk.display.window import FRAME_RATE
from kiosk.errors import KioskError
from kiosk.evaluation.rows import Row
from kiosk.evaluation.service import SCREEN
from kiosk.evaluation.twin_booth import open_booth
from kiosk.twin import Posture, Twin
from kiosk.twin.wires import AWAY

GOAL, STEPS_IN = 5.0, 0.5
"""Per cent of one core that a sleeping booth takes at most; seconds until it has light."""

EVENING = {"room": 0.05}
"""A twentieth of a room's daylight."""

SLEEP_AFTER, AWAKE_FOR = 4.0, 1e9
"""Seconds until it sleeps: as soon as can be, or not while it is measured."""

PATIENCE = 120.0
"""Seconds within which it must be ready, and asleep again."""


def measure(config: Config, *, quick: bool) -> Iterator[Row]:
    """Let a booth stand idle, awake and asleep, and let somebody step in again and again."""
    seconds, times = (6.0, 3) if quick else (30.0, 12)
    with (
        tempfile.TemporaryDirectory(prefix="kiosk-") as folder,
        open_booth(config, SCREEN, Path(folder)) as (booth, visitors),
    ):
        twin = visitors.twin
        twin.wires.ambient = EVENING
        booth._rest()  # as `run` begins: the camera looks seldom
        _run(booth, lambda: booth.prepared and booth.at_rest, PATIENCE)
        booth._sleep = Sleep(after=AWAKE_FOR)
        awake, _ = _measure_load(booth, seconds)
        bare = _measure_bare_loop(seconds)
        booth._sleep = Sleep(after=SLEEP_AFTER)
        _run(booth, lambda: _is_dark(booth), PATIENCE)
        asleep, camera = _measure_load(booth, seconds)
        took = [_step_in(booth, twin, chance) for chance in np.linspace(0, 0.2, times)]
    yield Row("idle", "awake, the booth", awake, "% of a core", baseline=bare)
    yield Row.at_most("idle", "asleep, the booth", asleep, "% of a core", GOAL, bare)
    yield Row("idle", "asleep, the twin's camera", camera, "% of a core")
    longest = max(took)
    yield Row("idle", "stepping in to light, median", float(np.median(took)), "s")
    yield Row.at_most("idle", "stepping in to light, longest", longest, "s", STEPS_IN)


def _run(booth: Booth, done: Callable[[], bool], patience: float) -> None:
    """Let the booth go on until something holds; raises KioskError where that takes too long."""
    until = time.monotonic() + patience
    while not done():
        if time.monotonic() > until:
            raise KioskError(f"idle: the booth did not come to rest within {patience:g} s")
        booth.tick(booth.parts.clock())


def _measure_load(booth: Booth, seconds: float) -> tuple[float, float]:
    """What this process and the camera's take, in per cent of one core."""
    camera = next(p for p in multiprocessing.active_children() if p.name == "camera")
    began, own, cameras = time.monotonic(), time.process_time(), _read_cpu(camera.pid)
    while time.monotonic() < began + seconds:
        booth.tick(booth.parts.clock())
    took = time.monotonic() - began
    own, cameras = time.process_time() - own, _read_cpu(camera.pid) - cameras
    return 100 * own / took, 100 * cameras / took


def _read_cpu(process: int | None) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _measure_bare_loop(seconds: float) -> float:
    """The same of a loop that only asks for events, as often, and draws nothing."""
    pace = pygame.time.Clock()
    began, own = time.monotonic(), time.process_time()
    while time.monotonic() < began + seconds:
        pygame.event.get()
        pace.tick(FRAME_RATE)
    return 100 * (time.process_time() - own) / (time.monotonic() - began)


def _is_dark(booth: Booth) -> bool:
    return booth.at_rest and not any(booth.parts.lamps.levels.values())


def _step_in(booth: Booth, twin: Twin, after: float) -> float:
    """Seconds from somebody's stepping in to the lamps' light; `after` some seconds asleep."""
    twin.wires.posture = AWAY
    _run(booth, lambda: _is_dark(booth), PATIENCE)
    until = time.monotonic() + 1.5 + after
    _run(booth, lambda: time.monotonic() > until, PATIENCE)
    twin.wires.posture = Posture(dx=0.35)
    began = time.monotonic()
    _run(booth, lambda: not _is_dark(booth) and any(booth.parts.lamps.levels.values()), PATIENCE)
    return time.monotonic() - began

"""Many visits through one booth in one process: does it keep anything of them?"""

import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from kiosk import visit as v
from kiosk.booth.loop import Booth
from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.evaluation import LEAST_VISITS
from kiosk.evaluation.memory import resident_memory, resident_shared_memory
from kiosk.evaluation.rows import Row
from kiosk.evaluation.twin_booth import Visitors, open_booth
from kiosk.sync.outbox import Outbox

VISITS, QUICK_VISITS = 8, LEAST_VISITS
"""Visits, and of a quick sample."""

SETTLED = 4
"""The visit from which on nothing may grow: models, fonts and caches are there by then."""

MOST_GROWTH = 3.0
"""MiB of memory a visit that are no growth: allocators take and give back in steps. One main
picture that a visit left behind would be 3.5."""

PATIENCE = 240.0
"""Seconds after which a visit that has not ended is held to hang."""

SIZE = (720, 1280)
"""The booth's window, which nobody sees."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the process holds when a visit has ended."""

    resident: float
    """MiB."""
    shared: float
    """MiB of it that other processes share."""
    handles: int
    """Open files, sockets and pipes."""
    threads: int


@dataclass
class _Soak:
    """The course of the visits: sends the next student when the last has gone."""

    visitors: Visitors
    count: int
    held: list[Held] = field(default_factory=list)
    _busy: bool = False
    _until: float = math.inf

    def done(self, booth: Booth) -> bool:
        """Whether the last visit has ended. Raises KioskError where one hangs."""
        at = booth.parts.clock()
        if at > self._until:
            raise KioskError(f"soak: the visit hangs at {booth.visit.stage.value}")
        if booth.visit.stage is not v.Stage.IDLE:
            self._busy = True
        if not (booth.prepared and booth.at_rest):
            return False
        if self._busy:
            self._busy, self.visitors.now = False, None
            self.held.append(_look_at_process())
        if self.visitors.now is None:
            if len(self.held) == self.count:
                return True
            self.visitors.send()
            self._until = at + PATIENCE
        return False


def measure(config: Config, *, quick: bool, visits: int | None = None) -> Iterator[Row]:
    """Send students through a booth on the twin; tell after each what the process holds.

    There is no registrar: the photos stay sealed in an outbox that goes with the bench.
    """
    count = visits or (QUICK_VISITS if quick else VISITS)
    with tempfile.TemporaryDirectory(prefix="kiosk-") as name:
        folder = Path(name)
        with open_booth(config, SIZE, folder) as (booth, visitors):
            soak = _Soak(visitors, count)
            booth.run(soak.done)
        sealed = Outbox(folder / "outbox.sqlite").counts().pending
    for number, held in enumerate(soak.held, 1):
        yield from _rows(number, held)
    yield Row.at_least("soak", "photos sealed", sealed, "photos", count)
    yield from _growth(soak.held)


def _look_at_process() -> Held:
    def count(folder: str) -> int:
        place = Path("/proc/self") / folder
        return sum(1 for _ in place.iterdir()) if place.exists() else 0

    return Held(resident_memory(), resident_shared_memory(), count("fd"), count("task"))


def _rows(number: int, held: Held) -> Iterator[Row]:
    at = f"after visit {number}"
    yield Row("soak", f"resident {at}", held.resident, "MiB")
    yield Row("soak", f"shared {at}", held.shared, "MiB")
    yield Row("soak", f"open handles {at}", held.handles, "handles")
    yield Row("soak", f"threads {at}", held.threads, "threads")


def _growth(held: list[Held]) -> Iterator[Row]:
    """How each grows a visit, from the visit SETTLED on: the slope of the line through them."""
    settled = held[SETTLED - 1 :]

    def slope(values: list[float]) -> float:
        if len(values) < 2:
            return math.nan
        return float(np.polyfit(range(len(values)), values, 1)[0])

    for what, unit, values, goal in (
        ("resident", "MiB a visit", [h.resident for h in settled], MOST_GROWTH),
        ("shared", "MiB a visit", [h.shared for h in settled], MOST_GROWTH),
        ("open handles", "handles a visit", [float(h.handles) for h in settled], 0.5),
        ("threads", "threads a visit", [float(h.threads) for h in settled], 0.5),
    ):
        yield Row.at_most("soak", f"growth, {what}", slope(values), unit, goal)

"""After a visit nothing of the student can be reached from the booth: with all its models at work.

Every way a visit can end is tried in test_window_visits.py, where the models are stood in for.
"""

import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import pytest

from kiosk import visit as v
from kiosk.booth.assembly import Simulation, open_parts
from kiosk.booth.loop import Booth
from kiosk.booth.registrar_link import open_link
from kiosk.booth.wiping import find_pictures
from kiosk.camera.frame import Picture
from kiosk.config import Config, ModelSettings
from kiosk.demo.town import Town
from kiosk.display.shown import Shown
from kiosk.display.window import Typed
from kiosk.twin import Posture, Twin
from kiosk.visit import Stage
from tests.booth.traces import STUDENT, left_of_a_student

PATIENCE = 120
"""Seconds after which a visit that has not ended is held to hang."""

ONWARD: Mapping[Stage, v.Button] = {
    Stage.CONFIRM: "yes", Stage.CONSENT: "agree", Stage.CHECKLIST: "ready",
    Stage.REVIEW: "approve", Stage.DONE: "close", Stage.TURNED_AWAY: "close",
}  # fmt: skip
"""What leads on from each screen that asks."""


@dataclass
class Ending:
    """An actor who comes, answers each screen once, and ends the visit at one of them."""

    twin: Twin
    at_stage: Stage
    tap: v.Button | None
    """How they end it there; None: they walk away, and it runs out."""
    ended: bool = False
    taken: list[Picture] = field(default_factory=list)
    """Pictures of them that the booth held."""
    _scanned: float = -math.inf
    _answered: set[Stage] = field(default_factory=set)

    def act(self, shown: Shown, stage: Stage, at: float) -> list[v.Tapped | Typed]:
        """Scan until it is heard, and answer each screen once."""
        if shown.offers("leave"):
            return [v.Tapped("leave")]
        if stage is Stage.IDLE:
            self.ended = bool(self._answered)
            # A code that was read a moment ago is not read again: the next student waits.
            if self.ended or at < self._scanned + 3.0:
                return []
            self._scanned = at
            self.twin.wires.posture = Posture(pose="neutral")
            return [Typed(char, at + 0.001 * n) for n, char in enumerate(Town.capture_code + "\r")]
        if stage in self._answered:
            return []
        if stage is self.at_stage:
            self._answered.add(stage)
            if self.tap is None:
                self.twin.wires.posture = Posture(present=False)
                return []
            return [v.Tapped(self.tap)]
        if button := ONWARD.get(stage):
            self._answered.add(stage)
            return [v.Tapped(button)]
        return []


@pytest.fixture(scope="module")
def booth_at_work(
    tmp_path_factory: pytest.TempPathFactory, models_store: Path
) -> Iterator[tuple[Booth, Callable[[Ending], float], Twin]]:
    """A booth on the twin, and a way to send somebody through it."""
    config = Config(models=ModelSettings(store=models_store))
    twin = Twin("wei", config.lamps.pins, seed=3)

    class Turns:
        """Hands the booth one actor after another."""

        now: Ending | None = None

        def act(self, shown: Shown, stage: Stage, at: float) -> list[v.Tapped | Typed]:
            return [] if self.now is None else self.now.act(shown, stage, at)

    turns = Turns()
    with Town(tmp_path_factory.mktemp("town"), config, headless=True) as town:
        link = open_link(town.config, uuid4)
        with open_parts(town.config, link, Simulation(twin, turns)) as parts:
            booth = Booth(parts)

            def send(ending: Ending) -> float:
                """Let somebody through; gives when the booth had come to rest."""
                until = time.monotonic() + PATIENCE
                turns.now = ending
                while not (ending.ended and booth.at_rest):
                    assert time.monotonic() < until, booth.visit.stage
                    booth.tick(time.monotonic())
                    ending.taken += find_pictures(booth.pictures.captures)
                turns.now, since = None, time.monotonic()
                # A frame of the visit's may be under way still; the next ones are none.
                while (frame := parts.camera.newest()) is None or frame.time < since:
                    assert time.monotonic() < until
                    booth.tick(time.monotonic())
                return since

            while not booth.prepared:
                booth.tick(time.monotonic())
            yield booth, send, twin
            booth._worker.close()
            if booth._models is not None:
                booth._models.looker.close()


@pytest.mark.parametrize(
    ("stage", "tap"),
    [
        (Stage.GUIDE, "cancel"),
        pytest.param(Stage.REVIEW, None, marks=pytest.mark.soak),
        (Stage.REVIEW, "approve"),
    ],
)
def test_nothing_of_a_student_can_be_reached_after(
    stage: Stage,
    tap: v.Button | None,
    booth_at_work: tuple[Booth, Callable[[Ending], float], Twin],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    booth, send, twin = booth_at_work
    if tap is None:
        monkeypatch.setitem(v.PATIENCE, stage, 1.5)
    ending = Ending(twin, stage, tap)
    since = send(ending)
    assert bool(ending.taken) is (stage is Stage.REVIEW)
    assert not any(picture.any() for picture in ending.taken)
    assert booth.visit.student is None
    assert booth.pictures.captures == ()
    assert booth.pictures.frame is None
    assert left_of_a_student(booth, since) == []


def test_the_walk_finds_what_is_left(
    booth_at_work: tuple[Booth, Callable[[Ending], float], Twin],
) -> None:
    booth, _, _ = booth_at_work
    student = replace(STUDENT)
    booth.visit = v.Visit(stage=Stage.CONFIRM, student=student)
    try:
        assert "Student" in left_of_a_student(booth)
    finally:
        booth.visit = v.Visit()
    booth._queue.append(lambda: sys.exit(student.name))
    try:
        assert "Student" in left_of_a_student(booth)
    finally:
        booth._queue.clear()

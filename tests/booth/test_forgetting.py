"""After a visit, however it ended, nothing of the student can be reached from the booth."""

import gc
import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType, ModuleType
from uuid import uuid4

import numpy as np
import pytest

from kiosk import visit as v
from kiosk.booth.assembly import Simulation, open_parts
from kiosk.booth.loop import Booth
from kiosk.booth.registrar_link import open_link
from kiosk.booth.wiping import find_pictures
from kiosk.camera.frame import Frame, Picture
from kiosk.config import Config, ModelSettings
from kiosk.demo.town import Town
from kiosk.display.window import Typed
from kiosk.pipeline.assessment import Assessment, RuleResult
from kiosk.pipeline.look.face import Mesh
from kiosk.pipeline.observation import Face, Glasses, Hair, Observation, Scene, Skin
from kiosk.pipeline.photo.burst import Shot
from kiosk.pipeline.photo.standardise import Evidence, Photo
from kiosk.twin import Posture, Twin
from kiosk.visit import Stage
from protocol.student import Student

PATIENCE = 120
"""Seconds after which a visit that has not ended is held to hang."""

OF_A_STUDENT = (
    Student, Face, Skin, Scene, Hair, Glasses, Observation, Mesh, RuleResult, Assessment,
    Shot, Evidence, Photo,
)  # fmt: skip

WORDS = ("林小雨", "2022010001", "文学院", Town.capture_code)


def reachable(start: object, since: float) -> Iterator[object]:
    """Every object that can be reached from one, but for code (modules, classes, functions), and
    for frames taken since: they show whoever stands there now.
    """
    seen, waiting = {id(start)}, [start]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, Frame) and thing.time >= since:
            continue
        yield thing
        found = [*gc.get_referents(thing)]
        if isinstance(thing, FunctionType):
            found = [*(thing.__closure__ or ()), *(thing.__defaults__ or ())]
        for other in found:
            if id(other) not in seen and not isinstance(other, ModuleType | type):
                seen.add(id(other))
                waiting.append(other)


def left_of_a_student(booth: Booth, since: float = 0.0) -> list[str]:
    """What of a student can be reached from the booth, whose visit ended then."""
    gc.collect()
    found = []
    for thing in reachable(booth, since):
        if isinstance(thing, OF_A_STUDENT):
            found.append(type(thing).__name__)
        elif isinstance(thing, str) and any(word in thing for word in WORDS):
            found.append("a word of theirs")
        elif isinstance(thing, np.ndarray) and thing.dtype == np.uint8 and thing.ndim == 3:
            found.append(f"a picture, {thing.shape}")
    return found


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

    def act(self, visit: v.Visit, at: float) -> list[v.Tapped | Typed]:
        """Scan until it is heard, and answer each screen once."""
        if visit.stage is Stage.IDLE:
            self.ended = bool(self._answered)
            # A code that was read a moment ago is not read again: the next student waits.
            if self.ended or at < self._scanned + 3.0:
                return []
            self._scanned = at
            self.twin.wires.posture = Posture(pose="neutral")
            return [Typed(char, at + 0.001 * n) for n, char in enumerate(Town.capture_code + "\r")]
        if visit.stage in self._answered:
            return []
        if visit.stage is self.at_stage:
            self._answered.add(visit.stage)
            if self.tap is None:
                self.twin.wires.posture = Posture(present=False)
                return []
            return [v.Tapped(self.tap)]
        if button := ONWARD.get(visit.stage):
            self._answered.add(visit.stage)
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

        def act(self, visit: v.Visit, at: float) -> list[v.Tapped | Typed]:
            return [] if self.now is None else self.now.act(visit, at)

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
                    ending.taken += find_pictures(booth.capture, None)
                turns.now, since = None, time.monotonic()
                # A frame of the visit's may be under way still; the next ones are none.
                while (frame := parts.camera.newest()) is None or frame.time < since:
                    assert time.monotonic() < until
                    booth.tick(time.monotonic())
                return since

            while not booth.prepared:
                booth.tick(time.monotonic())
            yield booth, send, twin


@pytest.mark.parametrize(
    ("stage", "tap"),
    [
        (Stage.CONFIRM, "no"),
        (Stage.CONFIRM, None),
        (Stage.CONSENT, "decline"),
        (Stage.CHECKLIST, "cancel"),
        (Stage.GUIDE, "cancel"),
        (Stage.GUIDE, None),
        (Stage.REVIEW, None),
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
    assert booth.capture is None
    assert booth._frame is None
    assert left_of_a_student(booth, since) == []


def test_the_walk_finds_what_is_left(
    booth_at_work: tuple[Booth, Callable[[Ending], float], Twin],
) -> None:
    booth, _, _ = booth_at_work
    student = Student("r", "林小雨", "2022010001", "10000", "示范大学", "文学院")
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

"""Fingers that tap twice, and storms of taps: do they lose a visit? No model is needed for it.

The window is the booth's, and so are its screens and the visit; the person is perfect.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from kiosk import visit as v
from kiosk.config import Config
from kiosk.display.monitor import Monitor, usual_distance
from kiosk.display.state import BoothLabels, ScreenState
from kiosk.display.window import Typed, Window
from kiosk.evaluation.rows import Row
from kiosk.evaluation.virtual_booth import TICK, PointingActor, VirtualClock
from kiosk.pipeline.assessment import Assessment, RuleResult
from kiosk.pipeline.judge.rules import RULES
from kiosk.pipeline.specification import specification
from kiosk.twin.script import visit_script
from kiosk.twin.student import SimulatedStudent
from kiosk.twin.wires import Wires
from protocol.student import Student

HABITS = (2, 2, 3, 12)
"""How often a finger taps that means to tap once, in turn."""

POSES = ("neutral",)

REDRAWN = 1.0
"""Seconds after which a screen is drawn anew though it says the same."""

APART = 10.0
"""Seconds between two visits."""

LONGEST = 120.0
"""Seconds within which such a visit must end."""

SIZES = ((540, 960), (960, 540))
"""The window's, in turn: upright and lying."""

ANSWERS: dict[type, tuple[float, v.Event]] = {
    v.Resolve: (0.3, v.Admitted(Student("r1", "林小雨", "2022001", "10000", "示范大学", "文学院"))),
    v.Capture: (0.5, v.Captured()),
    v.Standardise: (1.5, v.Standardised()),
    v.Seal: (0.1, v.Sealed("S-1")),
}
"""What the booth answers to an effect, and after how many seconds."""


def count_lost(config: Config, trials: int) -> Iterator[Row]:
    """Play so many visits, and count those that such a finger lost."""
    lost = 0
    for size in SIZES:
        clock = VirtualClock()
        window = Window(size, fullscreen=False, title="bench", clock=clock, frame_rate=0)
        for trial in range(trials // len(SIZES)):
            lost += not play_taps(config, window, clock, HABITS[trial % len(HABITS)], trial)
        window.close()
    yield Row.at_most("visits", "visits lost to double taps and storms", lost, f"of {trials}", 0)


def play_taps(config: Config, window: Window, clock: VirtualClock, taps: int, seed: int) -> bool:
    """Play a visit of somebody who taps each button so often; whether it gave a photo.

    The clock is the window's.
    """
    clock.advance(APART)
    wires, script = Wires(("room",), POSES, {}), visit_script("obedient", POSES)
    script = replace(script, manner=replace(script.manner, taps=taps))
    student = SimulatedStudent(wires, f"TAPS-{seed:06}", script, np.random.default_rng(seed))
    return _Trial(window, clock, PointingActor(window, student), _labels(config)).run()


def _labels(config: Config) -> BoothLabels:
    return BoothLabels("示范大学", "12345", "9–17", "bench", config.display.languages)


@dataclass
class _Trial:
    """One visit, its clock, and what is about to happen."""

    window: Window
    clock: VirtualClock
    actor: PointingActor
    labels: BoothLabels
    visit: v.Visit = field(default_factory=v.Visit)
    due: list[tuple[float, v.Event]] = field(default_factory=list)
    timer: float | None = None
    drawn: tuple[object, float] | None = None

    def run(self) -> bool:
        """Play it; whether a photo was handed in."""
        end = self.clock.at + LONGEST
        self._show()
        while self.clock.at < end:
            self.clock.advance(TICK)
            for event in self._hear():
                self._step(event)
            if self.visit.stage is v.Stage.DONE:
                return True
            self._show()
        return False

    def _hear(self) -> list[v.Event]:
        at = self.clock.at
        heard: list[v.Event] = [e for e in self.window.events() if isinstance(e, v.Tapped)]
        for action in self.actor.act(self.window.shown, self.visit.stage, at):
            if isinstance(action, Typed) and action.char == "\r":
                heard.append(v.CodeRead("TAPS"))
        heard += [event for when, event in self.due if at >= when]
        self.due = [(when, event) for when, event in self.due if at < when]
        if self.timer is not None and at >= self.timer:
            self.timer = None
            heard.append(v.TimedOut())
        if self.visit.stage is v.Stage.GUIDE:
            heard.append(v.Assessed(PERFECT, at, v.Head(0.5, 0.4, 0.4, 0.0)))
        if self.visit.stage in v.ATTENDED:
            heard.append(v.Seen(1, at))
        return heard

    def _step(self, event: v.Event) -> None:
        self.visit, effects = v.step(self.visit, event)
        for effect in effects:
            if isinstance(effect, v.Wait):
                self.timer = self.clock.at + effect.seconds
            elif isinstance(effect, v.Forget):
                self.timer, self.due = None, []
            elif (answer := ANSWERS.get(type(effect))) is not None:
                self.due.append((self.clock.at + answer[0], answer[1]))

    def _show(self) -> None:
        at, before, visit = self.clock.at, self.drawn, self.visit
        says = visit.stage, visit.saying, visit.asking_leave, visit.photos, visit.away(at)
        if before is not None and before[0] == says and at < before[1] + REDRAWN:
            return
        self.drawn = says, at
        size = self.window.size
        self.window.show(
            ScreenState(
                visit=self.visit,
                at=at,
                preview=GREY,
                photos=(GREY,) * self.visit.photos,
                booth=self.labels,
                monitor=Monitor(size, 7.0, usual_distance(7.0)),
            )
        )


GREY = np.full((64, 48, 3), 128, np.uint8)


def _judge_perfect() -> Assessment:
    found = []
    for rule in RULES:
        bounds = specification().rules[rule.id]
        good = None if bounds.goal is None else True
        value = None if bounds.goal is None else sum(bounds.goal) / 2
        found.append(
            RuleResult(rule.id, value, good, good, bounds.goal, bounds.limit, rule.who, rule.force)
        )
    return Assessment(tuple(found))


PERFECT = _judge_perfect()
"""What is found of somebody with whom nothing is wrong."""

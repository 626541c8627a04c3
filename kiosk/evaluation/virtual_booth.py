"""A booth in the twin's own time: the real loop, camera and models, and no second that is waited.

The clock moves on by a tick for each picture of the screen, and by a frame for each frame of a
burst. What the worker does is done at once, and its outcome kept back for as long as a Raspberry
Pi 5 takes.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from gpiozero.pins import Factory

from kiosk import visit as v
from kiosk.booth.loop import Booth
from kiosk.booth.parts import Parts, Watcher
from kiosk.booth.plate_schedule import PlateSchedule
from kiosk.booth.worker import Job, Outcome, Worker
from kiosk.camera.frame import Camera, Controls, Frame
from kiosk.camera.process import CameraProcess
from kiosk.config import Config
from kiosk.display.shown import Shown
from kiosk.display.sound import Sounds
from kiosk.display.state import BoothLabels
from kiosk.display.window import Typed, Window
from kiosk.evaluation.pointer import press
from kiosk.lighting.attribution import SCREEN
from kiosk.lighting.curve import Curve
from kiosk.lighting.lamps import Lamps, LampSettings
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.photo.burst import Shot
from kiosk.pipeline.photo.provenance import NO_EXCUSE, NO_VALUES, RecordValues
from kiosk.pipeline.photo.standardise import Photo
from kiosk.pipeline.specification import Wanted, specification
from kiosk.reader.wedge import WedgeReader
from kiosk.twin import SimulatedStudent, Twin
from kiosk.twin.student import Touch
from protocol.student import Student

TICK = 0.125
"""Seconds of the twin's time between two pictures of the screen."""

MOST_FRAMES = 8.0
"""Frames a second that are rendered for the booth at most: a look takes it as long."""

LOOK, BURST, STANDARDISE, ASK, OTHER = 0.08, 0.5, 3.0, 0.3, 0.05
"""Seconds that a Raspberry Pi 5 takes about: to look at a frame; to look through a burst, after its
frames came; to make a photo; to ask the registrar; for what else the worker does."""


class VirtualClock:
    """A clock that moves on only when it is told to."""

    def __init__(self, at: float = 1_000.0) -> None:
        self.at = at
        self.followers: list[Callable[[float], None]] = []
        """Who moves as time does."""

    def __call__(self) -> float:
        """The time, in seconds."""
        return self.at

    def advance(self, seconds: float) -> None:
        """Let seconds pass."""
        self.at += seconds
        for follow in self.followers:
            follow(self.at)


class VirtualCamera(CameraProcess):
    """A camera of this process that gives its frames when the clock says that they are due."""

    def __init__(self, camera: Camera, clock: VirtualClock) -> None:
        """`camera` sleeps by letting the clock advance."""
        self._camera, self._clock = camera, clock
        self._interval = self._due = 0.0

    @property
    def available(self) -> bool:
        """Always."""
        return True

    @property
    def fault(self) -> str | None:
        """None."""
        return None

    def start(self) -> None:
        """Open the camera; raises CameraFault."""
        self._camera.start()

    def stop(self) -> None:
        """Let go of the camera."""
        self._camera.stop()

    def newest(self) -> Frame | None:
        """The frame that is due, or None where none is yet."""
        if self._clock.at < self._due:
            return None
        self._due = self._clock.at + max(self._interval, 1 / MOST_FRAMES)
        return self._camera.read(main=False)

    def capture(self, count: int, timeout: float) -> list[Frame]:
        """The next frames with their main pictures, while the clock advances."""
        return [self._camera.read(main=True) for _ in range(count)]

    def control(self, controls: Controls) -> None:
        """Apply controls from the next frame on."""
        self._camera.control(controls)

    def pace(self, frames_per_second: float) -> None:
        """Ask for so many frames a second."""
        self._interval = 1 / frames_per_second


class VirtualWorker(Worker):
    """Does each job at once, and hands on what it found once that would have been found."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._found: tuple[float, Outcome, int] | None = None

    @property
    def busy(self) -> bool:
        """Whether an outcome was not taken yet."""
        return self._found is not None

    def start(self, job: Job, visit_number: int) -> None:
        """Do a job. Not while `busy`."""
        outcome = job()
        self._found = self._clock.at + _seconds_for(outcome), outcome, visit_number

    def take_outcome(self) -> tuple[Outcome, int] | None:
        """What the job has found, and for which visit, once it is due."""
        if self._found is None or self._clock.at < self._found[0]:
            return None
        (_, outcome, visit_number), self._found = self._found, None
        return outcome, visit_number

    def abandon(self) -> None:
        """Drop what was found."""
        self._found = None

    def close(self) -> None:
        """Drop what was found."""
        self._found = None


def _seconds_for(outcome: Outcome) -> float:
    match outcome.event:
        case v.Assessed() | v.Seen():
            return LOOK
        case v.Captured() | v.BurstSpoiled():
            return BURST
        case v.Standardised() | v.PhotoFailed():
            return STANDARDISE
        case v.Admitted() | v.Refused():
            return ASK
        case _:
            return OTHER


class Mute(Sounds):
    """No loudspeaker."""

    def __init__(self) -> None:
        self._sounds = {}


@dataclass
class OpenRoster:
    """A registrar that knows every code, and counts what is sealed."""

    excused: list[Mapping[str, str]] = field(default_factory=list)
    """Of each photo that was sealed: the rules that need not hold, and by whose word."""

    def resolve(self, code: str) -> Student:
        """Say whose a code is."""
        return Student(code, "林小雨", "2022010001", "10000", "示范大学", "文学院")

    begun: None = None
    proof_asked: None = None

    def make(self, begun: UUID | None) -> None:
        """Nobody counts."""

    def leave(self, begun: UUID | None) -> None:
        """Nobody counts."""

    def seal(
        self,
        student: Student,
        photo: Photo,
        shot: Shot,
        *,
        calibration: RecordValues = NO_VALUES,
        excused: Mapping[str, str] = NO_EXCUSE,
    ) -> str:
        """Note that there is a photo."""
        self.excused.append(excused)
        return f"S-{len(self.excused)}"

    def can_keep_photos(self) -> bool:
        """Always."""
        return True

    def count_kept(self) -> None:
        """Nothing is kept here."""

    def has_right_clock(self) -> bool:
        """Always."""
        return True


@dataclass
class PointingActor:
    """A simulated student whose finger touches the window's surface, so that it may miss."""

    window: Window
    student: SimulatedStudent | None = None
    scanned_at: float | None = None
    """When the student's code was read last."""

    def act(self, shown: Shown, stage: v.Stage, at: float) -> list[v.Tapped | Typed]:
        """See the screen, touch it, and scan."""
        typed: list[v.Tapped | Typed] = []
        if self.student is None:
            return typed
        for action in self.student.act(stage, shown, at):
            if isinstance(action, Touch):
                press(action.place)
            else:
                typed += [Typed(char, when) for char, when in action.keys]
                self.scanned_at = action.keys[-1][1]
        return typed


@dataclass
class VirtualBooth:
    """A booth on a twin, and its clock."""

    booth: Booth
    clock: VirtualClock
    actor: PointingActor
    roster: OpenRoster

    def run_until(self, done: Callable[[], bool], seconds: float) -> bool:
        """Let the booth run until `done` says so; False where that takes more than so long."""
        end = self.clock.at + seconds
        while not done():
            if self.clock.at >= end:
                return False
            self.booth.tick(self.clock.at)
            self.clock.advance(TICK)
        return True

    def send(self, student: SimulatedStudent | None) -> None:
        """Let a student come, or None."""
        before = self.actor.student
        if before is not None:
            self.clock.followers.remove(before.live)
        self.actor.student, self.actor.scanned_at = student, None
        if student is not None:
            self.clock.followers.append(student.live)


@contextmanager
def open_virtual_lamps(
    settings: LampSettings,
    factory: Factory,
    clock: VirtualClock,
    curves: Mapping[str, Curve] | None = None,
) -> Iterator[Lamps]:
    """Open a twin's lamps, which fade as its clock advances."""
    with Lamps.open(settings, factory, clock, curves=curves) as lamps:
        clock.followers.insert(0, lamps.pass_time)
        try:
            yield lamps
        finally:
            clock.followers.remove(lamps.pass_time)


@contextmanager
def open_virtual_booth(
    config: Config, twin: Twin, models: LoadedModels, watcher: Watcher, plates: PlateSchedule
) -> Iterator[VirtualBooth]:
    """Open a booth on a twin; `plates` as another booth of the same twin left them."""
    clock = VirtualClock()
    camera = VirtualCamera(twin.camera(clock, clock.advance), clock)
    camera.start()
    display, photo = config.display, config.photo
    window = Window(display.size, fullscreen=False, title="bench", clock=clock, frame_rate=0)
    actor, roster = PointingActor(window), OpenRoster()
    with open_virtual_lamps(config.lamps, twin.pin_factory, clock) as lamps:
        parts = Parts(
            camera=camera,
            controls=Controls(),
            lamps=lamps,
            reader=WedgeReader(),
            window=window,
            sounds=Mute(),
            load_models=lambda: models,
            specification=specification(),
            wanted=Wanted(photo.size, photo.background, photo.profile),
            registrar=roster,
            labels=BoothLabels("示范大学", "12345", "9–17", "bench", display.languages),
            pin_file=Path(os.devnull),
            actor=actor,
            watcher=watcher,
            clock=clock,
        )
        booth = Booth(
            parts, plates=plates, _worker=VirtualWorker(clock), _asker=VirtualWorker(clock)
        )
        if SCREEN in twin.wires.lamps:
            clock.followers.append(
                lambda at: twin.wires.set_screen(parts.screen_light.level_at(at))
            )
        yield VirtualBooth(booth, clock, actor, roster)
    camera.stop()
    window.close()

"""The twin's camera: light stages and optics behind the protocol that every camera keeps."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kiosk.camera.frame import Controls, Frame, Picture
from kiosk.errors import CameraFault
from kiosk.twin import optics, sensor, shutter
from kiosk.twin.portrait import PortraitSubject, answer
from kiosk.twin.shutter import Levels
from kiosk.twin.stage import BOOTH, EmptyBooth, Layer, Light, Rendered, Subject, SubjectError
from kiosk.twin.wires import Fault, Lighting, Posture, Wires

GREEN = (0, 135, 0)
"""What zeros in YUV look like."""

KEPT = 2
"""Poses whose light is kept while the lamps stay: a blink goes there and back."""

LOST = 1 / 3
"""Share of the frames that a dropping camera loses."""

POLL = 0.02
"""Seconds between looks at whether a frozen camera goes on."""


def open_subject(source: Path) -> Subject:
    """Open who stands in the twin: a rendered subject's folder, or a photo's .npz file."""
    return PortraitSubject(source) if source.suffix == ".npz" else Rendered(source)


Motion = tuple[optics.Velocity, optics.Velocity]
"""How fast the person moves, and the second one."""

STILL: Motion = (optics.REST, optics.REST)


class SensorLight:
    """The light that falls onto the sensor, at one size; keeps what did not change."""

    def __init__(self, subject: Subject, booth: EmptyBooth, *, large: bool) -> None:
        self._subject, self._booth, self.large = subject, booth, large
        self._lit: tuple[Levels, Light] | None = None
        self._posed: dict[str, Layer] = {}
        self._seen: tuple[Posture, Light] | None = None
        width, height = booth.size
        self.size = (width, height) if large else (width // 2, height // 2)
        """Width and height of the picture."""

    def light(
        self, levels: Levels, posture: Posture, motion: Motion = STILL, exposure: float = 0.0
    ) -> Light:
        """Give the picture of light for lamps at levels and a person who stands and moves so.

        `exposure` is in seconds.
        """
        if any(isinstance(level, np.ndarray) for level in levels.values()):
            return self._banded(levels, posture, motion, exposure)
        if self._lit is None or self._lit[0] != levels:
            booth = optics.relight(self._booth.stage(large=self.large), levels)
            self._lit = (levels, booth)
            self._posed.clear()
            self._seen = None
        lit = self._lit[1]

        def person(posture: Posture) -> Layer:
            return self._kept(lit, levels, posture.pose)

        if motion != STILL:
            return self._look(lit, person, posture, motion, exposure)
        if self._seen is None or self._seen[0] != posture:
            self._seen = (posture, self._look(lit, person, posture, motion, exposure))
        return self._seen[1]

    def _banded(self, levels: Levels, posture: Posture, motion: Motion, exposure: float) -> Light:
        """Give the same under light that flickers; bands wander, so there is nothing to keep."""
        stage = self._booth.stage(large=self.large)

        def person(posture: Posture) -> Layer:
            followed = optics.follow(levels, posture)
            return self._pose(optics.relight(stage, followed), followed, posture.pose)

        return self._look(optics.relight(stage, levels), person, posture, motion, exposure)

    def _look(
        self,
        booth: Light,
        person: Callable[[Posture], Layer],
        posture: Posture,
        motion: Motion,
        exposure: float,
    ) -> Light:
        seen = booth
        if posture.second > 0:
            # The second looks like the first in a mirror.
            stands = optics.beside(posture.second).but(pose=self._subject.poses[0])
            mirrored = np.ascontiguousarray(person(stands)[:, ::-1])
            moved = optics.move(mirrored, stands, self.size, motion[1], exposure)
            seen = optics.compose(seen, moved)
        if posture.present:
            moved = optics.move(person(posture), posture, self.size, motion[0], exposure)
            seen = optics.compose(seen, moved)
        return self._through_lens(seen)

    def _through_lens(self, light: Light) -> Light:
        blur = optics.BLUR if self.large else optics.BLUR / 2
        return optics.fall_off(optics.focus(light, blur))

    def _kept(self, booth: Light, levels: Levels, pose: str) -> Layer:
        if pose not in self._posed:
            while len(self._posed) >= KEPT:
                self._posed.pop(next(iter(self._posed)))
            self._posed[pose] = self._pose(booth, levels, pose)
        return self._posed[pose]

    def _pose(self, booth: Light, levels: Levels, pose: str) -> Layer:
        figure = self._subject.stage(pose, large=self.large)
        lit_by_booth = bool(self._subject.lamps)
        own: Levels = dict.fromkeys(figure.white, 1.0)
        person = optics.relight(figure, levels if lit_by_booth else own)
        if not lit_by_booth:
            gain = answer(levels, person.shape[1])[:, None]
            person = np.multiply(person, gain, dtype=np.float32)
        backdrop = booth if lit_by_booth else None
        return optics.extend(optics.layer(person, figure.alpha, backdrop))


@dataclass(frozen=True, slots=True)
class _Moment:
    """What the wires say as a frame is exposed, the same for both streams."""

    taken: float
    fault: Fault
    lighting: Lighting
    posture: Posture
    motion: Motion


class TwinCamera:
    """A simulated camera with a simulated person before it.

    Its frames are a function of the wires, the controls, the seed and the frame's number. The main
    stream has the subject's size, the preview half of it.
    """

    def __init__(
        self,
        source: Path,
        wires: Wires,
        seed: int,
        rate: float = 30.0,
        chip: sensor.Sensor | None = sensor.SENSOR,
        booth: Path = BOOTH,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`source` as for open_subject; `rate` in frames a second; `chip` None has no noise."""
        self._source, self._booth_folder = source, booth
        self._wires, self._seed, self._chip = wires, seed, chip
        self._period = 1 / rate
        self._clock, self._sleep = clock, sleep
        self._controls = Controls()
        self._stood: tuple[float, Posture] | None = None
        self._number = 0
        self._due = 0.0
        self._scenes: tuple[SensorLight, SensorLight] | None = None

    @property
    def name(self) -> str:
        """Which camera this is, for staff."""
        return f"twin ({self._source.stem})"

    def start(self) -> None:
        """Open the subject and read all its small pictures; raises CameraFault."""
        if self._wires.fault is Fault.UNPLUGGED:
            raise CameraFault("the twin's camera is unplugged; plug it in")
        try:
            subject, booth = self._open()
        except SubjectError as error:
            raise CameraFault(f"the twin's camera cannot start: {error}") from error
        self._scenes = (
            SensorLight(subject, booth, large=False),
            SensorLight(subject, booth, large=True),
        )
        self._due = self._clock()

    def read(self, *, main: bool) -> Frame:
        """Give the next frame when it is due; raises CameraFault."""
        if self._scenes is None:
            raise CameraFault("the twin's camera was not started")
        while self._wires.fault is Fault.FROZEN:
            self._sleep(POLL)
        if self._wires.fault is Fault.UNPLUGGED:
            raise CameraFault("the twin's camera is unplugged; plug it in")
        self._wait()
        self._number += 1
        while self._wires.fault is Fault.DROPPING and self._chance(2).random() < LOST:
            self._wait()
            self._number += 1
        taken = self._clock()
        moment = self._moment(taken)
        used = self._controls
        small, large = self._scenes
        try:
            preview = self._picture(small, moment)
            image = self._picture(large, moment) if main else None
        except SubjectError as error:
            raise CameraFault(f"the twin's camera lost its subject: {error}") from error
        if used.ae_enable or used.awb_enable:
            self._controls = sensor.adjust(used, preview)
        return Frame(self._number, taken, preview, image, used)

    def control(self, controls: Controls) -> None:
        """Apply controls from the next frame on."""
        self._controls = controls

    def stop(self) -> None:
        """Forget the pictures; may be called twice."""
        self._scenes = None

    def _open(self) -> tuple[Subject, EmptyBooth]:
        subject, booth = open_subject(self._source), EmptyBooth(self._booth_folder)
        if subject.size != booth.size:
            raise SubjectError(
                f"{subject.name} is {subject.size} px large and the booth {booth.size}; "
                "both must have one size"
            )
        # Read now, so that no frame has to wait for a file.
        booth.stage(large=False)
        for pose in subject.poses:
            subject.stage(pose, large=False)
        return subject, booth

    def _wait(self) -> None:
        now = self._clock()
        if now < self._due:
            self._sleep(self._due - now)
        self._due = max(self._due, now - self._period) + self._period

    def _moment(self, taken: float) -> _Moment:
        posture = self._wires.posture
        since, before = self._stood or (taken, posture)
        self._stood = (taken, posture)
        motion = (
            optics.velocity(before, posture, taken - since),
            optics.velocity(
                optics.beside(before.second), optics.beside(posture.second), taken - since
            ),
        )
        return _Moment(taken, self._wires.fault, self._wires.lighting, posture, motion)

    def _picture(self, scene: SensorLight, moment: _Moment) -> Picture:
        width, height = scene.size
        if moment.fault in (Fault.BLACK, Fault.GREEN):
            colour = GREEN if moment.fault is Fault.GREEN else (0, 0, 0)
            return np.full((height, width, 3), colour, np.uint8)
        exposure = self._controls.exposure_time / 1e6
        levels = shutter.bands(moment.lighting, shutter.opened(moment.taken, height), exposure)
        light = scene.light(levels, moment.posture, moment.motion, exposure)
        chip = self._chip if scene.large or self._chip is None else self._chip.binned(4)
        rng = self._chance(int(scene.large))
        return sensor.develop(sensor.expose(light, self._controls, chip, rng))

    def _chance(self, purpose: int) -> np.random.Generator:
        return np.random.default_rng((self._seed, self._number, purpose))

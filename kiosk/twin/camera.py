"""The twin's camera: light stages and optics behind the protocol that every camera keeps."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from kiosk.camera.frame import Controls, Frame, Picture
from kiosk.errors import CameraFault
from kiosk.twin import optics, sensor
from kiosk.twin.photo import Photo
from kiosk.twin.stage import BOOTH, Booth, Layer, Light, Rendered, Subject, SubjectError
from kiosk.twin.wires import Fault, Posture, Wires

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
    return Photo(source) if source.suffix == ".npz" else Rendered(source)


Levels = Mapping[str, float | optics.Rows]
"""Each lamp's level; one for each row of the picture where it flickers."""


class Scene:
    """The light that falls onto the sensor, at one size; keeps what did not change."""

    def __init__(self, subject: Subject, booth: Booth, *, large: bool) -> None:
        self._subject, self._booth, self.large = subject, booth, large
        self._lit: tuple[Mapping[str, float], Light] | None = None
        self._posed: dict[str, Layer] = {}
        self._seen: tuple[Posture, Light] | None = None
        self.height = booth.size[1] if large else booth.size[1] // 2
        """Rows of the picture."""

    def light(
        self,
        levels: Mapping[str, float],
        posture: Posture,
        velocity: tuple[float, float] = (0.0, 0.0),
        exposure: float = 0.0,
    ) -> Light:
        """Give the picture of light for lamps at levels and a person who stands so.

        `velocity` in the picture's widths and heights a second, `exposure` in seconds.
        """
        if self._lit is None or self._lit[0] != levels:
            booth = optics.relight(self._booth.stage(large=self.large), levels)
            self._lit = (levels, booth)
            # A photo's own light stays; but what it stands before has changed.
            if self._subject.lamps:
                self._posed.clear()
            self._seen = None
        lit = self._lit[1]

        def person(posture: Posture) -> Layer:
            return self._kept(lit, levels, posture.pose)

        if any(velocity):
            return self._look(lit, person, posture, velocity, exposure)
        if self._seen is None or self._seen[0] != posture:
            self._seen = (posture, self._look(lit, person, posture, velocity, exposure))
        return self._seen[1]

    def banded(
        self, levels: Levels, posture: Posture, velocity: tuple[float, float], exposure: float
    ) -> Light:
        """Give the same under lamps that flicker, whose levels are given row by row."""
        booth = optics.relight(self._booth.stage(large=self.large), levels)

        def person(posture: Posture) -> Layer:
            # A row of the person is seen in another row of the picture, once they have moved.
            rows = optics.rows_seen(booth.shape[0], posture)
            shifted = {
                lamp: level[rows] if isinstance(level, np.ndarray) else level
                for lamp, level in levels.items()
            }
            behind = optics.relight(self._booth.stage(large=self.large), shifted)
            return self._pose(behind, shifted, posture.pose)

        return self._look(booth, person, posture, velocity, exposure)

    def _look(
        self,
        booth: Light,
        person: Callable[[Posture], Layer],
        posture: Posture,
        velocity: tuple[float, float],
        exposure: float,
    ) -> Light:
        seen = booth
        size = booth.shape[1], booth.shape[0]
        if posture.second > 0:
            # The second looks like the first in a mirror.
            stands = optics.beside(posture.second).but(pose=self._subject.poses[0])
            mirrored = np.ascontiguousarray(person(stands)[:, ::-1])
            seen = optics.compose(seen, optics.move(mirrored, stands, size))
        if posture.present:
            moved = optics.move(person(posture), posture, size, velocity, exposure)
            seen = optics.compose(seen, moved)
        return self._through_lens(seen)

    def _through_lens(self, light: Light) -> Light:
        blur = optics.BLUR if self.large else optics.BLUR / 2
        return optics.fall_off(optics.focus(light, blur))

    def _kept(self, booth: Light, levels: Mapping[str, float], pose: str) -> Layer:
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
        backdrop = booth if lit_by_booth else None
        return optics.extend(optics.layer(person, figure.alpha, backdrop))


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
        self._scenes: tuple[Scene, Scene] | None = None

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
        self._scenes = Scene(subject, booth, large=False), Scene(subject, booth, large=True)
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
        levels, posture = self._wires.light, self._wires.posture
        velocity = self._velocity(taken, posture)
        used = self._controls
        try:
            preview, image = (
                self._picture(scene, levels, posture, velocity, taken) if wanted else None
                for scene, wanted in zip(self._scenes, (True, main), strict=True)
            )
        except SubjectError as error:
            raise CameraFault(f"the twin's camera lost its subject: {error}") from error
        if preview is None:
            raise CameraFault("the twin's camera made no preview")
        if used.ae_enable or used.awb_enable:
            self._controls = sensor.adjust(used, preview)
        return Frame(self._number, taken, preview, image, used)

    def control(self, controls: Controls) -> None:
        """Apply controls from the next frame on."""
        self._controls = controls

    def stop(self) -> None:
        """Forget the pictures; may be called twice."""
        self._scenes = None

    def _open(self) -> tuple[Subject, Booth]:
        subject, booth = open_subject(self._source), Booth(self._booth_folder)
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

    def _velocity(self, now: float, posture: Posture) -> tuple[float, float]:
        """How fast the person moves, in widths and heights a second; who comes does not move."""
        before, self._stood = self._stood, (now, posture)
        if before is None or not (before[1].present and posture.present) or now <= before[0]:
            return 0.0, 0.0
        passed = now - before[0]
        return (posture.dx - before[1].dx) / passed, (posture.dy - before[1].dy) / passed

    def _picture(
        self,
        scene: Scene,
        levels: Mapping[str, float],
        posture: Posture,
        velocity: tuple[float, float],
        taken: float,
    ) -> Picture:
        fault = self._wires.fault
        if fault in (Fault.BLACK, Fault.GREEN):
            light = scene.light(levels, posture)
            colour = GREEN if fault is Fault.GREEN else (0, 0, 0)
            return np.full(light.shape, colour, np.uint8)
        exposure = self._controls.exposure_time / 1e6
        banded = self._bands(levels, scene.height, taken, exposure)
        if any(isinstance(level, np.ndarray) for level in banded.values()):
            light = scene.banded(banded, posture, velocity, exposure)
        else:
            light = scene.light(levels, posture, velocity, exposure)
        chip = self._chip if scene.large or self._chip is None else self._chip.binned(4)
        rng = self._chance(int(scene.large))
        return sensor.develop(sensor.expose(light, self._controls, chip, rng))

    def _bands(
        self, levels: Mapping[str, float], height: int, taken: float, exposure: float
    ) -> dict[str, float | optics.Rows]:
        """Give each lamp's level as the rows see it; what no pin drives is steady."""
        starts = taken + optics.READOUT * np.arange(height) / height
        driven, frequencies = self._wires.levels, self._wires.frequencies
        return {
            lamp: (level - driven[lamp])
            + optics.flicker(driven[lamp], frequencies[lamp], starts, exposure)
            for lamp, level in levels.items()
        }

    def _chance(self, purpose: int) -> np.random.Generator:
        return np.random.default_rng((self._seed, self._number, purpose))

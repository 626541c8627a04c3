"""The twin's camera: light stages and optics behind the protocol that every camera keeps."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from kiosk.camera.frame import Controls, Frame, Picture
from kiosk.errors import CameraFault
from kiosk.twin import optics
from kiosk.twin.photo import Photo
from kiosk.twin.stage import BOOTH, Booth, Layer, Light, Rendered, Subject, SubjectError
from kiosk.twin.wires import Fault, Posture, Wires

GREEN = (0, 135, 0)
"""What zeros in YUV look like."""

POLL = 0.02
"""Seconds between looks at whether a frozen camera goes on."""


def open_subject(source: Path) -> Subject:
    """Open who stands in the twin: a rendered subject's folder, or a photo's .npz file."""
    return Photo(source) if source.suffix == ".npz" else Rendered(source)


class Scene:
    """The light that falls onto the sensor, at one size; keeps what did not change."""

    def __init__(self, subject: Subject, booth: Booth, *, large: bool) -> None:
        self._subject, self._booth, self._large = subject, booth, large
        self._lit: tuple[Mapping[str, float], Light] | None = None
        self._posed: tuple[str, Layer] | None = None
        self._seen: tuple[Posture, Light] | None = None

    def light(self, levels: Mapping[str, float], posture: Posture) -> Light:
        """Give the picture of light for lamps at levels and a person who stands so."""
        if self._lit is None or self._lit[0] != levels:
            booth = optics.relight(self._booth.stage(large=self._large), levels)
            self._lit = (levels, booth)
            # A photo's own light stays; but what it stands before has changed.
            self._posed = self._posed if not self._subject.lamps else None
            self._seen = None
        if self._seen is None or self._seen[0] != posture:
            self._seen = (posture, self._look(self._lit[1], levels, posture))
        return self._seen[1]

    def _look(self, booth: Light, levels: Mapping[str, float], posture: Posture) -> Light:
        seen = booth
        if posture.present:
            if self._posed is None or self._posed[0] != posture.pose:
                self._posed = (posture.pose, self._pose(booth, levels, posture.pose))
            size = booth.shape[1], booth.shape[0]
            seen = optics.compose(booth, optics.move(self._posed[1], posture, size))
        blur = optics.BLUR if self._large else optics.BLUR / 2
        return optics.fall_off(optics.focus(seen, blur))

    def _pose(self, booth: Light, levels: Mapping[str, float], pose: str) -> Layer:
        figure = self._subject.stage(pose, large=self._large)
        lit_by_booth = bool(self._subject.lamps)
        own = dict.fromkeys(figure.white, 1.0)
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
        sensor: optics.Sensor | None = optics.SENSOR,
        booth: Path = BOOTH,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`source` as for open_subject; `rate` in frames a second; `sensor` None has no noise."""
        self._source, self._booth_folder = source, booth
        self._wires, self._seed, self._sensor = wires, seed, sensor
        self._period = 1 / rate
        self._clock, self._sleep = clock, sleep
        self._controls = Controls()
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
        taken = self._clock()
        levels, posture = self._wires.light, self._wires.posture
        try:
            preview = self._picture(self._scenes[0], levels, posture, large=False)
            image = self._picture(self._scenes[1], levels, posture, large=True) if main else None
        except SubjectError as error:
            raise CameraFault(f"the twin's camera lost its subject: {error}") from error
        return Frame(self._number, taken, preview, image, self._controls)

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

    def _picture(
        self, scene: Scene, levels: Mapping[str, float], posture: Posture, *, large: bool
    ) -> Picture:
        fault = self._wires.fault
        if fault in (Fault.BLACK, Fault.GREEN):
            light = scene.light(levels, posture)
            colour = GREEN if fault is Fault.GREEN else (0, 0, 0)
            return np.full(light.shape, colour, np.uint8)
        rng = np.random.default_rng((self._seed, self._number, large))
        sensor = self._sensor if large or self._sensor is None else self._sensor.binned(4)
        light = scene.light(levels, posture)
        return optics.develop(optics.expose(light, self._controls, sensor, rng))

"""The twin's camera: light stages and optics behind the protocol that every camera keeps."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from kiosk.camera.frame import Controls, Frame, Picture
from kiosk.errors import CameraFault
from kiosk.twin import optics, sensor, shutter
from kiosk.twin.chart import hold_chart
from kiosk.twin.grey_card import WHITE, Colour, hold_card
from kiosk.twin.lamp_rig import Rig, RiggedBooth, RiggedPerson
from kiosk.twin.light_stage import (
    BOOTH,
    Booth,
    EmptyBooth,
    Figure,
    Layer,
    Light,
    RenderedPerson,
    Subject,
    SubjectError,
)
from kiosk.twin.mends import stage_mended
from kiosk.twin.portrait import PortraitSubject, key_lamp_gain
from kiosk.twin.shutter import RowLevels
from kiosk.twin.wires import Card, Fault, Lighting, Posture, Wires

ZERO_YUV = (0, 135, 0)
"""What zeros in YUV look like."""

POSES_KEPT = 2
"""Poses whose light is kept while the lamps stay: a blink goes there and back."""

DROPPED_SHARE = 1 / 3
"""Share of the frames that a dropping camera loses."""

FROZEN_POLL = 0.02
"""Seconds between looks at whether a frozen camera goes on."""


def open_subject(source: Path) -> Subject:
    """Open who stands in the twin: a rendered subject's folder, or a photo's .npz file."""
    return PortraitSubject(source) if source.suffix == ".npz" else RenderedPerson(source)


def open_stage(source: Path, rig: Rig | None, booth: Path = BOOTH) -> tuple[Subject, Booth]:
    """Open who stands in the twin, and its empty booth; under a rig, where there is one.

    Raises SubjectError.
    """
    if rig is not None:
        return RiggedPerson(source.stem, rig), RiggedBooth(rig)
    return open_subject(source), EmptyBooth(booth)


Motion = tuple[optics.Velocity, optics.Velocity]
"""How fast the person moves, and the second one."""

STILL: Motion = (optics.AT_REST, optics.AT_REST)


@dataclass(frozen=True, slots=True)
class _Looks:
    """All of a posture that is not where the person stands."""

    pose: str
    other_shirt: bool
    glasses_tilted: bool


def _looks(posture: Posture) -> _Looks:
    return _Looks(posture.pose, posture.other_shirt, posture.glasses_tilted)


Kept = TypeVar("Kept")


def _keep(kept: dict[_Looks, Kept], looks: _Looks, make: Callable[[], Kept]) -> Kept:
    """What was made of these looks, or is made now; the oldest makes room."""
    if looks not in kept:
        while len(kept) >= POSES_KEPT:
            kept.pop(next(iter(kept)))
        kept[looks] = make()
    return kept[looks]


class SensorLight:
    """Works out the light that falls onto the sensor, at one size; keeps what did not change."""

    def __init__(self, subject: Subject, booth: Booth, *, large: bool) -> None:
        self._subject, self._booth, self.large = subject, booth, large
        self._lit: tuple[RowLevels, Light] | None = None
        self._posed: dict[_Looks, Layer] = {}
        self._mended: dict[_Looks, Figure] = {}
        self._seen: tuple[Posture, Light] | None = None
        width, height = booth.size
        self.size = (width, height) if large else (width // 2, height // 2)
        """Width and height of the picture."""

    def light(
        self, levels: RowLevels, posture: Posture, motion: Motion = STILL, exposure: float = 0.0
    ) -> Light:
        """Light the booth with lamps at levels, and the person who stands and moves in it.

        `exposure` is in seconds.
        """
        if any(isinstance(level, np.ndarray) for level in levels.values()):
            return self._light_banded(levels, posture, motion, exposure)
        if self._lit is None or self._lit[0] != levels:
            booth = optics.relight(self._booth.stage(large=self.large), levels)
            self._lit = (levels, booth)
            self._posed.clear()
            self._seen = None
        lit = self._lit[1]

        def person(posture: Posture) -> Layer:
            return self._posed_layer(lit, levels, _looks(posture))

        if motion != STILL:
            return self._compose(lit, person, posture, motion, exposure)
        if self._seen is None or self._seen[0] != posture:
            self._seen = (posture, self._compose(lit, person, posture, motion, exposure))
        return self._seen[1]

    def _light_banded(
        self, levels: RowLevels, posture: Posture, motion: Motion, exposure: float
    ) -> Light:
        """The same under light that flickers: bands wander, so there is nothing to keep."""
        stage = self._booth.stage(large=self.large)

        def person(posture: Posture) -> Layer:
            followed = optics.shift_levels(levels, posture)
            return self._light_pose(optics.relight(stage, followed), followed, _looks(posture))

        return self._compose(optics.relight(stage, levels), person, posture, motion, exposure)

    def _compose(
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
            stands = optics.second_posture(posture.second).but(pose=self._subject.poses[0])
            mirrored = np.ascontiguousarray(person(stands)[:, ::-1])
            moved = optics.move_layer(mirrored, stands, self.size, motion[1], exposure)
            seen = optics.compose(seen, moved)
        if posture.present:
            moved = optics.move_layer(person(posture), posture, self.size, motion[0], exposure)
            seen = optics.compose(seen, moved)
        return self._through_lens(seen)

    def _through_lens(self, light: Light) -> Light:
        blur = optics.LENS_BLUR if self.large else optics.LENS_BLUR / 2
        return optics.vignette(optics.blur(light, blur))

    def _posed_layer(self, booth: Light, levels: RowLevels, looks: _Looks) -> Layer:
        return _keep(self._posed, looks, lambda: self._light_pose(booth, levels, looks))

    def _figure(self, looks: _Looks) -> Figure:
        if not (looks.other_shirt or looks.glasses_tilted):
            return self._subject.stage(looks.pose, large=self.large)
        make = partial(stage_mended, self._subject, large=self.large, **asdict(looks))
        return _keep(self._mended, looks, make)

    def _light_pose(self, booth: Light, levels: RowLevels, looks: _Looks) -> Layer:
        figure = self._figure(looks)
        lit_by_booth = bool(self._subject.lamps)
        own: RowLevels = dict.fromkeys(figure.white, 1.0)
        person = optics.relight(figure, levels if lit_by_booth else own)
        if not lit_by_booth:
            gain = key_lamp_gain(levels, person.shape[1])[:, None]
            person = np.multiply(person, gain, dtype=np.float32)
        backdrop = booth if lit_by_booth else None
        return optics.extend_layer(optics.separate_person(person, figure.alpha, backdrop))


@dataclass(frozen=True, slots=True)
class _Moment:
    """All that a frame's exposure depends on, read from the wires once for both streams."""

    number: int
    taken: float
    controls: Controls
    fault: Fault
    lighting: Lighting
    posture: Posture
    motion: Motion
    card: Card


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
        rig: Rig | None = None,
        late: int = 0,
    ) -> None:
        """`source` as for open_subject; `rate` in frames a second; `chip` None has no noise.

        Under a `rig` the person of `source` is at rest, and main pictures are soft. A frame is
        handed over when `late` more have been exposed, as by a camera that has some under way.
        """
        self._source, self._booth_folder, self._rig = source, booth, rig
        self._late = late
        self._under_way: deque[_Moment] = deque()
        self._wires, self._seed, self._chip = wires, seed, chip
        self._period = 1 / rate
        self._clock, self._sleep = clock, sleep
        self._controls = Controls()
        self._stood: tuple[float, Posture] | None = None
        self._number = 0
        self._due = 0.0
        self._sensor_lights: tuple[SensorLight, SensorLight] | None = None

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
        self._sensor_lights = (
            SensorLight(subject, booth, large=False),
            SensorLight(subject, booth, large=True),
        )
        self._due = self._clock()

    def read(self, *, main: bool) -> Frame:
        """Wait until the next frame is due, and expose it; raises CameraFault."""
        if self._sensor_lights is None:
            raise CameraFault("the twin's camera was not started")
        while len(self._under_way) <= self._late:
            self._under_way.append(self._take())
        moment = self._under_way.popleft()
        used = moment.controls
        small, large = self._sensor_lights
        try:
            preview = self._expose(small, moment)
            image = self._expose(large, moment) if main else None
        except SubjectError as error:
            raise CameraFault(f"the twin's camera lost its subject: {error}") from error
        if used.ae_enable or used.awb_enable:
            self._controls = sensor.adjust_controls(used, preview)
        return Frame(moment.number, moment.taken, preview, image, used)

    def _take(self) -> _Moment:
        """Wait until the next frame is due, and keep what it will show."""
        while self._wires.fault is Fault.FROZEN:
            self._sleep(FROZEN_POLL)
        if self._wires.fault is Fault.UNPLUGGED:
            raise CameraFault("the twin's camera is unplugged; plug it in")
        self._wait_until_due()
        self._number += 1
        while self._wires.fault is Fault.DROPPING and self._drops():
            self._wait_until_due()
            self._number += 1
        return self._read_wires(self._clock())

    def _drops(self) -> bool:
        return bool(self._generator(self._number, 2).random() < DROPPED_SHARE)

    def control(self, controls: Controls) -> None:
        """Apply controls from the next frame on."""
        self._controls = controls

    def stop(self) -> None:
        """Forget the pictures; may be called twice."""
        self._sensor_lights = None
        self._under_way.clear()

    def _open(self) -> tuple[Subject, Booth]:
        subject, booth = open_stage(self._source, self._rig, self._booth_folder)
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

    def _wait_until_due(self) -> None:
        now = self._clock()
        if now < self._due:
            self._sleep(self._due - now)
        self._due = max(self._due, now - self._period) + self._period

    def _read_wires(self, taken: float) -> _Moment:
        posture = self._wires.posture
        since, before = self._stood or (taken, posture)
        self._stood = (taken, posture)
        motion = (
            optics.velocity(before, posture, taken - since),
            optics.velocity(
                optics.second_posture(before.second),
                optics.second_posture(posture.second),
                taken - since,
            ),
        )
        wires = self._wires
        wires.pass_time(taken)
        return _Moment(
            self._number, taken, self._controls, wires.fault, wires.lighting, posture, motion,
            wires.card,
        )  # fmt: skip

    def _expose(self, sensor_light: SensorLight, moment: _Moment) -> Picture:
        width, height = sensor_light.size
        if moment.fault in (Fault.BLACK, Fault.GREEN):
            colour = ZERO_YUV if moment.fault is Fault.GREEN else (0, 0, 0)
            return np.full((height, width, 3), colour, np.uint8)
        exposure = moment.controls.exposure_time / 1e6
        levels = shutter.banded_levels(
            moment.lighting, shutter.row_starts(moment.taken, height), exposure
        )
        light = sensor_light.light(levels, moment.posture, moment.motion, exposure)
        if moment.card is Card.GREY:
            light = hold_card(light, levels, self._white_card())
        elif moment.card is Card.CHART:
            light = hold_chart(light, levels)
        chip = self._chip if sensor_light.large or self._chip is None else self._chip.binned(4)
        rng = self._generator(moment.number, int(sensor_light.large))
        picture = sensor.develop(sensor.expose(light, moment.controls, chip, rng))
        if moment.fault is Fault.SWAPPED:
            return np.ascontiguousarray(picture[..., ::-1])
        if moment.fault is Fault.GREY:
            grey = picture.mean(2, keepdims=True).astype(np.uint8)
            return np.repeat(grey, 3, axis=2)
        return picture

    def _white_card(self) -> Mapping[str, Colour]:
        return WHITE if self._rig is None else self._rig.card

    def _generator(self, number: int, purpose: int) -> np.random.Generator:
        return np.random.default_rng((self._seed, number, purpose))

"""A person who sways a little under lamps that somebody drives, frame by frame, in the twin's time.

The pins are the twin's mock pins, the lamps the booth's own, and a preview is as the booth's camera
gives it: lens, sensor, 8 bits, thirty a second, each handed over up to three frames late.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from kiosk.camera.frame import Controls, Frame, Picture
from kiosk.display.screen_light import ScreenLight
from kiosk.evaluation.virtual_booth import VirtualClock
from kiosk.lighting.attribution import SCREEN
from kiosk.lighting.lamps import Lamps
from kiosk.lighting.response import Levels
from kiosk.twin import sensor, shutter
from kiosk.twin.camera import SensorLight
from kiosk.twin.lamp_rig import RiggedBooth
from kiosk.twin.light_stage import EmptyBooth, Subject
from kiosk.twin.pins import LampFactory
from kiosk.twin.wires import Posture, Wires

RATE = 30.0
"""Frames a second."""

MOST_LATE = 3
"""Frames after which a frame is handed over at the latest: what a camera has under way."""

RISE = 0.05
"""Seconds in which the drivers of lamps go 63 % of the way to what their pins say."""

SWAY = (0.0003, 0.0015)
"""Standard deviation of a person's steps to the side from frame to frame, in picture widths: drawn
between these."""

RETURN = 0.9
"""Share of how far they are off that is left after a frame."""

SETTLING = 1.5
"""Seconds after which lamps have long come to rest."""


@dataclass
class LitPerson:
    """One person in one booth, whose time passes by frames."""

    subject: Subject
    booth: EmptyBooth | RiggedBooth
    pins: Mapping[str, int]
    """The lamps that are driven."""
    seed: int
    ambient: Levels
    """What no pin drives, as levels of the sources' pictures."""
    rise: float = RISE
    controls: Controls = field(default_factory=Controls)
    frequency: int = 1_000
    limits: Levels = field(default_factory=dict)
    wired: Mapping[str, int] = field(default_factory=dict)
    """On which pins the lamps truly hang; empty: on `pins`."""
    number: int = 0
    """Frames taken so far."""

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng((self.seed, 7))
        self.late = int(self._rng.integers(0, MOST_LATE + 1))
        """Frames after which each is handed over."""
        self._sway = float(self._rng.uniform(*SWAY))
        self._off = np.zeros(3)
        self._stands = self._rng.normal(0, [0.01, 0.01, 0.015])
        self.clock = VirtualClock()
        self.wires = Wires(self.booth.lamps, self.subject.poses, self.ambient)
        self.wires.rise = self.rise
        self.factory = LampFactory(self.wires, self.wired or self.pins)
        self.lamps = Lamps(
            self.pins, self.frequency, self.factory, limits=self.limits, clock=self.clock
        )
        self.screen = ScreenLight() if SCREEN in self.booth.lamps else None
        """The booth's own, where the stage has pictures of it."""
        self._light = SensorLight(self.subject, self.booth, large=False)
        self._under_way: deque[Frame] = deque()

    @property
    def truly_given(self) -> dict[str, float]:
        """What all sources give now, as levels of their pictures."""
        return self.wires.lighting.levels

    def settle_at(self, levels: Levels) -> None:
        """Set lamps to levels, and let them get there; no frame is taken meanwhile."""
        self.lamps.set({name: level for name, level in levels.items() if name in self.pins})
        for _ in range(round(SETTLING * RATE)):
            self._pass(None)

    def next_frame(self, before: Callable[[], None] | None = None) -> Frame | None:
        """Let a frame's time pass; the frame that is handed over then, if one is yet.

        `before` is called at each step of the lamps.
        """
        # A frame is begun between two looks, so that no level changes at its very time.
        self._pass(before)
        self._under_way.append(self._take())
        self._pass(before)
        return self._under_way.popleft() if len(self._under_way) > self.late else None

    def _pass(self, before: Callable[[], None] | None) -> None:
        """Let half a frame's time pass."""
        self.clock.advance(1 / RATE / 2)
        if self.screen is not None:
            self.screen.note_drawn(self.screen.level, self.clock.at)
            level = self.screen.level_at(self.clock.at)
            self.wires.ambient = {**self.wires.ambient, SCREEN: level}
        if before is not None:
            before()
        self.lamps.pass_time(self.clock.at)
        self.wires.pass_time(self.clock.at)

    def close(self) -> None:
        """Put the lamps out."""
        self.lamps.close()

    def _take(self) -> Frame:
        self.number += 1
        self._off = RETURN * self._off + self._rng.normal(0, self._sway, 3)
        dx, dy, near = (float(v) for v in self._off + self._stands)
        posture = Posture(self.subject.poses[0], dx=dx, dy=dy, scale=1 + near)
        return Frame(self.number, self.clock.at, self._expose(posture), None, self.controls)

    def _expose(self, posture: Posture) -> Picture:
        height = self._light.size[1]
        exposure = self.controls.exposure_time / 1e6
        starts = shutter.row_starts(self.clock.at, height)
        levels = shutter.banded_levels(self.wires.lighting, starts, exposure)
        light = self._light.light(levels, posture)
        return sensor.develop(
            sensor.expose(light, self.controls, sensor.SENSOR.binned(4), self._rng)
        )

"""The twin: a booth made of light, to run and measure the whole where there is no booth."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from kiosk.camera.frame import Camera
from kiosk.twin.camera import TwinCamera, open_stage
from kiosk.twin.lamp_rig import Rig
from kiosk.twin.light_stage import SubjectError
from kiosk.twin.people import find_subject, subject_names
from kiosk.twin.pins import LampFactory
from kiosk.twin.script import Script, visit_script
from kiosk.twin.student import SimulatedStudent
from kiosk.twin.wires import Fault, Posture, Wires

__all__ = [
    "DAYLIGHT",
    "Fault",
    "Posture",
    "Script",
    "SimulatedStudent",
    "SubjectError",
    "Twin",
    "find_subject",
    "subject_names",
]

log = logging.getLogger(__name__)

DAYLIGHT: Mapping[str, float] = {"room": 1.0}
"""The light of a room with its curtains drawn: the same from all sides."""


class Twin:
    """A simulated booth: what hangs on its wires, and who stands in it."""

    def __init__(
        self,
        subject: str | Path,
        pins: Mapping[str, int],
        seed: int,
        ambient: Mapping[str, float] = DAYLIGHT,
        rig: Rig | None = None,
        late: int = 0,
    ) -> None:
        """Set up the booth, empty and dark but for `ambient` (see Wires).

        `subject` is a rendered person's name, or a file that `portrait.save_portrait` wrote; `pins`
        maps the lamps' names to BCM numbers, as for kiosk.lighting.Lamps: a lamp that the twin has
        no pictures of has its pin, and stays dark. Everything random follows from `seed`. `rig` and
        `late` are as for TwinCamera. Raises SubjectError.
        """
        self._source = find_subject(subject) if isinstance(subject, str) else subject
        self._seed, self._rig, self._late = seed, rig, late
        who, booth = open_stage(self._source, rig)
        self.wires = Wires(booth.lamps, who.poses, ambient)
        pictured = {lamp: pin for lamp, pin in pins.items() if lamp in booth.lamps}
        if dark := pins.keys() - pictured.keys():
            log.warning(
                "twin: no pictures of the lamp %s, which stays dark; there are pictures of %s",
                ", ".join(sorted(dark)),
                ", ".join(booth.lamps),
            )
        self.pin_factory = LampFactory(self.wires, pictured)
        self.size = who.size
        """Width and height of the main stream; the preview has half of each."""

    @property
    def open_camera(self) -> Callable[[], Camera]:
        """Makes the camera; to be passed to the camera process as it is spawned."""
        return partial(
            TwinCamera, self._source, self.wires, self._seed, rig=self._rig, late=self._late
        )

    def camera(self, clock: Callable[[], float], sleep: Callable[[float], None]) -> Camera:
        """Make the camera for this process, with a time of one's own."""
        return TwinCamera(
            self._source,
            self.wires,
            self._seed,
            clock=clock,
            sleep=sleep,
            rig=self._rig,
            late=self._late,
        )

    def shut_door(self, pin: int | None) -> None:
        """Shut the service door, whose switch hangs on this pin; None: it has none."""
        if pin is not None:
            self.pin_factory.close_switch(pin)

    def student(self, code: str, script: Script | None = None) -> SimulatedStudent:
        """Send a student in, who holds a capture code; one at a time. None: an obedient one."""
        script = script or visit_script("obedient", self.wires.poses)
        return SimulatedStudent(self.wires, code, script, np.random.default_rng((self._seed, 1)))

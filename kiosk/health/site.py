"""What checks look at: the configuration, the machine, and the booth that may be running there."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.config import Config
from kiosk.sync.clock import Now, read_clocks
from kiosk.upkeep.told_state import Life, ToldState, find_life, place_to_ask, read_told_state

if TYPE_CHECKING:
    from kiosk.camera.frame import Controls
    from kiosk.camera.process import CameraProcess
    from kiosk.lighting.curve import Curve
    from kiosk.lighting.lamps import Lamps
    from kiosk.twin import Twin


@dataclass
class Site:
    """One booth, where it stands."""

    config: Config
    now: Now
    told: ToldState | None = None
    """What the booth told last."""
    life: Life | None = None
    """Of the booth that told; None where none did."""
    thorough: bool = False
    """Whether parts are tried, and large files read: not while somebody only asks how it is."""
    root: Path = Path("/")
    """Below it lie `sys`, `proc`, `run` and `etc`."""
    twin: "Twin | None" = None
    """The simulated booth, where the configuration says that this is one; made as it is needed."""
    make_camera: "Callable[[Twin | None], CameraProcess] | None" = None
    """Makes another camera than the one that is configured."""
    make_lamps: "Callable[[Mapping[str, Curve] | None], AbstractContextManager[Lamps]] | None" = (
        None
    )
    """Opens other lamps than those that are configured."""
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    @property
    def at_work(self) -> bool:
        """Whether the booth runs, and so has camera, lamps and reader."""
        return self.life in ("running", "stuck")

    @property
    def may_try(self) -> bool:
        """Whether its devices may be opened."""
        return self.thorough and not self.at_work

    @property
    def running(self) -> ToldState | None:
        """What the booth tells, if it runs."""
        return self.told if self.life == "running" else None

    @property
    def camera_controls(self) -> "Controls":
        """How the camera is set, as configured."""
        from kiosk.camera.frame import Controls  # which loads NumPy

        camera = self.config.camera
        return Controls(camera.exposure_time, camera.analogue_gain, camera.colour_gains)

    @property
    def state_folder(self) -> Path:
        """Where the booth keeps its own."""
        return self.config.sync.outbox.parent

    def open_twin(self) -> "Twin | None":
        """The simulated booth; None where the configuration has a real one."""
        if self.twin is None and self.config.camera.kind == "twin":
            from kiosk.twin import Twin

            self.twin = Twin("lin", self.config.lamps.pins, seed=0)
            self.twin.shut_door(self.config.switches.door)
        return self.twin

    def open_camera(self) -> "CameraProcess":
        """Make the camera; it is not started yet."""
        from kiosk.booth.assembly import open_camera

        twin = self.open_twin()
        return (
            open_camera(self.config, twin) if self.make_camera is None else self.make_camera(twin)
        )

    def open_lamps(
        self, curves: "Mapping[str, Curve] | None" = None
    ) -> "AbstractContextManager[Lamps]":
        """Open the lamps, which fade; `curves` are their responses in place of those configured."""
        from kiosk.lighting.fader import open_lamps

        if self.make_lamps is not None:
            return self.make_lamps(curves)
        twin = self.open_twin()
        factory = None if twin is None else twin.pin_factory
        return open_lamps(self.config.lamps, factory, curves=curves)


def look_around(config: Config, *, thorough: bool, place: Path | None = None) -> Site:
    """The booth of this machine; `place` is where it tells its state, None where its unit does."""
    told, now = read_told_state(place or place_to_ask()), read_clocks()
    life = None if told is None else find_life(told, now.since_boot)
    return Site(config, now, told, life, thorough)

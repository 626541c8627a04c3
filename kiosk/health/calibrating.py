"""A calibration under way: the booth's own camera and lamps, looked through step by step."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from kiosk.booth.calibrated import burnt_hours, setup_of
from kiosk.booth.lamp_trial import wait_for_lamps
from kiosk.camera.frame import Controls, Frame, Picture
from kiosk.errors import CameraFault, UsageError
from kiosk.health.finding import Finding
from kiosk.health.site import Site
from kiosk.lighting.lamps import Lamps
from kiosk.upkeep import measures, response_measures
from kiosk.upkeep.calibration import VERSION, Calibration
from kiosk.upkeep.response_measures import Lights

if TYPE_CHECKING:
    from kiosk.camera.process import CameraProcess

TRIES = 8
"""Rounds that a closed loop has: each goes the whole way, by what it measured."""

SHORTEST = 500
"""Microseconds below which no exposure is tried, to see a backdrop that is too bright."""

RISE = 0.15
"""Seconds that a driver with an analogue input may take to follow its module's filter, roughly."""

PATIENCE = 8.0
"""Seconds that controls have to hold, and the first frame to come."""

STOPPED = "sudo kiosk maintenance on && sudo systemctl stop kiosk"


@dataclass
class Calibrating:
    """What it works on, and what it has found. Lamps are driven by bare duty cycles."""

    site: Site
    camera: "CameraProcess"
    lamps: Lamps
    last: Calibration | None
    controls: Controls
    found: dict[str, object] = field(default_factory=dict)
    """Fields of the `Calibration` that were measured."""
    steps: tuple[float, ...] = response_measures.STEPS
    """Duty cycles at which each lamp is measured."""

    def light(self, **levels: float) -> None:
        """Set lamps; those that are not named go out."""
        self.lamps.set({name: levels.get(name, 0.0) for name in self.lamps.levels})

    def light_for_visit(self) -> None:
        """Set all lamps as a visit starts."""
        self.light(**dict(self.site.config.lamps.working))

    def look(self, controls: Controls | None = None) -> Picture:
        """The next preview in which controls and lamps hold; raises CameraFault."""
        return self.look_frame(controls or self.controls).preview

    def look_frame(self, wanted: Controls) -> Frame:
        """The same as a frame."""
        self.camera.control(wanted)
        site = self.site
        wait_for_lamps(self.lamps, site.clock, site.sleep)
        return self.next_frame(site.clock() + RISE, wanted)

    def next_frame(self, since: float, wanted: Controls) -> Frame:
        """The first frame from a time on in which controls hold; raises CameraFault."""
        site = self.site
        until = max(site.clock(), since) + PATIENCE
        while site.clock() < until:
            frame = self.camera.newest()
            if frame is not None and frame.time >= since and _holds(frame, wanted):
                return frame
            if self.camera.fault is not None:
                raise CameraFault(self.camera.fault)
            site.sleep(0.02)
        raise CameraFault(
            f"the camera does not take its controls in {PATIENCE:.0f} s; kiosk doctor tells more"
        )

    def look_unclipped(self) -> Picture:
        """A preview in which the backdrop's hue can be told: darker, where it is too bright."""
        controls = self.controls
        for _ in range(TRIES):
            picture = self.look(controls)
            if not measures.is_clipped(picture) or controls.exposure_time <= SHORTEST:
                break
            controls = measures.shorten(controls)
        return picture

    def measure_lights(self, frames: int) -> tuple[Lights, float]:
        """The light of `response_measures.PLACES` as lamps are set, at the controls of this
        calibration, and by what share it differs from frame to frame.

        Where something clips, the exposure is shortened, and the light recalculated. Raises
        CameraFault.
        """
        controls = self.controls
        for _ in range(TRIES):
            frame = self.look_frame(controls)
            lost = response_measures.is_place_clipped(frame.preview)
            if not lost or controls.exposure_time <= SHORTEST:
                break
            controls = measures.shorten(controls)
        seen = [frame]
        while len(seen) < frames:
            seen.append(self.next_frame(seen[-1].time + 1e-3, controls))
        lights = np.array([self._recalculate(frame) for frame in seen])
        mean = np.asarray(lights.mean(0), np.float64)
        noise = float(lights.std(0).max() / max(mean.max(), 1e-3))
        return mean, noise

    def _recalculate(self, frame: Frame) -> Lights:
        used, own = frame.controls, self.controls
        seen = used.exposure_time * used.analogue_gain
        times = own.exposure_time * own.analogue_gain / seen
        return response_measures.place_lights(frame.preview) * times

    def result(self) -> Calibration:
        """What was set and measured; the rest as it was, where camera and booth are the same."""
        controls, setup, last = self.controls, setup_of(self.site.config), self.last
        kept: Mapping[str, object] = {}
        if last is not None and last.is_set(controls) and not last.find_misfit(setup):
            kept = last.model_dump()
        own = {
            "at": datetime.now(UTC),
            "version": VERSION,
            "booth": setup.booth,
            "camera": setup.camera,
            "driver": setup.driver,
            "pins": dict(setup.pins),
            "frequencies": dict(setup.frequencies),
            "hours": burnt_hours(self.site.config),
            "exposure_time": controls.exposure_time,
            "analogue_gain": controls.analogue_gain,
            "colour_gains": controls.colour_gains,
        }
        return Calibration.model_validate({**kept, **own, **self.found})


def _holds(frame: Frame, wanted: Controls) -> bool:
    """Whether a frame was taken with controls, as nearly as sensors can (`camera.pi`)."""
    had = frame.controls
    pairs = (
        (had.exposure_time, wanted.exposure_time, 0.02),
        (had.analogue_gain, wanted.analogue_gain, 0.05),
        *((h, w, 0.01) for h, w in zip(had.colour_gains, wanted.colour_gains, strict=True)),
    )
    return all(abs(have - want) <= off * want for have, want, off in pairs)


@contextmanager
def begin(site: Site, last: Calibration | None) -> Iterator[Calibrating]:
    """Open camera and lamps; raises UsageError while the booth has them. Lamps end dark."""
    if site.at_work:
        raise UsageError(
            f"the booth runs, and has camera and lamps to itself; first: {STOPPED}; afterwards:"
            " sudo systemctl start kiosk && sudo kiosk maintenance off"
        )
    camera = site.open_camera()
    camera.start()
    try:
        with site.open_lamps(curves={}) as lamps:
            yield Calibrating(site, camera, lamps, last, site.camera_controls)
    finally:
        camera.stop()


Step = Callable[[Calibrating], Iterator[Finding]]
"""Sets something, or measures it."""

"""When the plate of the empty booth is taken, and whether the booth is empty."""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.booth import lit_captures
from kiosk.booth.capture import BURST_PATIENCE
from kiosk.booth.parts import Parts
from kiosk.camera.frame import Picture
from kiosk.errors import CameraFault
from kiosk.pipeline.cutout.plate import Plate
from kiosk.pipeline.loading import LoadedModels

log = logging.getLogger(__name__)

PLATE_FRESH, PLATE_RETRY = 600.0, 30.0
"""Seconds for which a plate of the empty booth serves, and after which one that could not be taken
is tried again."""

UNDER_WAY = 5
"""Frames after which one shows what the lamps were set to: a camera has up to four under way."""

NOBODY = 0.01
"""Share of a picture that MODNet takes for a person where nobody is. Of the twin's empty booth in
any light it takes none; a head alone is 0.1."""


@dataclass(frozen=True, slots=True)
class PlateSchedule:
    """The newest plate, and when the next is due."""

    plate: Plate | None = None
    """The empty booth, taken when nobody was there."""
    due: float = -math.inf
    """When the next is to be taken, if nobody is there then, s."""

    @property
    def tried(self) -> bool:
        """Whether the booth has looked at itself while it was empty."""
        return self.due > -math.inf

    def after(self, found: Plate | None, at: float) -> "PlateSchedule":
        """The schedule after a try that ended at a time, with a plate or without."""
        if found is None:
            return PlateSchedule(self.plate, at + PLATE_RETRY)
        return PlateSchedule(found, at + PLATE_FRESH)


def take_empty_picture(parts: Parts, models: LoadedModels) -> Picture | None:
    """Take a picture of the empty booth; None where somebody is seen, or none comes.

    A booth that sleeps is lit for it: whoever stands in the dark is not seen.
    """
    before, lit = parts.lamps.levels, parts.levels(parts.idle)
    parts.lamps.set(lit)
    try:
        parts.camera.control(parts.controls)
        frames = parts.camera.capture(1 if before == lit else UNDER_WAY, BURST_PATIENCE)
    except CameraFault as fault:
        log.warning("plate: %s", fault)
        return None
    finally:
        parts.lamps.set(before)
    picture = frames[-1].image
    return picture if picture is not None and _is_empty(models, picture) else None


def take_plate(parts: Parts, go_on: Callable[[], bool]) -> Plate | None:
    """Take the plate of the empty booth, while `go_on` says so; None where that fails."""
    try:
        levels = parts.levels(parts.working)
        found = lit_captures.capture_plate(parts.camera, parts.lamps, levels, go_on, parts.clock())
    except CameraFault as fault:
        log.warning("plate: %s", fault)
        return None
    if found is not None:
        log.info("plate: taken")
    return found


def _is_empty(models: LoadedModels, picture: Picture) -> bool:
    """Whether nobody is seen in a picture, from the front or from behind."""
    seen = models.looker.find_face(picture)
    return not seen.faces and seen.face is None and models.matter.alpha(picture).mean() < NOBODY

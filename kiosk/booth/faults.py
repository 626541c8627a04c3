"""Which faults the booth feels now. To add one: its name in kiosk/visit/stages.py, a line here."""

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.booth.parts import Parts
from kiosk.visit import FaultName

WRONG_FOR, RIGHT_FOR = 1.0, 0.3
"""Seconds for which every frame that tells must say so, until colours are wrong, and until they are
right again: longer than whatever passes behind somebody, or a hand before the lens."""


@dataclass(frozen=True, slots=True)
class SteadyColours:
    """What frames have said of the camera's colours, and since when they say otherwise."""

    wrong: bool | None = None
    """None until enough frames have told."""
    otherwise_since: float | None = None

    def after(self, wrong: bool | None, at: float) -> "SteadyColours":
        """The same after a frame, of which nothing may be told (None), seen at a time in s."""
        if wrong is None:
            return self
        if wrong == self.wrong:
            return SteadyColours(wrong)
        since = at if self.otherwise_since is None else self.otherwise_since
        if at - since >= (WRONG_FOR if wrong else RIGHT_FOR):
            return SteadyColours(wrong)
        return SteadyColours(self.wrong, since)


def feel_faults(parts: Parts) -> Mapping[FaultName, bool]:
    """What can be told at each picture of the screen: whether each of these faults is there."""
    return {
        "camera": parts.camera.fault is not None,
        "door": parts.board.door_open,
        "lamps": not parts.lamps.available,
        "reader": not parts.reader.available,
    }


def look_for_faults(parts: Parts) -> Mapping[FaultName, bool]:
    """What fails silently and takes a moment to tell. For the worker: a disk may hold it up."""
    return {
        "clock": not parts.registrar.has_right_clock(),
        "disk": not parts.registrar.can_keep_photos(),
    }

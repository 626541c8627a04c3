"""Which faults the booth feels now. To add one: its name in kiosk/visit.py, and its line here."""

from collections.abc import Mapping

from kiosk.booth.parts import Parts
from kiosk.visit import FaultName


def feel_faults(parts: Parts) -> Mapping[FaultName, bool]:
    """What can be told at each picture of the screen: whether each of these faults is there."""
    return {
        "camera": parts.camera.fault is not None,
        "lamps": not parts.lamps.available,
        "reader": not parts.reader.available,
    }


def look_for_faults(parts: Parts) -> Mapping[FaultName, bool]:
    """What fails silently and takes a moment to tell."""
    return {"disk": not parts.registrar.has_room()}

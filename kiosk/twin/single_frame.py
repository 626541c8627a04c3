"""One frame of somebody in the twin, under lamps of one's choice."""

from collections.abc import Mapping

import numpy as np

from kiosk.camera.frame import Controls, Picture
from kiosk.errors import UsageError
from kiosk.twin import sensor
from kiosk.twin.camera import SensorLight
from kiosk.twin.light_stage import EmptyBooth, Subject, SubjectError
from kiosk.twin.wires import Posture


def parse_levels(text: str, lamps: tuple[str, ...]) -> dict[str, float]:
    """Read `key_left=0.6,key_right=0.2`: lamps at levels from 0 to 1; the others are dark.

    Raises UsageError, naming the lamps there are.
    """
    found: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        lamp, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise UsageError(f"{part}: give lamps as NAME=LEVEL, as in key_left=0.6,fill=0.3")
        if lamp not in lamps:
            raise UsageError(f"no lamp {lamp}: there are {', '.join(lamps)}")
        try:
            level = float(value)
        except ValueError:
            level = np.nan
        if not 0 <= level <= 1:
            raise UsageError(f"{part}: a level is a number from 0 (dark) to 1 (full)")
        if lamp in found:
            raise UsageError(f"{lamp} is given twice: give each lamp one level")
        found[lamp] = level
    return found


def take_frame(subject: Subject, pose: str, lit: Mapping[str, float], *, noise: bool) -> Picture:
    """The main stream's picture of a pose under lamps at levels, at the default controls.

    The noise is the same each time. Raises SubjectError, naming the poses there are.
    """
    if pose not in subject.poses:
        raise SubjectError(
            f"{subject.name} has no pose {pose}: there are {', '.join(subject.poses)}"
        )
    light = SensorLight(subject, EmptyBooth(), large=True).light(lit, Posture(pose))
    chip = sensor.SENSOR if noise else None
    return sensor.develop(sensor.expose(light, Controls(), chip, np.random.default_rng(0)))

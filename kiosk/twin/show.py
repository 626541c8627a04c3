"""What staff see of the twin's people: who there is, what is true of them, and one frame."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kiosk.camera.frame import Controls, Picture
from kiosk.errors import UsageError
from kiosk.twin import sensor
from kiosk.twin.camera import SensorLight
from kiosk.twin.stage import SUBJECTS, EmptyBooth, Rendered, Subject, SubjectError, names
from kiosk.twin.wires import Posture


def people(folder: Path = SUBJECTS) -> Iterator[Rendered | SubjectError]:
    """Give every rendered subject, or what is wrong with them.

    All pictures of all poses are opened, since a file that cannot be read is found in no other way.
    """
    for name in names(folder):
        try:
            subject = Rendered(folder / name)
            for pose in subject.poses:
                subject.stage(pose, large=False)
                subject.truth(pose)
        except SubjectError as error:
            yield error
        else:
            yield subject


def truths(subject: Rendered) -> Iterator[dict[str, Any]]:
    """Give what is true of each of a subject's poses, with the pose's name first."""
    for pose in subject.poses:
        yield {"pose": pose, **subject.truth(pose)}


def levels(text: str, lamps: tuple[str, ...]) -> dict[str, float]:
    """Read `key_left=0.6,key_right=0.2`: lamps at levels from 0 to 1, all others dark.

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


def frame(subject: Subject, pose: str, lit: Mapping[str, float], *, noise: bool) -> Picture:
    """Give the main stream's picture of a pose under lamps at levels, at the default controls.

    The noise is the same each time. Raises SubjectError, naming the poses there are.
    """
    if pose not in subject.poses:
        raise SubjectError(
            f"{subject.name} has no pose {pose}: there are {', '.join(subject.poses)}"
        )
    light = SensorLight(subject, EmptyBooth(), large=True).light(lit, Posture(pose))
    chip = sensor.SENSOR if noise else None
    return sensor.develop(sensor.expose(light, Controls(), chip, np.random.default_rng(0)))

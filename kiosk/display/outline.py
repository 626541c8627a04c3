"""The outlines of the mirror: where a head is to be, and where it is. Pure.

Positions are parts of the mirrored picture's width and height.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kiosk.display.sketch import Points
from kiosk.pipeline.assessment import Assessment
from kiosk.visit import Head

TARGET = Head(x=0.5, y=0.395, width=0.4, roll=0.0)
"""Where a face lies that the photo is cut around."""

AXES = (0.5875, 0.8167)
"""Half of a head's width and height, of its face's width: with the hair, and to the chin."""

NECK_ANGLE = 42.0
"""Degrees from the chin at which the neck meets the head."""

SHOULDER_CURVE = ((0.65, 0.65), (0.76, 0.685), (0.985, 0.665), (0.985, 1.02))
"""The right shoulder from the neck to the lower edge: a Bézier curve."""

AT_HOME = 0.5
"""Within this part of a goal the outline lies in its target; further out it comes loose, and beyond
the goal it is where the head is. So it slides in, and stays while the head wavers."""

HEIGHT_GOAL = (TARGET.y - 0.1, TARGET.y + 0.1)
"""B: the eyes' line, which no rule is about; a photo can be cut with them there."""


@dataclass(frozen=True, slots=True)
class Goals:
    """Within what a head is where it is to be; as `Head`."""

    x: tuple[float, float]
    width: tuple[float, float]
    roll: tuple[float, float]
    y: tuple[float, float] = HEIGHT_GOAL


def find_goals(assessment: Assessment | None) -> Goals | None:
    """The goals that a picture was judged by; None where it was not."""
    goals = {rule.id: rule.goal for rule in assessment.rules} if assessment else {}
    across, width, roll = (goals.get(id) for id in ("centred", "face_size", "roll"))
    if across is None or width is None or roll is None:
        return None
    return Goals((0.5 + across[0], 0.5 + across[1]), width, roll)


def place_head(head: Head, goals: Goals | None) -> Head:
    """Where a head's outline is drawn: in the target while it is well within its goals."""
    if goals is None:
        return head
    return Head(
        _slide(head.x, TARGET.x, goals.x),
        _slide(head.y, TARGET.y, goals.y),
        _slide(head.width, TARGET.width, goals.width),
        _slide(head.roll, TARGET.roll, goals.roll),
    )


def _slide(value: float, target: float, goal: tuple[float, float]) -> float:
    room = goal[1] - target if value > target else target - goal[0]
    if room <= 0:
        return value
    away = abs(value - target) / room
    shown = away if away >= 1 else max(away - AT_HOME, 0.0) / (1 - AT_HOME)
    return target + math.copysign(shown * room, value - target)


def head_outline(head: Head, aspect: float) -> Points:
    """The closed outline of a head in the mirror; `aspect` is the picture's width over height.

    `head` is as in the picture, not mirrored.
    """
    turn = np.radians(np.arange(0, 360, 6))
    across, down = AXES[0] * np.cos(turn), AXES[1] * np.sin(turn)
    # What tilts towards the own left shoulder tilts to the mirror's left.
    lean = -np.radians(head.roll)
    x = (across * np.cos(lean) - down * np.sin(lean)) * head.width
    y = (across * np.sin(lean) + down * np.cos(lean)) * head.width * aspect
    return np.stack((1 - head.x + x, head.y + y), 1)


def target_outline(aspect: float) -> Points:
    """The outline of head and shoulders that is to be filled, from the lower left to the lower
    right."""
    turn = np.radians(np.linspace(90 + NECK_ANGLE, 450 - NECK_ANGLE, 90))
    wide, high = TARGET.width * AXES[0], TARGET.width * AXES[1] * aspect
    head = np.stack((TARGET.x + wide * np.cos(turn), TARGET.y + high * np.sin(turn)), 1)
    t = np.linspace(0, 1, 60)[:, None]
    a, b, c, d = (np.array(point) for point in SHOULDER_CURVE)
    right = a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t**2 * (1 - t) + d * t**3
    return np.concatenate(((right * (-1, 1) + (1, 0))[::-1], head, right))


def cut_dashes(line: Points, length: float) -> Iterable[Points]:
    """Cut a line into dashes, each `length` long, with gaps as long."""
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))))
    count = max(round(along[-1] / (2 * length)), 1)
    pitch = along[-1] / count
    for number in range(count):
        at = np.linspace(number + 0.25, number + 0.75, 8) * pitch
        yield np.stack([np.interp(at, along, line[:, n]) for n in (0, 1)], axis=1)

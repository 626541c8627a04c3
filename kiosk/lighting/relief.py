"""Relief: levels that take mirrored spots off, at the same light of the face. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import numpy as np

from kiosk.lighting.control_law import Control, face_lamps, task_of
from kiosk.lighting.division import Task
from kiosk.lighting.light_model import Array
from kiosk.lighting.response import Levels, Response

MOST_EXCESS = 0.05
"""Linear light above its surround that a spot may keep."""

STEPS = 15
"""Levels of each lamp that are tried."""

MOST_UNEVEN, MOST_OFF = float(np.log(1.18)), 0.06
"""Logarithm of the cheeks' ratio, and share of the face's light, that a relief may cost: the rule
`even_light` guides to 1.2."""

WORTH = 0.6
"""Share of all excess that may be left at most: for less no lamp is moved."""

ALIKE = 0.1
"""Share of the excess by which levels are alike in what they take off: then the others count."""

UNEVEN, OFF, DIVISION = 0.05, 0.04, 1.5
"""What weighs alike: logarithm of the cheeks' ratio, share of the face's light, and the sum of the
levels' distances from the usual ones, which keep the catchlights where they are."""


def solve(
    excess: Mapping[str, Levels],
    levels: Levels,
    control: Control,
    response: Response,
    limits: Levels,
) -> dict[str, float] | None:
    """Levels of all lamps at which spots are gone, or most of them; None where no lamp does it.

    `excess` is each spot's light above its surround per unit of each lamp's level, `levels` are the
    lamps' now.
    """
    task = task_of(replace(control, caps={}), response, limits)
    lamps = face_lamps(control)
    if task is None or not excess:
        return None
    spots = np.array([[spot.get(name, 0.0) for name in lamps] for spot in excess.values()])
    rest = np.array(
        [
            sum(light * levels.get(name, 0.0) for name, light in spot.items() if name not in lamps)
            for spot in excess.values()
        ]
    )
    now = np.array([levels.get(name, 0.0) for name in lamps])

    def left(tried: Array) -> Array:
        return np.asarray(np.maximum(tried @ spots.T + rest - MOST_EXCESS, 0.0).sum(-1))

    before = float(left(now))
    tried = _choices(task)
    off = tried @ task.face + task.face_rest
    cheeks = np.maximum(tried @ task.cheeks.T + task.cheeks_rest, 1e-6)
    uneven = np.abs(np.log(cheeks[:, 0] / cheeks[:, 1]))
    dark = np.abs(off / task.target - 1)
    # What the light cannot be now is not asked of a relief.
    least_dark = max(MOST_OFF, float(dark.min()) + 0.01)
    allowed = (uneven <= MOST_UNEVEN) & (dark <= least_dark)
    if before <= 0 or not allowed.any():
        return None
    remains = left(tried)
    least = float(remains[allowed].min())
    if least > WORTH * before:
        return None
    alike = allowed & (remains <= least + ALIKE * (before - least))
    usual = np.abs(tried - task.usual).sum(1) / DIVISION
    cost = (uneven / UNEVEN) ** 2 + (dark / OFF) ** 2 + usual**2
    best = tried[alike][int(np.argmin(cost[alike]))]
    return {**levels, **dict(zip(lamps, map(float, best), strict=True))}


def keep(control: Control, levels: Levels, excess: Mapping[str, Levels]) -> Control:
    """The law from these levels on: no lamp that was dimmed for a spot goes above them again."""
    dimmed = {
        name
        for spot in excess.values()
        for name, light in spot.items()
        if light * control.levels.get(name, 0.0) > MOST_EXCESS
        and levels.get(name, 0.0) < control.levels.get(name, 0.0)
    }
    caps = {**control.caps, **{name: levels[name] for name in dimmed}}
    return replace(control, levels=dict(levels), caps=caps, calm=0)


def _choices(task: Task) -> Array:
    """All combinations of levels within bounds, the last lamp's also where it makes up for the
    light that the others leave."""
    steps = [np.linspace(low, high, STEPS) for low, high in zip(task.low, task.high, strict=True)]
    found = np.array(list(product(*steps)))
    if task.face[-1] <= 0:
        return found
    lack = task.target - task.face_rest - found[:, :-1] @ task.face[:-1]
    exact = found.copy()
    exact[:, -1] = np.clip(lack / task.face[-1], task.low[-1], task.high[-1])
    return np.vstack([found, exact])

"""Relief: levels that take mirrored spots off, at the same light of the face. Pure.

A spot counts by the share that it takes of its zone: an eye's, or the skin. How large it is under
other levels follows from what each lamp gives it, and from its surround's light, which is the
cheek's of that side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk.lighting.control_law import Control, Measured, face_lamps, hear, task_of
from kiosk.lighting.division import Task
from kiosk.lighting.light_model import Array
from kiosk.lighting.response import Levels, Response

FREE: Mapping[str, float] = {"lens_left": 0.045, "lens_right": 0.045, "skin": 0.09}
"""Share of each zone up to which what spots take of it counts as gone, as `Spot.area` has it: three
quarters of the goals of the rules `glare` and `highlight`."""

GONE = 0.35
"""Share of its contrast below which nothing of a spot counts; from there on up its size grows as
its contrast does. On the twin's lenses, whose spots' sizes are known under all levels, this is off
by a tenth of the size."""

BEYOND = 0.3
"""By how much of its size a spot grows that gets twice its contrast."""

STEPS = 31
"""Levels of each lamp that are tried; the last of them makes up for what the others leave."""

BOUNDS = ((float(np.log(1.18)), 0.06), (float(np.log(1.25)), 0.08))
"""Logarithm of the cheeks' ratio, and share of the face's light, that a relief may cost; the second
only where nothing within the first takes the spots off. The rule `even_light` guides to 1.2 and
allows 1.45; who was lit evenly before is not asked again below 1.325."""

WORTH = 0.6
"""Share of what counts that may be left at most: for less no lamp is moved."""

SIZE, UNEVEN, OFF, DIVISION = 0.5, 0.08, 0.04, 1.5
"""What weighs alike where the spots are gone: the share of FREE that they still take, the logarithm
of the cheeks' ratio, the share of the face's light, and the sum of the levels' distances from the
usual ones, which keep the catchlights where they are."""

ALIKE = 0.05
"""Shares of FREE up to which what is left counts as the least."""

LENSES = ("lens_left", "lens_right")
"""In the order of the cheeks."""

STAYED = 0.8
"""Share of its size that a spot has at least of which the lamps have taken next to nothing."""

SAME = 0.2
"""Distance in T up to which spots of one zone are the same one."""

ENOUGH = 0.6
"""By how much cheaper other levels must be for lamps to move while spots are kept away."""


class Seen(Protocol):
    """What is measured of a spot in one frame: `kiosk.pipeline.observation.Spot`."""

    @property
    def place(self) -> str:
        """Its zone: one of FREE."""
        ...

    @property
    def x(self) -> float:
        """Where it is, in T to the picture's right of the point midway between the eyes."""
        ...

    @property
    def y(self) -> float:
        """The same below that point."""
        ...

    @property
    def area(self) -> float:
        """Share that it takes of its zone."""
        ...


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A spot whose sources are known, as it was when it was asked after."""

    place: str
    """Its zone: one of FREE."""
    x: float
    y: float
    """Where, in T to the picture's right of, and below, the point midway between the eyes."""
    area: float
    """Share that it takes of its zone."""
    lamps: Levels
    """Its light above its surround's per unit of level of each lamp before the face."""
    rest: float
    """Its light above its surround's that comes from elsewhere."""
    levels: Levels
    """The lamps' levels then."""
    gone: float = GONE
    """Share of its contrast then below which nothing of it counts."""


def solve(
    spots: Sequence[Mirrored],
    control: Control,
    response: Response,
    limits: Levels,
    most_left: float = WORTH,
) -> dict[str, float] | None:
    """Levels of all lamps at which the spots are gone, or most of them; None where lamps do not do
    it, and where nothing is to be done. `most_left` is the share of what counts that may stay."""
    task = task_of(control, response, limits)
    if task is None or not any(max(spot.lamps.values(), default=0.0) > 0 for spot in spots):
        return None
    ways = _try_all(spots, control, task)
    if (best := _find_best(ways, most_left * ways.remains[0])) is None:
        return None
    return _levels(control, ways.levels[best])


def keep_away(
    spots: Sequence[Mirrored],
    control: Control,
    measured: Measured,
    taken_under: Levels,
    response: Response,
    limits: Levels,
) -> tuple[Control, Levels]:
    """What `control_law.follow` is, while spots are to stay away: the law after a frame, and where
    all lamps go to. They move where the light has changed, and else stay."""
    control = hear(control, measured, taken_under, response)
    task = task_of(control, response, limits)
    if task is None:
        return control, dict(control.levels)
    ways = _try_all(spots, control, task)
    best = _find_best(ways, float(ways.remains[1:].min()))
    if best is None or ways.cost[0] <= ways.cost[best] + ENOUGH:
        return replace(control, calm=control.calm + 1), dict(control.levels)
    levels = _levels(control, ways.levels[best])
    return replace(control, levels=levels, calm=0), dict(levels)


@dataclass(frozen=True, slots=True, eq=False)
class _Ways:
    """Levels that may be gone to, those of now first, and what is to be said of each."""

    levels: Array
    """Ways x lamps of the face."""
    remains: Array
    """By what share of FREE the spots of all zones take too much."""
    uneven: Array
    dark: Array
    cost: Array


def _try_all(spots: Sequence[Mirrored], control: Control, task: Task) -> _Ways:
    lamps = face_lamps(control)
    now = np.array([control.levels[name] for name in lamps])
    levels = np.vstack([now, _choices(task)])
    cheeks = np.maximum(levels @ task.cheeks.T + task.cheeks_rest, 1e-6)
    uneven = np.abs(np.log(cheeks[:, 0] / cheeks[:, 1]))
    dark = np.abs((levels @ task.face + task.face_rest) / task.target - 1)
    taken = _taken(spots, task, lamps, levels, cheeks)
    # The rule on glare is about the worse eye.
    worst = np.stack([taken[:2].max(0), taken[2]])
    remains = np.maximum(worst - 1, 0.0).sum(0)
    usual = np.abs(levels - task.usual).sum(1) / DIVISION
    cost = ((worst / SIZE) ** 2).sum(0) + (uneven / UNEVEN) ** 2 + (dark / OFF) ** 2 + usual**2
    return _Ways(levels, remains, uneven, dark, cost)


def _find_best(ways: _Ways, most_left: float) -> int | None:
    """The cheapest of the ways that leave nothing, within the narrowest bounds that have any; else
    of those within the widest that leave least, if that is no more than `most_left`."""
    # What the light cannot be now is not asked of a relief.
    short = max(float(ways.dark[1:].min()) + 0.01 - BOUNDS[0][1], 0.0)
    for uneven, dark in BOUNDS:
        allowed = (ways.uneven <= uneven) & (ways.dark <= dark + short)
        if (allowed & (ways.remains <= 0)).any():
            return _cheapest(ways, allowed & (ways.remains <= 0))
    if not allowed.any() or (least := float(ways.remains[allowed].min())) > most_left:
        return None
    return _cheapest(ways, allowed & (ways.remains <= least + ALIKE))


def _cheapest(ways: _Ways, among: NDArray[np.bool_]) -> int:
    return int(np.argmin(np.where(among, ways.cost, np.inf)))


def _taken(
    spots: Sequence[Mirrored], task: Task, lamps: Sequence[str], levels: Array, cheeks: Array
) -> Array:
    """Zones x ways: the share of FREE that spots take there under each of the levels."""
    taken = {place: np.zeros(len(levels)) for place in FREE}
    for spot in spots:
        contrast = _contrast(spot, task, lamps, levels, cheeks)
        less = np.clip((contrast - spot.gone) / (1 - spot.gone), 0.0, 1.0)
        grown = less + BEYOND * np.maximum(contrast - 1, 0.0)
        taken[spot.place] += spot.area * grown / FREE[spot.place]
    return np.array(list(taken.values()))


def _contrast(
    spot: Mirrored, task: Task, lamps: Sequence[str], levels: Array, cheeks: Array
) -> Array:
    """The share of its contrast that a spot has under each of the levels, against what it had."""
    then = np.array([spot.levels.get(name, 0.0) for name in lamps])
    effects = np.array([spot.lamps.get(name, 0.0) for name in lamps])
    share = (levels @ effects + spot.rest) / max(float(then @ effects) + spot.rest, 1e-6)
    side = [n for n, place in enumerate(LENSES) if spot.place in (place, "skin")]
    before = np.maximum(task.cheeks[side] @ then + task.cheeks_rest[side], 1e-6).mean()
    return np.asarray(share * before / cheeks[:, side].mean(1))


def _choices(task: Task) -> Array:
    """Combinations of levels within bounds; the last lamp makes up for the light that the others
    leave."""
    free = [
        np.linspace(low, high, STEPS)
        for low, high in zip(task.low[:-1], task.high[:-1], strict=True)
    ]
    grid = np.meshgrid(*free, [0.0], indexing="ij")
    found = np.stack([levels.ravel() for levels in grid], 1)
    lack = task.target - task.face_rest - found @ task.face
    found[:, -1] = np.clip(lack / max(float(task.face[-1]), 1e-6), task.low[-1], task.high[-1])
    return found


def _levels(control: Control, chosen: Array) -> dict[str, float]:
    lamps = face_lamps(control)
    return {**control.levels, **dict(zip(lamps, map(float, chosen), strict=True))}


def look_again(
    spots: Sequence[Mirrored],
    seen: Sequence[Seen],
    control: Control,
    response: Response,
    limits: Levels,
) -> tuple[Mirrored, ...]:
    """The spots, by what is seen of them under the levels to which they were sent: how much of each
    is left there tells at which contrast it is gone."""
    task = task_of(control, response, limits)
    if task is None:
        return tuple(spots)
    lamps = face_lamps(control)
    now = np.array([[control.levels[name] for name in lamps]])
    cheeks = np.maximum(now @ task.cheeks.T + task.cheeks_rest, 1e-6)
    found = []
    for spot in spots:
        area = max((one.area for one in seen if _same(spot, one)), default=0.0)
        contrast = float(_contrast(spot, task, lamps, now, cheeks)[0])
        if contrast < 1 and area > 0:
            # A line through what it took before, and what it takes now.
            left = min(area / max(spot.area, 1e-6), 0.95)
            gone = max((contrast - left) / (1 - left), 0.0)
            spot = replace(spot, gone=min(spot.gone, gone))
        found.append(spot)
    return tuple(found)


def merge(before: Sequence[Mirrored], now: Sequence[Mirrored]) -> tuple[Mirrored, ...]:
    """All spots that are known. One that was asked after again is as it is now, unless lamps have
    taken much of it off since: then it was told better before."""
    known = list(now)
    for old in before:
        again = [new for new in known if _same(old, new)]
        if all(new.area < STAYED * old.area for new in again):
            known = [new for new in known if new not in again] + [old]
    return tuple(known)


def _same(one: Mirrored, other: Seen | Mirrored) -> bool:
    aside, down = one.x - other.x, one.y - other.y
    return one.place == other.place and aside**2 + down**2 <= SAME**2

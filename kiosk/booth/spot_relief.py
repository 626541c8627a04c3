"""Taking spots off: from what was found to be mirrored to levels of lamps and screen, and from what
is then left to the next ones. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from kiosk.booth.reflections import SIDES, Found, place_of
from kiosk.lighting import relief
from kiosk.lighting.attribution import ROOM, SCREEN, Answer
from kiosk.lighting.control_law import Control
from kiosk.lighting.relief import Mirrored
from kiosk.lighting.response import Levels, Response
from kiosk.pipeline.observation import Spot

DIMMED = 0.3
"""The screen's level when it is mirrored."""

REACHED = 0.02
"""How far a level may be from where it goes to, and has come there."""

LEAST_FRAMES = 5
"""Frames under the new levels before which nothing tells: spots are looked for anew every fourth
frame."""

SHOWS = 0.3
"""Seconds within which a spot's going must be seen once the lamps are where it is to go: rules are
judged by the median of a quarter of a second."""

COMES = 1.5
"""Seconds after which lamps are where they will ever come to."""

MOST_GOES = 3
"""Times that levels are solved for after one question: what is left tells how far to go."""


FURTHER = 0.95
"""Share of what still counts that may be left at most where lamps are to go on: they are under way
already, and a little less may do."""


@dataclass(frozen=True, slots=True)
class Relief:
    """Levels at which spots should be gone."""

    levels: Levels
    """All lamps', and SCREEN's."""
    began: float
    """When the lamps were sent there, s."""
    spots: tuple[Mirrored, ...]
    """What is to go, and all that was taken off before."""
    sources: tuple[Found, ...] = ()
    """What the spots mirror."""
    goes: int = 1
    """How often levels were solved for since the question."""
    reached: float | None = None
    """When the first frame was taken under them."""
    frames: int = 0
    """Frames seen since."""


def begin_relief(
    answer: Answer,
    seen: Sequence[Spot],
    found: Mapping[str, Found],
    known: Sequence[Mirrored],
    control: Control,
    screen: float,
    at: float,
    response: Response,
    limits: Levels,
    *,
    dims: bool,
) -> Relief | None:
    """Levels at which the spots of an answer should be gone; None where there are none.

    `found` names the sources of those that count, by the spots' names; `known` are those that were
    taken off before, `screen` is the screen's level, and `dims` whether it can be dimmed.
    """
    by_name = {spot.name: spot for spot in seen}
    mirrors_screen = any(one.source == SCREEN for one in found.values())
    after = DIMMED if dims and mirrors_screen else screen
    spots = [
        _mirrored(by_name[name], answer, control.levels, after / screen)
        for name in found
        if name in by_name
    ]
    together = relief.merge(known, spots)
    lamps = relief.solve(together, control, response, limits)
    if lamps is None and after == screen:
        return None
    levels = {**(control.levels if lamps is None else lamps), SCREEN: after}
    return Relief(levels, at, together, tuple(found.values()))


def _mirrored(spot: Spot, answer: Answer, levels: Levels, screen: float) -> Mirrored:
    told = answer.spots[spot.name]
    lamps = {name: told.excess.get(name, 0.0) for name in SIDES if name != SCREEN}
    shares = told.shares
    rest = shares.get(ROOM, 0.0) + screen * shares.get(SCREEN, 0.0)
    if place_of(spot) == "skin":
        # What is behind a head is mirrored by no lens: what seems to be so is noise.
        rest += sum(share for name, share in shares.items() if name not in (*SIDES, ROOM))
    return Mirrored(spot.place, spot.x, spot.y, spot.area, lamps, spot.excess * rest, dict(levels))


Look = Literal["on the way", "gone", "stays"]
"""What has become of spots: the lamps are not there yet, or it cannot be seen yet."""


def look_at_relief(
    going: Relief, taken_under: Levels, at: float, *, there: bool
) -> tuple[Relief, Look]:
    """The relief after a frame, and what has become of the spots; `there` says whether any is
    seen."""
    if going.reached is None:
        near = all(
            abs(taken_under.get(name, level) - level) <= REACHED
            for name, level in going.levels.items()
        )
        reached = at if near or at - going.began > COMES else None
        return replace(going, reached=reached), "on the way"
    for_now = at - going.reached
    going = replace(going, frames=going.frames + 1)
    if going.frames < LEAST_FRAMES or (there and for_now < SHOWS):
        return going, "on the way"
    return going, "stays" if there else "gone"


def go_on(
    going: Relief,
    seen: Sequence[Spot],
    control: Control,
    at: float,
    response: Response,
    limits: Levels,
) -> Relief | None:
    """The levels that follow from what is left of the spots; None where lamps take off no more."""
    if going.goes >= MOST_GOES:
        return None
    spots = relief.look_again(going.spots, seen, control, response, limits)
    lamps = relief.solve(spots, control, response, limits, FURTHER)
    if lamps is None or all(
        abs(level - control.levels[name]) <= REACHED for name, level in lamps.items()
    ):
        return None
    levels = {**lamps, SCREEN: going.levels[SCREEN]}
    return replace(
        going, levels=levels, began=at, spots=spots, goes=going.goes + 1, reached=None, frames=0
    )

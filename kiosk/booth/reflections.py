"""What a light that is mirrored means: for the student, which way to turn; for staff, what to do.

A head that turns by an angle turns what its lenses mirror by twice that, so a few degrees do. Out
of a lamp's sight is away from it: lenses curve, and mirror a lamp where their normal halves the
angle between it and the camera, on the lamp's own side. The fill lamp stands above the camera, the
screen below it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from kiosk.lighting.attribution import ROOM, SCREEN, Answer
from kiosk.pipeline.judge.rules import Way
from kiosk.pipeline.observation import Spot

Place = Literal["lens", "skin"]
"""What mirrors."""

Side = Literal["left", "right", "above", "below"]
"""Where what is mirrored stands; left and right are the picture's, as the lamps' names are."""

EYE = 0.5
"""How far an eye is from the point midway between both, in T."""

BESIDE = 0.1
"""How far beside its eye's middle, in T, a spot lies at least that mirrors what is there."""

WAYS: Mapping[Side, Way] = {
    "left": "turn_left",
    "right": "turn_right",
    "above": "chin_down",
    "below": "chin_up",
}
"""The way out of what stands on a side. The student's own left is the picture's right: who turns
left turns away from what is on the picture's left."""

SIDES: Mapping[str, Side] = {
    "key_left": "left",
    "key_right": "right",
    "fill": "above",
    SCREEN: "below",
}
"""Where each light stands that the booth has before the face."""

LEAST_AREA = 0.01
"""Share of an eye's zone, or of the skin, below which a spot is not worth a lamp's way: a third of
what is asked after."""

SWAPPED = "swapped"
"""The control law's notice that the key lamps are wired the wrong way round."""


class Found(NamedTuple):
    """What was found to be mirrored."""

    place: Place
    source: str
    """A lamp's name, SCREEN, or of the room `room_<side>`."""


def place_of(spot: Spot) -> Place:
    """Whether a spot is on a lens or on skin."""
    return "skin" if spot.place == "skin" else "lens"


def find_sources(
    answer: Answer, spots: Sequence[Spot], notices: Iterable[str] = ()
) -> dict[str, Found]:
    """For each spot by its name, largest first, what it mirrors; the smallest, and those that
    nobody knows, are left out. `notices` are the control law's."""
    found = {}
    for spot in sorted(spots, key=lambda spot: -spot.area):
        told = answer.spots.get(spot.name)
        if told is None or told.source is None or spot.area < LEAST_AREA:
            continue
        source = told.source
        if SWAPPED in notices and source in ("key_left", "key_right"):
            source = "key_right" if source == "key_left" else "key_left"
        # What no lamp before the face gives is the room's, as far as anybody can mend it.
        if source not in SIDES:
            source = f"{ROOM}_{_side_of(spot)}"
        found[spot.name] = Found(place_of(spot), source)
    return found


def way_out(found: Iterable[Found]) -> Way | None:
    """Which way to turn out of the first of what lenses mirror; None where nothing is known.

    Out of a light on either side nobody turns: the chin goes down.
    """
    ways = [WAYS[_side(source)] for place, source in found if place == "lens"]
    if not ways:
        return None
    return "chin_down" if {"turn_left", "turn_right"} <= set(ways) else ways[0]


def _side(source: str) -> Side:
    return SIDES[source] if source in SIDES else _ROOM_SIDES[source]


def _side_of(spot: Spot) -> Side:
    """Where what a spot mirrors stands, by where on the lens it is."""
    eye = {"lens_left": -EYE, "lens_right": EYE}.get(spot.place, 0.0)
    if abs(aside := spot.x - eye) > BESIDE:
        return "left" if aside < 0 else "right"
    return "above" if spot.y <= BESIDE else "below"


_ROOM_SIDES: Mapping[str, Side] = {f"{ROOM}_{side}": side for side in WAYS}

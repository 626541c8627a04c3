"""Attribution on people in the twin: whether each spot that the booth sees gets its true source."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.booth.booth_light import BoothLight
from kiosk.camera.frame import Picture
from kiosk.evaluation.light_truth import TrueLight
from kiosk.evaluation.lit_person import LitPerson
from kiosk.lighting import attribution
from kiosk.pipeline.look.highlights import find_spots
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.observation import Spot
from kiosk.twin.wires import Lighting

STRONG = 0.2
"""Mirrored light from which on a spot truly is a highlight, as a share of its surround's: the booth
takes for one what is 1.2 times as bright as its surround."""


MOST_FRAMES = 15
"""Frames that show the dither within which an answer has to come."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One spot that was asked after."""

    place: str
    """`lens`, of glasses that are truly there, or `skin`."""
    true: frozenset[str]
    """Who is rightly named; empty where the renderer says that nothing is mirrored there."""
    strength: float
    """Mirrored light of the spot, as a share of what its surround has."""
    named: str | None
    """The booth's answer; None where it gave none."""
    frames: int
    """Frames that show the dither, looked at until the answer; up to three more came before."""

    @property
    def counts(self) -> bool:
        """Whether it truly is a highlight: something is mirrored, and strongly enough."""
        return bool(self.true) and self.strength >= STRONG

    @property
    def right(self) -> bool:
        """Whether the answer names the source, in time."""
        return self.named in self.true and self.frames <= MOST_FRAMES


def ask(person: LitPerson, truth: TrueLight, looker: Looker, light: BoothLight) -> list[Asked]:
    """Ask after all spots that are seen on a person, as the light is; it comes back to that.

    `light` is in whose hand lamps and screen are. `looker` has followed the person before, so that
    it knows whether they wear glasses.
    """
    rest, lighting = dict(person.lamps.levels), person.wires.lighting
    if light.screen is not None:
        rest[attribution.SCREEN] = light.screen.level
    question = attribution.begin(rest, tuple(rest), light.response, person.lamps.limits)
    first: tuple[Spot, ...] | None = None
    places: Mapping[str, NDArray[np.float64]] = {}
    while question.answer is None:
        light.set(question.wanted)
        frame = person.next_frame()
        if frame is None:
            continue
        seen = looker.follow(frame.preview, frame.time, asking=True).highlights
        if first is None and seen is not None:
            first, places = seen, _find_places(looker, frame.preview, seen)
        question = attribution.hear(question, seen, light.levels_at(frame.time))
    light.set(rest)
    answer = question.answer
    return [
        _compare(spot, places[spot.name], truth, lighting, answer)
        for spot in first or ()
        if spot.name in places
    ]


def _find_places(
    looker: Looker, picture: Picture, seen: tuple[Spot, ...]
) -> Mapping[str, NDArray[np.float64]]:
    """Where the spots that were seen in a picture have their pixels."""
    mesh = looker.find_mesh(picture)
    if mesh is None:
        return {}
    glasses = any(spot.place != "skin" for spot in seen)
    return find_spots(picture, mesh.points, glasses=glasses, asking=True).places()


def _compare(
    spot: Spot,
    place: NDArray[np.float64],
    truth: TrueLight,
    lighting: Lighting,
    answer: attribution.Answer,
) -> Asked:
    told = answer.spots.get(spot.name)
    return Asked(
        "lens" if truth.glasses and spot.place != "skin" else "skin",
        truth.sources_at(place, lighting.driven, lighting.ambient),
        truth.strength_at(place, lighting.levels),
        None if told is None else told.source,
        answer.frames,
    )

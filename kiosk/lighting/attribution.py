"""Attribution: which light a highlight mirrors, by dithering the lamps unnoticed. Pure.

A question takes MOST_FRAMES frames that show the dither, and before them those that a camera had
under way. Each source is dithered by a few per cent, by codes that are orthogonal to each other and
that together leave the light on the face as it is. `explanation` says what was heard.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

from kiosk.lighting.explanation import Series, SpotSource, explain
from kiosk.lighting.response import ROOM, SCREEN, Levels

__all__ = ["ROOM", "SCREEN", "Answer", "Question", "Spot", "SpotSource", "begin", "hear"]

MOST_FRAMES = 15
"""Frames of a question that show the dither."""

PERIOD = 16
"""Frames after which the codes begin anew."""

DITHER = 0.08
"""Share of its level by which a source is dithered up and down."""

LARGEST = 0.049
"""Most that a level leaves rest: up and down together stay below a tenth of full, from which on
WCAG 2.3.1 counts flashes."""

ENOUGH = 2.0
"""t-value from which on a source is told: noise and who moves may look like a code by chance."""

DITHERED = 0.002
"""How far some level must have left its rest for a frame to show the dither: those that a camera
had under way as it began show only how the spots were."""

MOST_WAITED = 6
"""Frames after which those count that show no dither: nobody's camera has more under way."""

DARK = 0.02
"""Level below which a source is not asked after: it makes no highlight that matters."""


class Spot(Protocol):
    """What is measured of a spot in one frame: `kiosk.pipeline.observation.Spot`."""

    @property
    def name(self) -> str:
        """The same from frame to frame."""
        ...

    @property
    def place(self) -> str:
        """`skin`, or which lens."""
        ...

    @property
    def excess(self) -> float:
        """Linear light above its surround's."""
        ...

    @property
    def around(self) -> float:
        """Linear light of its surround."""
        ...

    @property
    def answer(self) -> float | None:
        """How bright its excess is against the first frame's: 1 is alike; None where cut off."""
        ...

    @property
    def ground(self) -> float:
        """How bright its surround is against the first frame's."""
        ...


class FaceResponse(Protocol):
    """How the lamps light the face: `kiosk.lighting.response.Response`."""

    @property
    def face(self) -> Levels:
        """Linear light of a white card where the face is, per unit of each lamp's level."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What each spot mirrors, by its name."""

    spots: Mapping[str, SpotSource]
    frames: int
    """How many frames it took."""

    @property
    def complete(self) -> bool:
        """Whether every spot's source is told; where not, ask again."""
        return all(spot.source is not None for spot in self.spots.values())

    @property
    def excess(self) -> dict[str, Levels]:
        """For each spot whose source is told, its light per unit of each source's level."""
        return {name: spot.excess for name, spot in self.spots.items() if spot.source is not None}


@dataclass(frozen=True, slots=True)
class _Heard:
    levels: Levels
    spots: Mapping[str, Spot]


@dataclass(frozen=True, slots=True)
class Question:
    """A dither under way. Make one with `begin`."""

    levels: Levels
    """All levels at rest, around which the sources are dithered."""
    sources: tuple[str, ...]
    """What is dithered."""
    weights: Levels
    """Light on the face per unit of each source's level."""
    limits: Levels
    """The most that each source may be set to."""
    heard: tuple[_Heard, ...] = ()
    waited: int = 0
    """How many of those were still taken at rest, before the dither was seen."""
    answer: Answer | None = None
    """What was found; None while the question is under way."""

    @property
    def frames(self) -> int:
        """How many frames were heard that show the dither."""
        return len(self.heard) - self.waited

    @property
    def wanted(self) -> dict[str, float]:
        """All levels for the next frame; those at rest once there is an answer."""
        if self.answer is not None or not self.sources:
            return dict(self.levels)
        return self._with(_dithered(self, len(self.heard) % PERIOD))

    def _with(self, changes: Levels) -> dict[str, float]:
        return {
            name: min(max(level + changes.get(name, 0.0), 0.0), self.limits.get(name, 1.0))
            for name, level in self.levels.items()
        }


def begin(
    levels: Levels,
    sources: Sequence[str],
    response: FaceResponse,
    limits: Levels | None = None,
) -> Question:
    """Begin to ask, from the levels at rest.

    `sources` names the lamps, and the screen where it can be dithered: those of them that are in
    `levels` and not dark take part. `limits` are the most that each may be set to, 1 without.
    """
    lit = tuple(name for name in sources if levels.get(name, 0.0) >= DARK)
    weights = {name: max(response.face.get(name, 0.0), 0.0) for name in lit}
    return Question(dict(levels), lit, weights, dict(limits or {}))


def hear(question: Question, highlights: Sequence[Spot] | None, taken_under: Levels) -> Question:
    """The question after a frame: the spots seen in it, None where none could be measured, and the
    levels that it was taken under."""
    if question.answer is not None:
        return question
    spots = {spot.name: spot for spot in highlights or ()}
    heard = (*question.heard, _Heard(dict(taken_under), spots))
    waits = question.waited == len(question.heard) < MOST_WAITED
    waited = question.waited + int(waits and _rests(question, taken_under))
    question = replace(question, heard=heard, waited=waited)
    if question.frames < MOST_FRAMES:
        return question
    return replace(question, answer=_conclude(question))


def _rests(question: Question, levels: Levels) -> bool:
    """Whether no source has left its rest, of those that are to."""
    changes = [levels.get(n, question.levels[n]) - question.levels[n] for n in question.sources]
    return bool(changes) and max(map(abs, changes)) < DITHERED


# ---- the levels ----

SLOWEST = 2
"""Changes of sign in PERIOD frames of the slowest code: what changes less looks like a drift."""


def _codes() -> list[tuple[int, ...]]:
    """Walsh functions of PERIOD frames, from the slowest on: what changes faster drowns in the time
    that a driver takes to follow, and is seen more by eyes, up to some 10 Hz."""
    walsh = [
        tuple(1 if bin(row & column).count("1") % 2 == 0 else -1 for column in range(PERIOD))
        for row in range(PERIOD)
    ]
    by_changes = sorted(walsh, key=lambda code: sum(a != b for a, b in pairwise(code)))
    return by_changes[SLOWEST:]


CODES = _codes()


def _dithered(question: Question, frame: int) -> dict[str, float]:
    return _balance(
        question,
        {
            name: _reach(question, name, DITHER) * CODES[number % len(CODES)][frame]
            for number, name in enumerate(question.sources)
        },
    )


def _reach(question: Question, name: str, share: float) -> float:
    """How far a source is to leave its level: a share of it, with room left to balance the face."""
    return min(share * question.levels[name], LARGEST)


def _balance(question: Question, changes: Levels) -> dict[str, float]:
    """Changes that leave the face's light as it is: what is amiss is shared by all sources, each as
    it lights the face. None is larger than LARGEST."""
    amiss = sum(question.weights[name] * change for name, change in changes.items())
    lights = {name: question.weights[name] * question.levels[name] for name in changes}
    power = sum(light**2 for light in lights.values())
    balanced = {
        name: change - (amiss * lights[name] * question.levels[name] / power if power > 0 else 0.0)
        for name, change in changes.items()
    }
    most = max(map(abs, balanced.values()))
    scale = min(1.0, LARGEST / most) if most > 0 else 1.0
    return {name: scale * change for name, change in balanced.items()}


# ---- what was heard ----


def _conclude(question: Question) -> Answer:
    names = dict.fromkeys(name for heard in question.heard for name in heard.spots)
    series = [_gather(question, name) for name in names]
    rests = [question.levels[name] for name in question.sources]
    asked = [
        [heard.levels.get(name, question.levels[name]) for name in question.sources]
        for heard in question.heard
    ]
    found = explain(question.sources, rests, asked, series, ENOUGH)
    return Answer({one.name: one for one in found}, question.frames)


def _gather(question: Question, name: str) -> Series:
    seen = [
        (number, answer, spot)
        for number, heard in enumerate(question.heard)
        if (spot := heard.spots.get(name)) is not None
        and (answer := spot.answer) is not None
        and math.isfinite(answer + spot.ground + spot.excess + spot.around)
    ]
    count = max(len(seen), 1)
    return Series(
        name,
        [number for number, _, _ in seen],
        [answer for _, answer, _ in seen],
        [spot.ground for _, _, spot in seen],
        sum(spot.excess for _, _, spot in seen) / count,
        sum(spot.around for _, _, spot in seen) / count,
        skin=any(spot.place == "skin" for _, _, spot in seen),
    )

"""Attribution: which light a highlight mirrors, by dithering the lamps unnoticed. Pure.

A question takes at most MOST_FRAMES frames. In its first step each source is dithered by a few per
cent, by codes that are orthogonal to each other and that together leave the light on the face as
it is. Where that does not tell every spot's source, the sources that are suspected move slowly by
more, and back, while the others take over. `explanation` says what was heard.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

from kiosk.lighting.explanation import ROOM, SCREEN, Series, SpotSource, explain

__all__ = ["ROOM", "SCREEN", "Answer", "Question", "Spot", "SpotSource", "begin", "hear"]

Levels = Mapping[str, float]
"""Each lamp's level, 0 to 1."""

FIRST_STEP, MOST_FRAMES = 8, 15
"""Frames of the first step, and of both."""

DITHER = 0.06
"""Share of its level by which a source is dithered up and down in the first step."""

MOVE = 0.12
"""Share of its level by which a source moves in the second step, slowly."""

LARGEST = 0.049
"""Most that a level leaves rest: up and down together stay below a tenth of full, from which on
WCAG 2.3.1 counts flashes."""

SURE, ENOUGH = 4.0, 2.5
"""t-value from which on a source is told after the first step, and after both. In eight frames a
window's flicker may look like a lamp's code by chance, in fifteen hardly."""

DARK = 0.02
"""Level below which a source is not asked after: it makes no highlight that matters."""


class Spot(Protocol):
    """What is measured of a spot in one frame: `kiosk.pipeline.observation.Spot`."""

    @property
    def name(self) -> str:
        """The same from frame to frame."""
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
    suspects: tuple[str, ...] = ()
    """The sources as the second step moves them, the slowest first."""
    answer: Answer | None = None
    """What was found; None while the question is under way."""

    @property
    def frames(self) -> int:
        """How many frames were heard."""
        return len(self.heard)

    @property
    def wanted(self) -> dict[str, float]:
        """All levels for the next frame; those at rest once there is an answer."""
        if self.answer is not None or not self.sources:
            return dict(self.levels)
        if self.frames < FIRST_STEP:
            return self._with(_dithered(self, self.frames))
        return self._with(_moved(self, self.frames - FIRST_STEP))

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
    question = replace(question, heard=(*question.heard, _Heard(dict(taken_under), spots)))
    if question.frames not in (FIRST_STEP, MOST_FRAMES):
        return question
    found = _conclude(question)
    if question.frames == MOST_FRAMES or found.complete:
        return replace(question, answer=found)
    return replace(question, suspects=_suspects(question, found))


# ---- the levels ----

_WALSH = tuple(
    tuple(1 if bin(row & column).count("1") % 2 == 0 else -1 for column in range(FIRST_STEP))
    for row in range(1, FIRST_STEP)
)


def _codes() -> list[tuple[int, ...]]:
    """Walsh functions of FIRST_STEP frames: first those that change sign in half of the frames.
    Slower ones look like a drift, and faster ones drown in what a driver takes to follow."""
    changes = {code: sum(a != b for a, b in pairwise(code)) for code in _WALSH}
    return sorted(_WALSH, key=lambda code: (abs(changes[code] - FIRST_STEP / 2), -changes[code]))


CODES = _codes()


def _dithered(question: Question, frame: int) -> dict[str, float]:
    return _balance(
        question,
        {
            name: _reach(question, name, DITHER) * CODES[number % len(CODES)][frame]
            for number, name in enumerate(question.sources)
        },
    )


def _moved(question: Question, frame: int) -> dict[str, float]:
    """Slow waves, orthogonal too: halves of a sine, one for the most doubtful source, two for the
    next, and so on."""
    way = math.pi * (frame + 0.5) / (MOST_FRAMES - FIRST_STEP)
    return _balance(
        question,
        {
            name: -_reach(question, name, MOVE) * math.sin(number * way)
            for number, name in enumerate(question.suspects, 1)
        },
    )


def _reach(question: Question, name: str, share: float) -> float:
    """How far a source is to leave its level: a share of it, with room left to balance the face."""
    return min(share * question.levels[name], 0.8 * LARGEST)


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
    least = SURE if question.frames < MOST_FRAMES else ENOUGH
    found = explain(question.sources, rests, asked, series, least)
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
    )


def _suspects(question: Question, found: Answer) -> tuple[str, ...]:
    """The sources, those first that most of the spots whose source is not told may come from."""
    weight = dict.fromkeys(question.sources, 0.0)
    for spot in found.spots.values():
        if spot.source is None:
            for name in question.sources:
                weight[name] += spot.shares.get(name, 0.0)
    return tuple(sorted(question.sources, key=lambda name: -weight[name]))

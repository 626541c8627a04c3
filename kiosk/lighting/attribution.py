"""Attribution: which light a highlight mirrors, by dithering the lamps unnoticed. Pure.

A question takes at most MOST_FRAMES frames. In its first step each source is dithered by a few per
cent, by codes that are orthogonal to each other and to a drift, and that together leave the light
on the face as it is. Where that does not tell a spot's source, the lamp that is suspected moves
slowly by much more, and back, while the others take over.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Levels = Mapping[str, float]
"""Each lamp's level, 0 to 1."""

SCREEN, ROOM = "screen", "room"
"""What is no lamp and mirrored all the same. What no source explains is the room's."""

FIRST_STEP, MOST_FRAMES = 8, 15
"""Frames of the first step, and of both."""

DITHER = 0.05
"""Share of its level by which a source is dithered up and down in the first step."""

MOVE = 0.12
"""Share of its level by which a source moves in the second step, slowly."""

LARGEST = 0.049
"""Most that a level leaves rest: up and down together stay below a tenth of full, from which on
WCAG 2.3.1 counts flashes."""

DARK = 0.02
"""Level below which a source is not asked after: it makes no highlight that matters."""

SURE = 3.0
"""t-value from which on a source is told: odds of some ninety to one."""

LEAST_EXCESS = 0.004
"""Linear light above its surround below which a spot tells nothing."""

NOISE, PRIOR_FRAMES = 0.01, 4.0
"""An answer's usual deviation from frame to frame, and how many frames that knowledge is worth
beside the deviation that is seen: a mesh that wobbles, a sensor's noise."""

SURROUND_DEVIATION, MOST_DEVIATION = 0.15, 0.4
"""How far, as a share, the diffuse light of a spot's own place may differ from its surround's; and
how much of the excess that may make at most."""


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
class SpotSource:
    """What a spot mirrors."""

    name: str
    """The spot's."""
    source: str | None
    """A lamp's name, SCREEN or ROOM: what most of it comes from. None: cannot be told."""
    sure: float
    """t-value of that source against the best explanation without it."""
    shares: Levels
    """Share of the spot's excess that comes from each source, the room among them; together 1."""
    excess: Levels
    """Linear light of the spot above its surround's, per unit of each source's level."""


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
            name: DITHER * question.levels[name] * CODES[number % len(CODES)][frame]
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
            name: -MOVE * question.levels[name] * math.sin(number * way)
            for number, name in enumerate(question.suspects, 1)
        },
    )


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


def _suspects(question: Question, found: Answer) -> tuple[str, ...]:
    """The sources, those first that most of the spots whose source is not told may come from."""
    weight = dict.fromkeys(question.sources, 0.0)
    for spot in found.spots.values():
        if spot.source is None:
            for name in question.sources:
                weight[name] += spot.shares.get(name, 0.0)
    return tuple(sorted(question.sources, key=lambda name: -weight[name]))


def _conclude(question: Question) -> Answer:
    names = dict.fromkeys(name for heard in question.heard for name in heard.spots)
    series = [_gather(question, name) for name in names]
    told = [one for one in series if one is not None]
    rests = np.array([question.levels[name] for name in question.sources])
    asked = np.array([[at.levels.get(s, 0.0) for s in question.sources] for at in question.heard])
    inertia = min(INERTIA, key=lambda share: _misfit(told, _follow(asked, rests, share)))
    levels = _follow(asked, rests, inertia)
    spots = {name: SpotSource(name, None, 0.0, {}, {}) for name in names}
    spots |= {one.name: _attribute(question.sources, one, levels[one.frames]) for one in told}
    return Answer(spots, question.frames)


@dataclass(frozen=True, slots=True, eq=False)
class _Series:
    """What was measured of one spot."""

    name: str
    frames: NDArray[np.intp]
    """In which frames, counted from the question's first."""
    answers: NDArray[np.float64]
    """How bright it was there; their mean is 1."""
    grounds: NDArray[np.float64]
    """How bright its surround was, less the mean."""
    excess: float
    contrast: float
    """The surround's light over the excess."""


def _gather(question: Question, name: str) -> _Series | None:
    """A spot's measures; None where there are too few to tell anything."""
    seen = [
        (number, spot.answer, spot)
        for number, heard in enumerate(question.heard)
        if (spot := heard.spots.get(name)) is not None and spot.answer is not None
    ]
    if len(seen) < FIRST_STEP // 2:
        return None
    excess = float(np.mean([spot.excess for _, _, spot in seen]))
    answers = np.array([answer for _, answer, _ in seen], np.float64)
    if excess < LEAST_EXCESS or not np.isfinite(answers).all() or answers.mean() <= 0:
        return None
    grounds = np.array([spot.ground for _, _, spot in seen], np.float64)
    around = float(np.mean([spot.around for _, _, spot in seen]))
    frames = np.array([number for number, _, _ in seen])
    return _Series(
        name, frames, answers / answers.mean(), grounds - grounds.mean(), excess, around / excess
    )


INERTIA = (0.0, 0.2, 0.35, 0.5, 0.65)
"""Shares of a change that may still be missing a frame after it: drivers take some 50 ms to follow,
and frames come every 33 to 125 ms."""


def _follow(
    asked: NDArray[np.float64], rests: NDArray[np.float64], inertia: float
) -> NDArray[np.float64]:
    """The levels (frames x sources) that lamps have which come from their rest, and of which this
    share of a change is still missing a frame later."""
    given, at = np.empty_like(asked), rests
    for number, levels in enumerate(asked):
        at = inertia * at + (1 - inertia) * levels
        given[number] = at
    return given


def _misfit(series: Sequence[_Series], levels: NDArray[np.float64]) -> float:
    """How badly all spots together are explained by any shares of all levels."""
    total = 0.0
    for one in series:
        moves = levels[one.frames]
        plain = np.column_stack([np.ones(len(moves)), np.linspace(-1, 1, len(moves)), moves])
        for seen in (one.answers, one.grounds):
            left = seen - plain @ np.linalg.lstsq(plain, seen, rcond=1e-6)[0]
            total += len(moves) * math.log(float(left @ left) + 1e-9)
    return total


def _attribute(sources: tuple[str, ...], one: _Series, levels: NDArray[np.float64]) -> SpotSource:
    """What a spot mirrors, from the levels (frames x sources) under which it was measured."""
    mean = levels.mean(0)
    moves = (levels - mean) / np.maximum(mean, 1e-6)
    fits = _explain(sources, moves, one)
    best = min(fits, key=lambda fit: fit.cost)
    shares = {s: best.shares.get(s, 0.0) for s in sources}
    shares[ROOM] = max(1 - sum(shares.values()), 0.0)
    main = max(shares, key=lambda s: shares[s])
    rivals = [fit.cost for fit in fits if fit.part(main) < PART]
    sure = math.sqrt(max(min(rivals, default=math.inf) - best.cost, 0.0))
    per_level = {
        s: shares[s] * one.excess / float(mean[n]) if mean[n] > 0 else 0.0
        for n, s in enumerate(sources)
    }
    return SpotSource(one.name, main if sure >= SURE else None, sure, shares, per_level)


PART = 0.25
"""Share of its light that a spot has at least from what is told to be its source."""

PENALTY = 5.0
"""How much better an explanation must be for each share that it is free to choose: what the share's
being anything from 0 to 1 costs in odds, where it is told to some 0.03 (Schwarz's criterion)."""

MOST_SOURCES = 3
"""Sources that mirror in one spot at most."""


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """One explanation of a spot."""

    shares: Mapping[str, float]
    """Of the spot's excess, from each lamp that takes part."""
    cost: float
    """Sum of squares of what is left, in deviations, and PENALTY for each free share."""

    def part(self, source: str) -> float:
        """Share that comes from a source by this explanation, the room among them."""
        return 1 - sum(self.shares.values()) if source == ROOM else self.shares.get(source, 0.0)


def _explain(sources: tuple[str, ...], moves: NDArray[np.float64], one: _Series) -> list[_Fit]:
    """Every explanation by none to MOST_SOURCES sources with shares of 0 to 1, the room's included.

    `moves` (frames x sources) are the levels' changes as shares of their means.
    """
    frames, answers = len(one.answers), one.answers
    drift = np.linspace(-1, 1, frames)
    surround = one.grounds * min(one.contrast * SURROUND_DEVIATION, MOST_DEVIATION)
    nuisance = np.column_stack([np.ones(frames), drift, surround])
    full = np.column_stack([nuisance, moves])
    left = answers - full @ np.linalg.lstsq(full, answers, rcond=None)[0]
    spare = max(frames - int(np.linalg.matrix_rank(full, tol=1e-3)), 0)
    deviation = math.sqrt((PRIOR_FRAMES * NOISE**2 + float(left @ left)) / (PRIOR_FRAMES + spare))
    fits = []
    for many in range(min(MOST_SOURCES, len(sources)) + 1):
        for chosen in combinations(range(len(sources)), many):
            for closed in (False, True) if many else (False,):
                fit = _fit(nuisance, moves[:, list(chosen)], answers, deviation, closed=closed)
                if fit is not None:
                    shares = {sources[n]: s for n, s in zip(chosen, fit[0], strict=True)}
                    fits.append(_Fit(shares, fit[1] + PENALTY * (many - closed)))
    return fits


def _fit(
    nuisance: NDArray[np.float64],
    moves: NDArray[np.float64],
    answers: NDArray[np.float64],
    deviation: float,
    *,
    closed: bool,
) -> tuple[list[float], float] | None:
    """Shares of some sources and the misfit; None where they are not shares.

    `closed` says that the room has no part in it: the shares' sum is 1.
    """
    tie = np.zeros(nuisance.shape[1] + moves.shape[1])
    tie[2] = 1.0
    base = np.zeros_like(answers)
    if closed:
        base, moves = moves[:, -1], moves[:, :-1] - moves[:, -1:]
        tie = tie[:-1]
    rows = np.vstack([np.column_stack([nuisance, moves]) / deviation, tie])
    target = np.append((answers - base) / deviation, 0.0)
    solved = np.linalg.lstsq(rows, target, rcond=None)[0]
    shares = solved[nuisance.shape[1] :].tolist()
    if closed:
        shares.append(1 - sum(shares))
    if any(share < 0 for share in shares) or sum(shares) > 1 + 1e-9:
        return None
    missed = rows @ solved - target
    return shares, float(missed @ missed)

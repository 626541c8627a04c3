"""Explanation: how a spot's answers to dithered lamps are explained best, how sure that is. Pure.

Every way in which one to three sources, with or without the room, may share in a spot is fitted to
how bright the spot was from frame to frame, against how its surround answered and against a drift.
The best is weighed against the best of those in which its main source has no part.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kiosk.lighting.response import ROOM, SCREEN

"""Where that comes from which no source explains; the source that is no lamp."""

LEAST_EXCESS = 0.004
"""Linear light above its surround below which a spot tells nothing."""

NOISE, PRIOR_FRAMES = 0.007, 4.0
"""An answer's usual deviation from frame to frame, and how many frames that knowledge is worth
beside the deviation that is seen: a mesh that wobbles, a sensor's noise."""

SURROUND_DEVIATION, MOST_DEVIATION = 0.15, 0.4
"""How far, as a share, the diffuse light of a spot's own place may differ from its surround's; and
how much of the excess that may make at most."""

UNSTEADY = 0.06
"""Unexplained deviation of a spot's answers from which on its source is not told: as much as the
dithers themselves, by who moves or what flickers."""

LEAST_FRAMES = 6
"""Frames below which a spot's answers tell nothing."""

LEAST_MOVE = 0.004
"""Deviation of a source's level, as a share of it, below which nothing can have answered it."""

PART = 0.25
"""Share of its light that a spot has at least from what is told to be its source."""

PENALTY = 4.0
"""How much better an explanation must be for each share that it is free to choose: its being
anything from 0 to 1 where it is told to some 0.05 (as Schwarz's criterion has it)."""

MOST_SOURCES = 3
"""Sources that mirror in one spot at most."""

INERTIA = (0.0, 0.2, 0.35, 0.5, 0.65)
"""Shares of a change that may still be missing a frame after it: drivers take some 50 ms to follow,
and frames come every 33 to 125 ms."""

FORM = 0.3
"""Diffuse light that a spot's place on skin has above its surround's, as a share of that: what is
taken for a spot is often a bright form too. Dithers that leave the face as it is leave that as it
is, as they do the room's light; so much is not counted for the room."""

MOST_FORM = 0.7
"""Share of a spot's light at most that is taken for such."""

Field = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SpotSource:
    """What a spot mirrors."""

    name: str
    """The spot's."""
    source: str | None
    """A lamp's name, SCREEN or ROOM: what most of it comes from. None: cannot be told."""
    sure: float
    """t-value of that source against the best explanation without it."""
    shares: Mapping[str, float]
    """Share of the spot's excess that comes from each source, the room among them; together 1."""
    excess: Mapping[str, float]
    """Linear light of the spot above its surround's, per unit of each source's level."""


@dataclass(frozen=True, slots=True)
class Series:
    """What was measured of one spot, in the frames in which it could be."""

    name: str
    frames: Sequence[int]
    """In which, counted from the question's first."""
    answers: Sequence[float]
    """How bright its excess was."""
    grounds: Sequence[float]
    """How bright its surround was."""
    excess: float
    """Mean light above the surround's, linear."""
    around: float
    """The surround's."""
    skin: bool = False
    """Whether it is on skin."""

    @property
    def form(self) -> float:
        """Share of its excess that is taken for diffuse light."""
        return min(FORM * self.around / self.excess, MOST_FORM) if self.skin else 0.0

    @property
    def tells(self) -> bool:
        """Whether it can be explained at all."""
        return len(self.frames) >= LEAST_FRAMES and self.excess >= LEAST_EXCESS


def explain(
    sources: Sequence[str],
    rests: Sequence[float],
    asked: Sequence[Sequence[float]],
    series: Sequence[Series],
    least: float,
) -> list[SpotSource]:
    """What each spot mirrors.

    `rests` are the sources' levels before the first frame, `asked` (frames x sources) those that
    each frame was taken under, `least` the t-value from which on a source is told.
    """
    telling = [one for one in series if one.tells]
    levels = np.asarray(asked, np.float64).reshape(len(asked), len(sources))
    known = np.asarray(rests, np.float64)
    levels = np.where(np.isfinite(levels), levels, known)
    # A screen is drawn at once, and only its panel knows how it follows.
    screen = np.array([name == SCREEN for name in sources])
    tried = [
        _follow(levels, known, np.where(screen, other, share))
        for share in INERTIA
        for other in ({0.0, share} if screen.any() else {share})
    ]
    given = min(tried, key=lambda levels: _misfit(telling, levels))
    return [
        _attribute(sources, one, given[list(one.frames)], least)
        if one.tells
        else SpotSource(one.name, None, 0.0, {}, {})
        for one in series
    ]


def _follow(asked: Field, rests: Field, inertia: Field) -> Field:
    """The levels (frames x sources) that sources have which come from their rest, and of each of
    which this share of a change is still missing a frame later."""
    given, at = np.empty_like(asked), rests
    for number, levels in enumerate(asked):
        at = inertia * at + (1 - inertia) * levels
        given[number] = at
    return given


def _misfit(series: Sequence[Series], levels: Field) -> float:
    """How badly all spots together are explained by any shares of all levels: their deviations'
    logarithms, summed over frames."""
    total = 0.0
    for one in series:
        moves = levels[list(one.frames)]
        plain = np.column_stack([np.ones(len(moves)), np.linspace(-1, 1, len(moves)), moves])
        seen = np.array([one.answers, one.grounds]).T
        left = seen - plain @ np.linalg.lstsq(plain, seen, rcond=1e-6)[0]
        total += len(moves) * float(np.log((left**2).sum(0) + 1e-9).sum())
    return total


def _attribute(sources: Sequence[str], one: Series, levels: Field, least: float) -> SpotSource:
    mean = levels.mean(0)
    moves = (levels - mean) / np.maximum(mean, 1e-6)
    fits = _explain(sources, moves, one)
    best = min(fits, key=lambda fit: fit.cost)
    shares = {name: best.part(name) for name in (*sources, ROOM)}
    main = max(shares, key=lambda name: best.mirrored(name, one.form))
    rivals = [fit.cost for fit in fits if fit.mirrored(main, one.form) < PART]
    sure = math.sqrt(max(min(rivals, default=math.inf) - best.cost, 0.0))
    excess = {
        name: shares[name] * one.excess / level if level > 0 else 0.0
        for name, level in zip(sources, mean.tolist(), strict=True)
    }
    told = sure >= least and best.deviation <= UNSTEADY
    return SpotSource(one.name, main if told else None, sure, shares, excess)


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """One explanation of a spot."""

    shares: Mapping[str, float]
    """Of the spot's excess, from each lamp that takes part."""
    cost: float
    """Twice the negative logarithm of how likely it is, but for a constant."""
    deviation: float
    """What it leaves of the answers unexplained, root mean square."""

    def part(self, source: str) -> float:
        """Share that comes from a source by this explanation, the room among them."""
        return 1 - sum(self.shares.values()) if source == ROOM else self.shares.get(source, 0.0)

    def mirrored(self, source: str, form: float) -> float:
        """Share of what is mirrored that comes from a source, if `form` of the spot's light is
        none: it looks like the room's."""
        taken = form if source == ROOM else 0.0
        return max(self.part(source) - taken, 0.0) / (1 - form)


def _explain(sources: Sequence[str], moves: Field, one: Series) -> list[_Fit]:
    """Every explanation by none to MOST_SOURCES sources with shares of 0 to 1, the room's included.

    `moves` (frames x sources) are the levels' changes as shares of their means.
    """
    frames = len(one.frames)
    answers = np.array(one.answers) / max(float(np.mean(one.answers)), 1e-6)
    drift = np.linspace(-1, 1, frames)
    ground = np.array(one.grounds) - float(np.mean(one.grounds))
    surround = ground * min(one.around / one.excess * SURROUND_DEVIATION, MOST_DEVIATION)
    nuisance = np.column_stack([np.ones(frames), drift, surround])
    moved = [n for n in range(len(sources)) if moves[:, n].std() >= LEAST_MOVE]
    fits = []
    for many in range(min(MOST_SOURCES, len(moved)) + 1):
        for chosen in combinations(moved, many):
            for closed in (False, True) if many else (False,):
                fit = _fit(nuisance, moves[:, list(chosen)], answers, closed=closed)
                if fit is not None:
                    shares = {sources[n]: s for n, s in zip(chosen, fit[0], strict=True)}
                    left = NOISE * math.sqrt(fit[1] / frames)
                    fits.append(_Fit(shares, _cost(fit[1], frames, many - closed), left))
    return fits


def _cost(misfit: float, frames: int, free: int) -> float:
    """Student's: the deviation is not known, but as likely as NOISE and PRIOR_FRAMES say."""
    return (PRIOR_FRAMES + frames - 2) * math.log(PRIOR_FRAMES + misfit) + PENALTY * free


def _fit(
    nuisance: Field,
    moves: Field,
    answers: Field,
    *,
    closed: bool,
) -> tuple[list[float], float] | None:
    """Shares of some sources and the misfit, in NOISE squared; None where they are not shares.

    `closed` says that the room has no part in it: the shares' sum is 1.
    """
    tie = np.zeros(nuisance.shape[1] + moves.shape[1])
    tie[2] = 1.0
    base = np.zeros_like(answers)
    if closed:
        base, moves = moves[:, -1], moves[:, :-1] - moves[:, -1:]
        tie = tie[:-1]
    rows = np.vstack([np.column_stack([nuisance, moves]) / NOISE, tie])
    target = np.append((answers - base) / NOISE, 0.0)
    solved = np.linalg.lstsq(rows, target, rcond=None)[0]
    shares = solved[nuisance.shape[1] :].tolist()
    if closed:
        shares.append(1 - sum(shares))
    if any(share < 0 for share in shares) or sum(shares) > 1 + 1e-9:
        return None
    missed = rows @ solved - target
    return shares, float(missed @ missed)

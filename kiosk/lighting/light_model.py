"""What each source of light really does to a few places, learnt frame by frame from their light.

A place's light is a sum over sources of effect times level. The effects are unknown but for what
calibration tells, and are estimated by a Kalman filter over them: recursive least squares with the
calibrated effects as its prior. What may be off is told by factors that touch many effects at once
(a skin, a lamp's strength, the room's light), so that a place that nobody sees, a white card at the
face, is learnt by what is seen of the others. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CHEEKS, BACKDROP, CARD = slice(0, 2), 2, 3
"""The places. All but the card are seen."""

DRIFT = 0.015
"""Share of what is doubted at first by which effects may wander in a frame: clouds, LEDs that warm
up, heads that turn."""

LAMP_CHANGE, ROOM_CHANGE = 0.5, 0.7
"""Share by which a lamp's light, and the room's, may have changed when something has."""

WINDOW_TO_CARD = 0.3
"""Light of a window on a card that faces the lens, for that on a cheek that is turned to it, less
what the other has."""

OWN_NOISE = 0.008
"""A place's own deviation from frame to frame, as a share of its light: sensor, mesh, mien."""

COMMON_NOISE = 0.02
"""The deviation that all places share: banding, exposure."""

UNDER_WAY = 0.25
"""Share of the light's change from one frame to the next by which it may be off meanwhile: drivers
rise as they like, and a frame's time is known to some milliseconds."""

CALM = 0.4
"""Share of that doubt which is left a frame later."""

SURPRISE = 20.0
"""Squared deviations from which on something has changed: by chance one frame in 5,000 (chi-square
of three places)."""

FADING = 0.97
"""Share of what spoke for a model that still counts a frame later."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """How far effects may be off those calibrated, as standard deviations."""

    skin: float
    """Of what the skin gives back, as a share, once a frame was seen."""
    lamp: float
    """Of one lamp's strength, as a share."""
    form: float
    """Of one lamp's light on a cheek, as a share of the lamp's largest effect on either."""
    cloth: float
    """Of one lamp's light on the backdrop, as a share."""
    room: float
    """Of the room's light as a whole, as a share."""
    window: float
    """Of the room's light on a cheek, as a share of all light there."""


@dataclass(frozen=True, slots=True)
class LightModel:
    """What is known of the effects. Sources are in one order, the room last."""

    prior: Array
    """Places × sources: the effects that were calibrated."""
    mean: Array
    """Places × sources: the effects as they seem to be."""
    doubted: Array
    """Their covariance before anything was seen, place by place: (places * sources) squared."""
    spread: Array
    """Their covariance now."""
    before: Array | None = None
    """The levels that the last frame was taken under."""
    under_way: Array | None = None
    """By how much each place's light may be off since the levels are changing."""
    fit: float = 0.0
    """Logarithm of how likely all that was seen is, the past fading."""
    surprised: float = CARD
    """Squared deviations of late, the past fading: as many as there are places that are seen where
    frames are what the model expects."""

    def light(self, levels: Array) -> Array:
        """Each seen place's light under these levels."""
        return np.asarray(self.mean[:CARD] @ levels)

    def strength(self, source: int) -> tuple[float, float]:
        """What a source gives both cheeks together, of what was calibrated, and how far that may
        be off (a standard deviation)."""
        whole = max(float(self.prior[CHEEKS, source].sum()), 1e-9)
        at = source + np.arange(2) * self.prior.shape[1]
        variance = float(self.spread[np.ix_(at, at)].sum())
        return float(self.mean[CHEEKS, source].sum()) / whole, max(variance, 0.0) ** 0.5 / whole


def expect(prior: Array, doubt: Doubt, levels: Array, albedo: float) -> LightModel:
    """Before anything was seen: what was calibrated, with its doubt.

    `prior` is places × sources, its cheeks those of a skin that gives back `albedo`; `levels` are
    about those in use, by which the room's share is reckoned.
    """
    sources = prior.shape[1]
    skin = np.zeros_like(prior)
    skin[CHEEKS] = doubt.skin * prior[CHEEKS]
    factors = [skin]
    for source in range(sources):
        share = doubt.lamp if source < sources - 1 else doubt.room
        factor = np.zeros_like(prior)
        factor[:, source] = share * prior[:, source]
        factors.append(factor)
    largest = doubt.form * prior[CHEEKS, :-1].max(0)
    light = float(prior[CHEEKS].mean(0) @ levels)
    for cheek in (0, 1):
        for source in range(sources - 1):
            factor = np.zeros_like(prior)
            factor[cheek, source] = largest[source]
            factors.append(factor)
        window = np.zeros_like(prior)
        window[cheek, -1] = doubt.window * light
        window[CARD, -1] = doubt.window * light / albedo * WINDOW_TO_CARD
        factors.append(window)
    for source in range(sources):
        factor = np.zeros_like(prior)
        factor[BACKDROP, source] = doubt.cloth * prior[BACKDROP, source]
        factors.append(factor)
    flat = np.array(factors).reshape(len(factors), -1)
    spread = flat.T @ flat
    return LightModel(prior, prior.copy(), spread, spread)


def learn(model: LightModel, light: Array, levels: Array, noise: float = OWN_NOISE) -> LightModel:
    """The model after a frame: each seen place's light, and the levels it was taken under."""
    seen = len(light)
    expected = model.light(levels)
    scale = np.maximum(np.maximum(light, expected), 1e-6)
    moved = np.zeros(seen) if model.before is None else model.mean[:seen] @ (levels - model.before)
    left = np.zeros(seen) if model.under_way is None else CALM * model.under_way
    under_way = np.maximum(np.abs(moved), left)
    deviation = np.diag((noise * scale) ** 2 + (UNDER_WAY * under_way) ** 2)
    deviation += np.outer(scale, scale) * COMMON_NOISE**2
    effects = np.zeros((seen, model.mean.size))
    for place in range(seen):
        effects[place, place * len(levels) : (place + 1) * len(levels)] = levels
    spread = model.spread + DRIFT**2 * model.doubted
    off = light - expected
    certain = effects @ spread @ effects.T + deviation
    surprise = float(off @ np.linalg.solve(certain, off))
    fit = -0.5 * min(surprise, 2 * SURPRISE) - 0.5 * float(np.linalg.slogdet(certain)[1])
    if surprise > SURPRISE:
        spread = spread + _change(model, off, certain, effects)
        certain = effects @ spread @ effects.T + deviation
    gain = np.linalg.solve(certain, effects @ spread).T
    mean = (model.mean.ravel() + gain @ off).reshape(model.mean.shape)
    kept = np.eye(len(spread)) - gain @ effects
    spread = kept @ spread @ kept.T + gain @ deviation @ gain.T
    return replace(
        model,
        mean=np.maximum(mean, 0.0),  # no source takes light away
        spread=spread,
        before=levels,
        under_way=under_way,
        fit=FADING * model.fit + fit,
        surprised=FADING * model.surprised + (1 - FADING) * min(surprise, 2 * SURPRISE),
    )


def _change(model: LightModel, off: Array, certain: Array, effects: Array) -> Array:
    """The doubt after a surprise: that of each thing that may have changed, by how well it explains
    what was seen."""
    places, sources = model.mean.shape
    changes = []
    for source in range(sources - 1):
        factor = np.zeros_like(model.mean)
        factor[:, source] = LAMP_CHANGE * model.mean[:, source]
        changes.append(np.outer(factor.ravel(), factor.ravel()))
    of_room = np.tile(np.arange(sources) == sources - 1, places)
    room = np.where(np.outer(of_room, of_room), model.doubted, 0.0)
    changes.append(room)
    changes.append(model.doubted)
    likely = []
    for change in changes:
        tried = certain + effects @ change @ effects.T
        likely.append(-0.5 * (off @ np.linalg.solve(tried, off) + np.linalg.slogdet(tried)[1]))
    weights = np.exp(np.array(likely) - max(likely))
    weights /= weights.sum()
    return np.asarray(sum(w * change for w, change in zip(weights, changes, strict=True)))


def order(names: Sequence[str], levels: "dict[str, float]") -> Array:
    """Levels in the order of a model's sources, the room's 1 last; who is missing is dark."""
    return np.array([levels.get(name, 0.0) for name in names] + [1.0])

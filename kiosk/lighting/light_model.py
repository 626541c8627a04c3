"""What each source of light really does to a few places, learnt frame by frame from their light.

A place's light is a sum over sources of effect times level. The effects are unknown but for what
calibration tells, and are estimated by a Kalman filter over them: recursive least squares with the
calibrated effects as its prior, with noise that is alike at all places apart from each place's own,
and which takes its effects for changed when it sees what it cannot explain. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ROOM_DRIFT = 0.004
"""Share of a place's light by which the room's may wander in a frame: clouds."""

LAMP_DRIFT = 0.003
"""Share of a lamp's effect by which it may wander in a frame: LEDs warm up, heads turn."""

ROOM_CHANGE, LAMP_CHANGE = 0.5, 0.5
"""Share of a place's light, and of a lamp's effect, by which they may have changed when something
has: a lamp that goes out, a blind that is drawn."""

OWN_NOISE = 0.008
"""A place's own deviation from frame to frame, as a share of its light: sensor, mesh, mien."""

COMMON_NOISE = 0.03
"""The deviation that all places share: banding, exposure, a head that nods."""

UNDER_WAY = 0.6
"""Share of the light's change from one frame to the next by which it may be off meanwhile: drivers
rise as they like, and a frame's time is known to some milliseconds."""

CALM = 0.4
"""Share of that doubt which is left a frame later."""

SURPRISE = 20.0
"""Squared deviations from which on something has changed: by chance one frame in 20,000 (chi-square
of two places)."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """How far effects may be off those calibrated, as standard deviations."""

    all_lamps: float
    """Of all lamps together, as a share."""
    lamp: float
    """Of one lamp at all places, as a share."""
    effect: float
    """Of one lamp at one place, as a share of the lamp's largest effect on any."""
    room: float
    """Of the room's light at one place, as a share of all light there."""


@dataclass(frozen=True, slots=True)
class LightModel:
    """What is known of the effects. Sources are in one order, the room last."""

    prior: Array
    """Places × sources: the effects that were calibrated."""
    mean: Array
    """Places × sources: the effects as they seem to be."""
    spread: Array
    """Their covariance, place by place: (places * sources) squared."""
    before: Array | None = None
    """The levels that the last frame was taken under."""
    under_way: Array | None = None
    """By how much each place's light may be off since the levels are changing."""
    fit: float = 0.0
    """Logarithm of how likely all that was seen is, the past fading."""

    def light(self, levels: Array) -> Array:
        """Each place's light under these levels."""
        return np.asarray(self.mean @ levels)

    def strength(self, source: int) -> tuple[float, float]:
        """What a source gives at all places together, of what was calibrated, and how far that may
        be off (a standard deviation).
        """
        places, sources = self.prior.shape
        chosen = np.arange(places) * sources + source
        whole = max(float(self.prior[:, source].sum()), 1e-9)
        variance = float(self.spread[np.ix_(chosen, chosen)].sum())
        return float(self.mean[:, source].sum()) / whole, max(variance, 0.0) ** 0.5 / whole


def expect(prior: Array, doubt: Doubt, levels: Array) -> LightModel:
    """Before anything was seen: what was calibrated, with its doubt. `levels` are about those in
    use, by which the room's share is reckoned.
    """
    places, sources = prior.shape
    lamps = prior.copy()
    lamps[:, -1] = 0.0
    flat = lamps.ravel()
    same_lamp = np.kron(np.ones((places, places)), np.eye(sources))
    spread = np.outer(flat, flat) * (doubt.all_lamps**2 + doubt.lamp**2 * same_lamp)
    own = doubt.effect * _largest(lamps)
    own[:, -1] = doubt.room * (prior @ levels)
    return LightModel(prior, prior.copy(), spread + np.diag(own.ravel() ** 2))


def learn(model: LightModel, light: Array, levels: Array, noise: float = OWN_NOISE) -> LightModel:
    """The model after a frame: each place's light, and the levels it was taken under."""
    places = len(light)
    expected = model.light(levels)
    scale = np.maximum(np.maximum(light, expected), 1e-6)
    moved = np.zeros(places) if model.before is None else model.mean @ (levels - model.before)
    left = np.zeros(places) if model.under_way is None else CALM * model.under_way
    under_way = np.maximum(np.abs(moved), left)
    deviation = np.diag((noise * scale) ** 2 + (UNDER_WAY * under_way) ** 2)
    deviation += np.outer(scale, scale) * COMMON_NOISE**2
    effects = np.kron(np.eye(places), levels[None])
    spread = model.spread + np.diag(_drift(model, scale, ROOM_DRIFT, LAMP_DRIFT))
    off = light - expected
    certain = effects @ spread @ effects.T + deviation
    surprise = float(off @ np.linalg.solve(certain, off))
    fit = -0.5 * min(surprise, 2 * SURPRISE) - 0.5 * float(np.linalg.slogdet(certain)[1])
    if surprise > SURPRISE:
        spread = spread + np.diag(_drift(model, scale, ROOM_CHANGE, LAMP_CHANGE))
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
        fit=0.97 * model.fit + fit,
    )


def _drift(model: LightModel, scale: Array, room: float, lamp: float) -> Array:
    """The variances by which effects may wander."""
    wander = lamp * _largest(model.prior)
    wander[:, -1] = room * scale
    return np.asarray(wander.ravel() ** 2)


def _largest(effects: Array) -> Array:
    """Each source's largest effect on any place, as a share of all effects there, at each place:
    so that a dark skin beside a light backdrop is doubted as a light one is."""
    whole = np.maximum(effects.sum(1, keepdims=True), 1e-9)
    return np.asarray(whole * (effects / whole).max(0))


def order(names: Sequence[str], levels: "dict[str, float]") -> Array:
    """Levels in the order of a model's sources, the room's 1 last; who is missing is dark."""
    return np.array([levels.get(name, 0.0) for name in names] + [1.0])

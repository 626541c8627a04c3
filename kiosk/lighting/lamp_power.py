"""What each lamp still gives, as the backdrop tells it: no skin can accuse a lamp. Pure.

The backdrop's light is a sum over lamps of what was calibrated times the lamp's level times the
share of its light that it still gives, and the room's. The shares are learnt by a Kalman filter of
their own, apart from all that is seen of a face: how skin scatters and mirrors is known of nobody,
and a lamp that seems weak on one cheek may only meet a cheek that mirrors less.
"""

from dataclasses import dataclass, replace

import numpy as np

from kiosk.lighting.light_model import CALM, UNDER_WAY, Array

LAMP_OFF, ROOM_OFF = 0.3, 0.8
"""Share by which a lamp of the face, and the room, may be off what was calibrated: a fault is
told from wear by what is seen, not by what is expected."""

BACKDROP_OFF = 0.07
"""The same of a lamp that stands still all the time: it could be any of the others' fault."""

NOISE = 0.006
"""Deviation from frame to frame of the backdrop's light, as a share of it."""

DRIFT = 0.01
"""Share of what is doubted at first by which shares may wander in a frame."""

SURPRISE = 20.0
"""Squared deviations from which on something has changed, and all is as doubtful as at first."""


@dataclass(frozen=True, slots=True)
class LampPower:
    """What is known of the shares. Sources are in one order, the room last."""

    backdrop: Array
    """Each source's light on the backdrop at full level, as calibrated."""
    shares: Array
    """What each gives of it."""
    doubted: Array
    """Their covariance at first."""
    spread: Array
    """Their covariance now."""
    before: Array | None = None
    """The levels that the last frame was taken under."""
    under_way: float = 0.0
    """By how much the light may be off since the levels are changing."""

    def share(self, source: int) -> tuple[float, float]:
        """The share of a source, and how far it may be off (a standard deviation)."""
        return float(self.shares[source]), float(self.spread[source, source]) ** 0.5


def expect_power(backdrop: Array, known: Array, moves: Array) -> LampPower:
    """Before anything was seen: `backdrop` as calibrated, `known` the shares so far, and whether
    each of the lamps is moved."""
    off = np.append(np.where(moves, LAMP_OFF, BACKDROP_OFF), ROOM_OFF)
    doubted = np.diag(off**2)
    return LampPower(backdrop, np.append(known, 1.0), doubted, doubted)


def learn_power(power: LampPower, light: float, levels: Array) -> LampPower:
    """What is known after a frame: the backdrop's light, and the levels it was taken under."""
    effects = levels * power.backdrop
    moved = (
        0.0
        if power.before is None
        else abs(float((levels - power.before) @ (power.backdrop * power.shares)))
    )
    under_way = max(moved, CALM * power.under_way)
    variance = (NOISE * light) ** 2 + (UNDER_WAY * under_way) ** 2
    spread = power.spread + DRIFT**2 * power.doubted
    off = light - float(effects @ power.shares)
    certain = float(effects @ spread @ effects) + variance
    if off**2 > SURPRISE * certain:
        spread = spread + power.doubted
        certain = float(effects @ spread @ effects) + variance
    gain = spread @ effects / certain
    return replace(
        power,
        shares=np.maximum(power.shares + gain * off, 0.0),
        spread=spread - np.outer(gain, effects @ spread),
        before=levels,
        under_way=under_way,
    )

"""What a calibration measures of each lamp: its light on card and backdrop, curve and lag. Pure."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.lighting.curve import LINEAR, Curve
from kiosk.pipeline.light import luminance
from kiosk.pipeline.look.backdrop_light import measure_backdrop
from kiosk.upkeep.measures import card_patch

PLACES = ("card", "left", "right")
"""Where light is measured: the card where the face will be, and the backdrop left and right of
whoever comes (`backdrop_light`)."""

CLIPPED, CLIPPED_SHARE = 250, 0.005
"""Code from which on a channel may be clipped, and the share of a place that may be."""

STEPS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
"""Duty cycles at which each lamp is measured."""

ROUGH = 0.005
"""Share of the full light by which points may be off a smooth curve, root mean square; beyond, the
points themselves are the curve."""

DARK = 0.004
"""Light at full level, of all places together, up to which a lamp gives none: noise and codes."""

LEAST_RISE = 1e-4
"""Light by which a curve rises at least from point to point, so that it can be turned round."""

LONGEST_LAG, LAG_STEP = 0.4, 0.002
"""Seconds: the largest lag that is looked for, and how finely."""

TOLD_SIDE = 0.03
"""Logarithm of the backdrop's left by its right light, of one key lamp's less that of the other,
below which it does not say which is which. Keys as hardware.md has them differ by some 0.33."""

Lights = NDArray[np.float64]
"""Mean linear luminance of each of PLACES, in their order."""


class LampFit(NamedTuple):
    """What was found of one lamp."""

    curve: Curve
    """Duty cycle to share of its light."""
    full: Mapping[str, float]
    """What it adds at full level in each of PLACES, in linear luminance."""
    residual: float
    """How far the points are off that, root mean square, as a share of its brightest place."""


@dataclass(frozen=True, slots=True)
class StepSeen:
    """One frame after a step of a lamp."""

    time: float
    """`Frame.time`, s."""
    light: float


def place_lights(picture: Picture) -> Lights:
    """The mean linear luminance of each of PLACES."""
    card = float(luminance(card_patch(picture)).mean())
    return np.array([card, *measure_backdrop(picture)])


def is_place_clipped(picture: Picture) -> bool:
    """Whether light is lost on the card or the backdrop, in any channel."""
    upper = picture[: round(0.35 * len(picture)) : 2, ::2]
    parts = (card_patch(picture), upper)
    return any(float((part.max(2) >= CLIPPED).mean()) > CLIPPED_SHARE for part in parts)


def fit_lamp(duties: Sequence[float], added: Sequence[Lights]) -> LampFit:
    """Find a lamp's curve, and its light at full level, from what it adds at duty cycles above 0.

    Light is separable: at each place what it has at full level, times the curve. The curve is a
    cubic through (0, 0) and (1, 1) where that describes the points, and else the points, made to
    rise (by pooling adjacent violators). Raises ValueError where the lamp gives no light, or a
    value is not finite.
    """
    x, lights = np.asarray(duties, float), np.asarray(added, float)
    if not (np.isfinite(x).all() and np.isfinite(lights).all()):
        raise ValueError("what was measured of it is not finite")
    total = lights.sum(1)
    if total[x.argmax()] <= DARK * x.max():
        raise ValueError("it gives no light")
    curve = _fit_curve(x, total)
    share = np.array([curve.light_of(duty) for duty in x])
    full = share @ lights / (share @ share)
    residual = float(np.sqrt(((lights - share[:, None] * full) ** 2).mean()) / full.max())
    return LampFit(
        curve, {n: max(float(v), 0.0) for n, v in zip(PLACES, full, strict=True)}, residual
    )


def _fit_curve(x: NDArray[np.float64], total: NDArray[np.float64]) -> Curve:
    top = x.max()
    bend = x * (1 - x)
    # A limit that keeps a lamp low leaves too little of the curve to bend it by.
    terms = [x, bend, bend * x] if top > 0.6 and len(x) >= 5 else [x]
    factors, *_ = np.linalg.lstsq(np.stack(terms, 1), total, rcond=None)
    whole = float(factors[0])
    grid = np.linspace(0, 1, 11)
    a, b = (factors[1:] / whole).tolist() if len(terms) > 1 else (0.0, 0.0)
    smooth = grid + grid * (1 - grid) * (a + b * grid)
    off = float(np.sqrt(((np.stack(terms, 1) @ factors - total) ** 2).mean()) / whole)
    if off <= ROUGH and (np.diff(smooth) > LEAST_RISE).all():
        if np.abs(smooth - grid).max() <= ROUGH:
            return LINEAR
        points = zip(grid[1:-1].tolist(), smooth[1:-1].tolist(), strict=True)
        return Curve.through([(round(d, 4), round(v, 5)) for d, v in points])
    order = x.argsort()
    whole = float(total[order[-1]] / top)
    return _rising_points(x[order], total[order] / whole)


def _rising_points(x: NDArray[np.float64], share: NDArray[np.float64]) -> Curve:
    """A curve through points by rising duty cycle, of which neighbours that fall are averaged."""
    pooled: list[tuple[float, int]] = []
    for value in share.tolist():
        pooled.append((value, 1))
        while len(pooled) > 1 and pooled[-2][0] >= pooled[-1][0]:
            (one, n), (other, m) = pooled[-2:]
            pooled[-2:] = [((one * n + other * m) / (n + m), n + m)]
    level = [value for value, count in pooled for _ in range(count)]
    points: list[tuple[float, float]] = []
    last = 0.0
    for number, (duty, value) in enumerate(zip(x.tolist(), level, strict=True)):
        left = (len(level) - number) * LEAST_RISE
        last = min(max(value, last + LEAST_RISE), 1 - left)
        if duty < 1:
            points.append((duty, last))
    return Curve.through(points)


def fit_lag(
    seen: Sequence[StepSeen], level_at: Callable[[float], float], curve: Curve
) -> tuple[float, float]:
    """Find by how many seconds frames show a lamp's steps later than their time says.

    `level_at` tells the duty cycle at a time, as the lamps remember it. Returns the lag, 0 to
    LONGEST_LAG, at which light is most nearly linear in what the lamp should have given, and the
    share of the light's variance that this leaves. A driver that rises slowly counts as one that
    is late by its time constant. Raises ValueError where nothing is seen to change.
    """
    light = np.array([each.light for each in seen])
    if len(light) < 4 or not np.isfinite(light).all() or light.std() <= 1e-3 * abs(light.mean()):
        raise ValueError("no change of the light is seen")
    best = (math.inf, 0.0)
    for lag in np.arange(0.0, LONGEST_LAG + LAG_STEP / 2, LAG_STEP).tolist():
        given = np.array([curve.light_of(level_at(each.time - lag)) for each in seen])
        if given.std() == 0:
            continue
        left = 1 - float(np.corrcoef(given, light)[0, 1]) ** 2
        best = min(best, (left, lag))
    if math.isinf(best[0]):
        raise ValueError("no change of the light is seen")
    # All lags between two frames explain them alike: the middle is the likeliest.
    return best[1], best[0]


def side_of(full: Mapping[str, float]) -> float:
    """Which side of the backdrop a lamp lights more: above 0 the picture's left, as a logarithm."""
    return math.log(max(full["left"], 1e-6) / max(full["right"], 1e-6))


def are_keys_crossed(left: float, right: float) -> bool | None:
    """Whether `key_left` lights the right and `key_right` the left; None where that is not seen.

    `left` and `right` are what `side_of` says of them.
    """
    apart = left - right
    return None if abs(apart) < TOLD_SIDE else apart < 0

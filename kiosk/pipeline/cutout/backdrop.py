"""What the backdrop looks like behind the person: by a plate of the empty booth, or by itself.

A plate is never quite what stands behind a person, who keeps light off the backdrop and throws some
onto it; so it is fitted, smoothly, to what can still be seen of the backdrop beside them. Without a
plate the backdrop is what smoothly continues that.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.pipeline.cutout.push_pull import extend_smoothly
from kiosk.pipeline.light import Linear
from kiosk.pipeline.mask import Mask

SURFACE_STEP = 8
"""Pixels, along each side, of what counts as one place of the backdrop: it has no finer forms."""

LEAST_SEEN = 0.01
"""Share of a picture in which backdrop alone has to be seen before anything is said of it."""

STRAY_DEVIATIONS = 3.0
"""Standard deviations beyond which a pixel beside the person does not show the backdrop: a stray
hair, or a thing."""

SAMPLED = 7
"""Of so many pixels that show the backdrop one is looked at where only a median is asked for."""

DEVIATION_PER_MEDIAN = 1.4826
"""A normal distribution's standard deviation over its median distance from the mean."""

LEAST_PLATE_DEVIATION, LEAST_GUESS_DEVIATION = 0.005, 0.012
"""Least standard deviation of a backdrop, as a share of its light: with a plate, whose 8-bit codes
leave that much, and without one, where the backdrop's own forms are unknown."""

MOST_PLATE_MISFIT = 0.12
"""How far a plate may be from what is seen, as a share of the light: the median over the pixels,
after each channel was given one gain. A plate of another place or set-up is further off."""


@dataclass(frozen=True, slots=True)
class Backdrop:
    """Linear light behind the person: height × width × 3."""

    mean: Linear
    variance: Linear
    """Noise, and how far the backdrop is from being smooth."""
    by_plate: bool
    """Whether its forms are known, and not only guessed from beside the person."""


def fit_backdrop(seen: Linear, outside: Mask, plate: Linear | None) -> Backdrop | None:
    """Fit the backdrop to a picture in linear light, of which only `outside` surely shows it.

    None where too little of it can be seen. A plate that is not of this backdrop is not used.
    """
    if outside.mean() < LEAST_SEEN:
        return None
    if plate is not None and not _shows_backdrop(plate, seen, outside):
        plate = None
    one = np.ones_like(seen)
    base = one if plate is None else np.maximum(plate, np.float32(1e-3)).astype(np.float32)
    ratio: Linear = seen / base
    clean = outside
    for _ in range(2):
        smooth = _continue_smoothly(ratio, clean)
        off = np.abs(ratio - smooth)
        # The median passes over stray hairs, which are not the backdrop's unevenness.
        deviation = DEVIATION_PER_MEDIAN * np.median(off[clean][::SAMPLED], axis=0)
        fewer = outside & (off < STRAY_DEVIATIONS * deviation).all(2)
        if fewer.mean() < LEAST_SEEN:
            break
        clean = fewer
    mean = base * smooth
    least = LEAST_GUESS_DEVIATION if plate is None else LEAST_PLATE_DEVIATION
    variance = np.square(base * deviation) + np.square(least * mean) + np.float32(1e-6)
    return Backdrop(mean, variance, plate is not None)


def _shows_backdrop(plate: Linear, seen: Linear, outside: Mask) -> bool:
    """Whether a plate shows the backdrop that is seen `outside`, whatever the lamps do."""
    if plate.shape != seen.shape:
        return False
    sampled, there = seen[outside][::SAMPLED], plate[outside][::SAMPLED]
    ratio = np.log(np.maximum(sampled, 1e-3) / np.maximum(there, 1e-3))
    return bool(np.median(np.abs(ratio - np.median(ratio, axis=0)).max(1)) < MOST_PLATE_MISFIT)


def _continue_smoothly(values: Linear, where: Mask) -> Linear:
    """Continue what is known `where` smoothly over the whole picture."""
    height, width = where.shape
    small = -(-width // SURFACE_STEP), -(-height // SURFACE_STEP)
    weight = where.astype(np.float32)
    moments = np.dstack([weight, values * weight[..., None]])
    places = np.asarray(cv2.resize(moments, small, interpolation=cv2.INTER_AREA), np.float32)
    known = places[..., :1]
    there = known[..., 0] > 0
    means: Linear = (places[..., 1:] / np.maximum(known, 1e-6)).astype(np.float32)
    whole = extend_smoothly(means, there)
    return np.asarray(cv2.resize(whole, (width, height)), np.float32).reshape(values.shape)

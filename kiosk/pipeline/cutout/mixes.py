"""Bayesian matting before a known backdrop: what each pixel is a mix of, and how surely.

A pixel is a mix, seen = alpha * person + (1 - alpha) * backdrop. The backdrop is known; of the
person it is known how colours are spread nearby, where only the person is; of alpha, what a network
thinks. The likeliest alpha and colour follow from Gaussians (Chuang, Curless, Salesin, Szeliski: "A
Bayesian approach to digital matting", CVPR 2001).
"""

from dataclasses import dataclass

import numpy as np

from kiosk.pipeline.cutout.colours import ColourSpread
from kiosk.pipeline.cutout.symmetric import (
    Scalars,
    Symmetric,
    Vectors,
    add_diagonal,
    dot,
    invert,
    multiply,
    outer,
)

ALPHA_ROUNDS = 3
"""Alpha says how much of the person's spread is in a pixel, and so is found again and again; after
three times it moves by less than a hundredth."""

WHOLE_PREFERENCE = 8.0
"""How much likelier it is beforehand that a pixel is the person alone, or the backdrop alone, than
a mix: twice a logarithm. With values from 4 to 11 the sum of the errors on the twin's people
differs by three parts in a hundred."""

CAUTION = 2.0
"""By how much the logarithms of likelihoods are divided before they are weighed: what misleads a
pixel misleads its neighbours too, since a JPEG and a lens share errors out."""

RIM_FADE = 0.6
"""How much less of the backdrop's light a pixel's person has where they fill it."""

LEAST_SPREAD_ALPHA = 0.02
"""Alpha below which the person's spread is taken as if it were this: a pixel without any person
must have a variance too."""

LEAST_VARIANCE = 1e-4
"""Variance that alpha keeps, however sure it seems: 0.01 squared."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen of n pixels, and of the backdrop behind them; each 3 × n."""

    light: Vectors
    backdrop: Vectors
    noise: Vectors
    """The variance of their difference."""
    shade: float
    """Standard deviation of the backdrop's brightness, as a share of it."""

    def part(self, which: slice) -> "Seen":
        """Some of the pixels."""
        return Seen(self.light[:, which], self.backdrop[:, which], self.noise[:, which], self.shade)


@dataclass(frozen=True, slots=True)
class Mixes:
    """What n pixels are made of."""

    alpha: Scalars
    precision: Scalars
    """One over alpha's variance."""
    deviance: Scalars
    """Twice the negative logarithm of how likely what is seen was, but for a constant."""


def solve_mixes(seen: Seen, person: ColourSpread, expected: Scalars, pull: Scalars) -> Mixes:
    """Find alpha of n pixels; `expected` and `pull` are its mean and precision beforehand.

    Three ways are weighed against one another: a mix, the person alone, the backdrop alone.
    """
    bulk, away = person.mean - seen.backdrop, seen.light - seen.backdrop
    shades = outer(seen.backdrop) * np.float32(seen.shade**2)

    def spread(alpha: Scalars) -> tuple[Symmetric, Scalars]:
        return invert(_mix_covariance(person, shades, seen.noise, alpha))

    alpha = expected
    for _ in range(ALPHA_ROUNDS):
        inverse, _ = spread(alpha)
        toward = bulk + (1 - np.float32(RIM_FADE) * alpha) * person.rim
        along = multiply(inverse, toward)
        alpha = ((dot(along, away) + expected * pull) / (dot(along, toward) + pull)).clip(0, 1)
    inverse, determinants = spread(alpha)
    toward = bulk + (1 - np.float32(RIM_FADE) * alpha) * person.rim
    variance = 1 / (dot(multiply(inverse, toward), toward) + pull)
    mixed = _deviance(away - alpha * toward, inverse, determinants) + (alpha - expected) ** 2 * pull
    alone = _deviance(seen.light - person.mean, *spread(np.ones_like(alpha)))
    alone += (1 - expected) ** 2 * pull - np.float32(WHOLE_PREFERENCE)
    add_diagonal(shades, seen.noise)
    empty = _deviance(away, *invert(shades))
    empty += expected**2 * pull - np.float32(WHOLE_PREFERENCE)
    ways = np.stack([mixed, alone, empty])
    least = ways.min(0)
    weights = np.exp((least - ways) / np.float32(2 * CAUTION))
    total = weights.sum(0)
    mix, whole, none = weights / total
    mean = alpha * mix + whole
    variance = mix * (variance + (alpha - mean) ** 2) + whole * (1 - mean) ** 2 + none * mean**2
    return Mixes(
        np.asarray(mean, np.float32),
        np.asarray(1 / (variance + LEAST_VARIANCE), np.float32),
        np.asarray(least - 2 * np.log(total), np.float32),
    )


def solve_colours(seen: Seen, person: ColourSpread, alpha: Scalars) -> Vectors:
    """Find the person's likeliest own colour in n pixels, of which they are a share alpha."""
    covariance = person.covariance * np.square(alpha)
    add_diagonal(covariance, seen.noise)
    inverse, _ = invert(covariance)
    mean = person.mean + (1 - np.float32(RIM_FADE) * alpha) * person.rim
    off = seen.light - alpha * mean - (1 - alpha) * seen.backdrop
    moved = multiply(person.covariance, multiply(inverse, off))
    return np.asarray((mean + alpha * moved).clip(0, None), np.float32)


def _mix_covariance(
    person: ColourSpread, shades: Symmetric, noise: Vectors, alpha: Scalars
) -> Symmetric:
    """The covariance of a mix of which the person is a share alpha."""
    share = np.square(np.maximum(alpha, np.float32(LEAST_SPREAD_ALPHA)))
    covariance = person.covariance * share + shades * np.square(1 - alpha)
    add_diagonal(covariance, noise)
    return np.asarray(covariance, np.float32)


def _deviance(off: Vectors, inverse: Symmetric, determinants: Scalars) -> Scalars:
    return dot(multiply(inverse, off), off) + np.log(determinants)

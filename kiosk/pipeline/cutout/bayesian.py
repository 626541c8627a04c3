"""Bayesian matting before a known backdrop: alpha, and the person's own colour, pixel by pixel.

A pixel is a mix, seen = alpha * person + (1 - alpha) * backdrop. The backdrop is known; of the
person it is known how colours are spread nearby, where only the person is; of alpha, what a network
thinks. The likeliest alpha and colour follow from Gaussians (Chuang, Curless, Salesin, Szeliski: "A
Bayesian approach to digital matting", CVPR 2001), here for any number of channels: a picture has
three, a picture with the backdrop's lamp on and one with it off have six.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.mask import Mask

Channels = NDArray[np.float32]
"""Height × width × channels, linear light."""

ALPHA_ROUNDS = 3
"""Alpha says how much of the person's spread is in a pixel, and so is found again and again; after
three times it moves by less than a hundredth."""

PLACE_SIDE = 2
"""Pixels, along each side, of what counts as one place when colours nearby are gathered."""

TRUSTED_SHARE = 0.05
"""Share of a place that has to be sure before its own colours count, and not those around it."""

WHOLE_PREFERENCE = 8.0
"""How much likelier it is beforehand that a pixel is the person alone, or the backdrop alone, than
a mix: twice a logarithm. With values from 4 to 11 the sum of the errors on the twin's people
differs by three parts in a hundred."""

LEAST_SPREAD_ALPHA = 0.02
"""Alpha below which the person's spread is taken as if it were this: a pixel without any person
must have a variance too."""


_Matrices = NDArray[np.float32]
"""Pixels × channels × channels."""


@dataclass(frozen=True, slots=True)
class ColourSpread:
    """How the person's colours are spread around some pixels."""

    mean: NDArray[np.float32]
    """Pixels × channels."""
    covariance: NDArray[np.float32]
    """Pixels × channels × channels."""


def gather_spread(seen: Channels, sure: Mask, where: Mask) -> ColourSpread:
    """Gather how the colours of the nearest `sure` pixels are spread, for each pixel of `where`."""
    height, width, channels = seen.shape
    rows, columns = np.triu_indices(channels)
    weight = sure.astype(np.float32)[..., None]
    size = (-(-width // PLACE_SIDE), -(-height // PLACE_SIDE))
    weighed = np.concatenate([weight, seen * weight], axis=2)
    places = np.asarray(cv2.resize(weighed, size, interpolation=cv2.INTER_AREA), np.float32)
    share = places[..., :1]
    own = places[..., 1:] / np.maximum(share, np.float32(1e-6))
    squares = own[..., rows] * own[..., columns] * share
    gathered = _push_pull(np.concatenate([places, squares], axis=2).astype(np.float32))
    near = np.asarray(cv2.resize(gathered, (width, height)), np.float32)[where]
    mean = near[:, :channels]
    covariance = np.empty((len(near), channels, channels), np.float32)
    square = near[:, channels:] - mean[:, rows] * mean[:, columns]
    covariance[:, rows, columns] = covariance[:, columns, rows] = square
    diagonal = np.arange(channels)
    # What rounding leaves of a difference of squares may be below 0.
    covariance[:, diagonal, diagonal] = np.maximum(covariance[:, diagonal, diagonal], 0)
    return ColourSpread(mean, covariance)


def extend_smoothly(values: Channels, sure: Mask) -> Channels:
    """Continue the values of `sure` pixels, smoothly, into all others."""
    weight = sure.astype(np.float32)[..., None]
    return _push_pull(np.concatenate([weight, values * weight], axis=2))


def _push_pull(moments: Channels) -> Channels:
    """Push and pull: means over ever larger places, each used where no smaller one is known.

    `moments` (H × W × 1 + n) are weights, and n values times their weight; the means are H × W × n.
    """
    levels = [moments]
    while min(levels[-1].shape[:2]) > 2:
        levels.append(np.asarray(cv2.pyrDown(levels[-1]), np.float32))
    mean: Channels | None = None
    for level in reversed(levels):
        weight = level[..., :1]
        own = level[..., 1:] / np.maximum(weight, 1e-6)
        if mean is None:
            total = max(float(weight.sum()), 1e-6)
            mean = np.broadcast_to(level[..., 1:].sum((0, 1)) / total, own.shape)
        else:
            size = (level.shape[1], level.shape[0])
            mean = np.asarray(cv2.pyrUp(mean, dstsize=size), np.float32).reshape(own.shape)
        trust = np.minimum(weight / TRUSTED_SHARE, 1)
        mean = own * trust + mean * (1 - trust)
    return np.asarray(mean, np.float32)


@dataclass(frozen=True, slots=True)
class PixelMixes:
    """What pixels are made of."""

    alpha: NDArray[np.float32]
    """Pixels."""
    colour: NDArray[np.float32]
    """Pixels × channels: the person's own."""


def solve_pixels(
    seen: NDArray[np.float32],
    backdrop: NDArray[np.float32],
    noise: NDArray[np.float32],
    person: ColourSpread,
    prior: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> PixelMixes:
    """Find the likeliest alpha and colour of n pixels.

    `seen` and `backdrop` are n × channels; so is `noise`, the variance of their difference. `prior`
    is alpha's mean and standard deviation in each.
    """
    expected, deviation = prior
    pull = 1 / np.square(deviation)
    toward, away = person.mean - backdrop, seen - backdrop
    sides = np.stack([toward, away], axis=2)
    alpha = expected
    for _ in range(ALPHA_ROUNDS):
        solved = np.linalg.solve(_mix_covariance(person, alpha, noise), sides)
        along = np.einsum("nk,nks->ns", toward, solved)
        alpha = ((along[:, 1] + expected * pull) / (along[:, 0] + pull)).clip(0, 1)
    rest = solved[..., 1] - alpha[:, None] * solved[..., 0]
    colour = person.mean + alpha[:, None] * np.einsum("njk,nk->nj", person.covariance, rest)
    # Most pixels that could be the person alone, or the backdrop alone, are: both are weighed
    # against the mix.
    mixed = _deviance(away - alpha[:, None] * toward, _mix_covariance(person, alpha, noise))
    alone = _deviance(seen - person.mean, _mix_covariance(person, np.ones_like(alpha), noise))
    empty = (np.square(away) / noise + np.log(noise)).sum(1)
    ways = np.stack([mixed, alone - WHOLE_PREFERENCE, empty - WHOLE_PREFERENCE])
    weights = np.exp((ways.min(0) - ways) / 2)
    share, whole, _ = weights / weights.sum(0)
    alpha = alpha * share + whole
    colour = colour * (1 - whole)[:, None] + seen * whole[:, None]
    return PixelMixes(alpha.astype(np.float32), colour.clip(0, None).astype(np.float32))


def _mix_covariance(
    person: ColourSpread, alpha: NDArray[np.float32], noise: NDArray[np.float32]
) -> _Matrices:
    """The covariance of a mix of which the person is a share alpha."""
    variance = person.covariance * np.square(np.maximum(alpha, LEAST_SPREAD_ALPHA))[:, None, None]
    diagonal = np.arange(noise.shape[1])
    variance[:, diagonal, diagonal] += noise
    return variance


def _deviance(off: NDArray[np.float32], variance: _Matrices) -> NDArray[np.float32]:
    """Twice the negative logarithm of a Gaussian's density, but for a constant."""
    solved = np.linalg.solve(variance, off[..., None])[..., 0]
    return np.asarray((off * solved).sum(1) + np.linalg.slogdet(variance)[1], np.float32)

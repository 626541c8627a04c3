"""The cut-out: alpha and the person's own colours, from all that is known of a picture.

Always known: the picture, and what MODNet thinks of it. Where the booth took them, also a plate of
the empty booth under the same light, and a second picture and plate with the backdrop's lamp out.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.cutout.backdrop import Backdrop, fit_backdrop
from kiosk.pipeline.cutout.bayesian import (
    ColourSpread,
    PixelMixes,
    extend_smoothly,
    gather_spread,
    solve_pixels,
)
from kiosk.pipeline.light import Linear
from kiosk.pipeline.mask import Mask, SoftMask

ESTIMATES = (
    0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0,
)  # fmt: skip
TRUE_MEANS = (
    0.0, 0.008, 0.02, 0.06, 0.14, 0.26, 0.40, 0.52, 0.67, 0.78, 0.90, 0.98, 0.995, 1.0, 1.0,
)  # fmt: skip
TRUE_DEVIATIONS = (
    0.06, 0.09, 0.14, 0.2, 0.3, 0.4, 0.44, 0.44, 0.4, 0.34, 0.26, 0.14, 0.08, 0.05, 0.04,
)  # fmt: skip
"""What alpha truly is where MODNet says ESTIMATES: its mean, and its standard deviation. MODNet's
edges are softer than true ones. The means are of the twin's twelve people at 480 × 640; the
deviations are twice what was seen there, for other people than these."""

SURE_PERSON, SURE_BACKDROP = 0.95, 0.02
"""What MODNet says of what is surely the person, or surely none of them."""

INSIDE_DEPTH, OUTSIDE_DEPTH = 2, 8
"""How far, in pixels at 640 rows, such a pixel lies from any that is less sure."""

LEAST_DISTANCE = 3.0
"""Squared distance from the backdrop, in its variances and averaged over channels and a spot, from
which on something stands before it. Noise alone stays below 2.5 in all but one pixel of 10,000."""

CLEAR_DISTANCE = 11.0
"""The same where it is so clear that MODNet's word against it counts little."""

MOST_GAP_DIFFERENCE = 0.05
"""Share of the backdrop's light by which a pixel is off at most where there is nothing before it,
though MODNet takes it for the person: a gap in hair. Behind a person the backdrop is only guessed,
to two or three parts in a hundred; a shirt in its own blue is off by fifteen."""

LEAST_GAP_AREA = 9
"""Pixels at 640 rows × rows that a gap has at least."""

DOUBT_DEVIATION = 0.5
"""Standard deviation of alpha where MODNet and the plate contradict each other."""

PASSES = 2
"""The second time more is surely the person, up to their edge: a collar in the backdrop's colour
needs that."""

SPOT_DEVIATION = 0.8
"""Standard deviation, in pixels, of the spot over which these distances are averaged."""

SHADE_SPREAD, GLOSS_SPREAD, GRAIN_SPREAD, LEAST_SPREAD = 0.15, 0.01, 0.03, 0.003
"""Least spread of the person's colours: of brightness and of each channel, as shares of the colour;
of colourless gloss and of everything, in linear light. What is seen nearby can be too uniform."""

THREADS = 4
"""Threads that share the open pixels; what comes out does not depend on their number."""

BRIDGE_REACH = 2
"""Pixels around each strand within which its next piece must begin."""

NEGLIGIBLE_ALPHA = 0.015
"""Alpha that is taken as 0; what is as little short of 1 is taken as 1. No eye tells them apart,
and noise is not to be mixed into plain backgrounds."""


@dataclass(frozen=True, slots=True)
class View:
    """One picture of the person in linear light, and the plate that belongs to it, if any."""

    seen: Linear
    plate: Linear | None


@dataclass(frozen=True, slots=True)
class Cutout:
    """The person, cut out."""

    alpha: SoftMask
    colour: Linear
    """The person's own, wherever alpha is above 0; where it is 1 the picture's, to the bit."""
    by: tuple[str, ...]
    """What told it: `plate`, `lamp pair`, or `picture` where nothing but the picture did."""


def cut_out(estimate: SoftMask, face: Mask, views: tuple[View, ...]) -> Cutout:
    """Cut the person out of the first view.

    `estimate` is MODNet's alpha of it; within `face` alpha is 1. Further views show the same person
    at the same place under other light.
    """
    scale = estimate.shape[0] / 640
    outside = _shrink(estimate < SURE_BACKDROP, OUTSIDE_DEPTH * scale)
    inside = _shrink(estimate > SURE_PERSON, INSIDE_DEPTH * scale) | face
    known = _fit_backdrops(views, outside)
    if not known:
        alpha = np.where(
            inside, np.float32(1), _snap_alpha(np.interp(estimate, ESTIMATES, TRUE_MEANS))
        )
        return Cutout(alpha, _nearest_colour(views[0].seen, inside, alpha), ())
    expected = np.interp(estimate, ESTIMATES, TRUE_MEANS).astype(np.float32)
    deviation = np.interp(estimate, ESTIMATES, TRUE_DEVIATIONS).astype(np.float32)
    off = _backdrop_distance(known)
    something = _joined_to(off > LEAST_DISTANCE, estimate > 0.5, 1)
    clear = np.clip((off - LEAST_DISTANCE) / (CLEAR_DISTANCE - LEAST_DISTANCE), 0, 1) * something
    deviation = np.maximum(deviation, DOUBT_DEVIATION * clear)
    if known[0][1].by_plate:
        gaps = _find_gaps(known[0], inside & ~face, scale)
        inside &= ~gaps
        deviation = np.maximum(deviation, DOUBT_DEVIATION * gaps)
    open_ = ~inside & (something | (estimate > 0.3) | (deviation >= DOUBT_DEVIATION))
    alpha, colour = _solve_open_pixels(known, inside, open_, (expected, deviation))
    return Cutout(alpha, colour, tuple(_evidence_used(known)))


def _evidence_used(known: list[tuple[Linear, Backdrop]]) -> list[str]:
    first = "plate" if known[0][1].by_plate else "picture"
    return [first, "lamp pair"] if len(known) > 1 else [first]


def _fit_backdrops(views: tuple[View, ...], outside: Mask) -> list[tuple[Linear, Backdrop]]:
    """Each view that can be used, with the backdrop behind it; none where there is no first."""
    known: list[tuple[Linear, Backdrop]] = []
    for view in views:
        found = fit_backdrop(view.seen, outside, view.plate)
        if found is None:
            break
        known.append((view.seen, found))
    return known


def _backdrop_distance(known: list[tuple[Linear, Backdrop]]) -> NDArray[np.float32]:
    """How far each pixel of the first view is from the backdrop."""
    seen, found = known[0]
    off = (np.square(seen - found.mean) / found.variance).mean(2)
    return np.asarray(cv2.GaussianBlur(off, (0, 0), SPOT_DEVIATION), np.float32)


def _joined_to(something: Mask, person: Mask, reach: int) -> Mask:
    """What hangs together with the person over gaps of twice `reach`, and as far around it."""
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    either = cv2.dilate((something | person).astype(np.uint8), kernel)
    _, labels = cv2.connectedComponents(either, connectivity=8)
    theirs = np.zeros(int(labels.max()) + 1, bool)
    theirs[np.unique(labels[person])] = True
    theirs[0] = False
    return np.asarray(theirs[labels], np.bool_)


def _find_gaps(known: tuple[Linear, Backdrop], inside: Mask, scale: float) -> Mask:
    """Where the backdrop shows through what MODNet takes for the person."""
    seen, found = known
    off = cv2.GaussianBlur(np.abs(seen - found.mean) / found.mean, (0, 0), SPOT_DEVIATION).max(2)
    same = (inside & (off < MOST_GAP_DIFFERENCE)).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(same, connectivity=4)
    large = stats[:, cv2.CC_STAT_AREA] >= LEAST_GAP_AREA * scale**2
    large[0] = False
    if count < 2 or not large.any():
        return np.zeros_like(inside)
    return np.asarray(cv2.dilate(large[labels].astype(np.uint8), np.ones((5, 5))) > 0) & inside


def _solve_open_pixels(
    known: list[tuple[Linear, Backdrop]],
    inside: Mask,
    open_: Mask,
    prior: tuple[SoftMask, SoftMask],
) -> tuple[SoftMask, Linear]:
    """Solve alpha and colour of the `open_` pixels; all others are person or backdrop alone."""
    first = known[0][0]
    seen = np.dstack([view for view, _ in known])
    mean = np.dstack([found.mean for _, found in known])
    variance = np.dstack([found.variance for _, found in known])
    alpha, colour = inside.astype(np.float32), first.copy()
    sure, asked = inside, open_
    for _ in range(PASSES):
        person = _with_least_spread(gather_spread(seen, sure, asked))
        expected = prior[0][asked], prior[1][asked]
        mixed = _solve_in_threads(seen[asked], mean[asked], variance[asked], person, expected)
        alpha[asked] = _snap_alpha(mixed.alpha)
        colour[asked] = mixed.colour[:, :3]
        # Where nothing of the person was found, more of them elsewhere changes nothing.
        sure, asked = inside | _shrink(alpha == 1, 1), asked & (alpha > 0)
    # What is left of a strand that has faded away before it reaches the head would float.
    alpha[~_joined_to(alpha > 0, inside, BRIDGE_REACH)] = 0
    whole = alpha == 1
    colour[whole] = first[whole]
    return alpha, colour


def _solve_in_threads(
    seen: NDArray[np.float32],
    backdrop: NDArray[np.float32],
    noise: NDArray[np.float32],
    person: ColourSpread,
    prior: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> PixelMixes:
    """Solve on all cores: each pixel is solved by itself, and numpy lets other threads work."""

    def part(rows: slice) -> PixelMixes:
        own = ColourSpread(person.mean[rows], person.covariance[rows])
        first, second = prior
        return solve_pixels(
            seen[rows], backdrop[rows], noise[rows], own, (first[rows], second[rows])
        )

    step = max(-(-len(seen) // THREADS), 1)
    with ThreadPoolExecutor(THREADS) as threads:
        parts = list(threads.map(part, (slice(i, i + step) for i in range(0, len(seen), step))))
    if not parts:
        return PixelMixes(np.empty(0, np.float32), np.empty_like(seen))
    return PixelMixes(
        np.concatenate([p.alpha for p in parts]), np.concatenate([p.colour for p in parts])
    )


def _with_least_spread(person: ColourSpread) -> ColourSpread:
    """The spread, widened to the least that any person's colours have."""
    channels = person.mean.shape[1]
    covariance = person.covariance.copy()
    diagonal = np.arange(channels)
    covariance[:, diagonal, diagonal] += np.square(GRAIN_SPREAD * person.mean) + LEAST_SPREAD**2
    for first in range(0, channels, 3):
        part = slice(first, first + 3)
        colour = person.mean[:, part]
        covariance[:, part, part] += SHADE_SPREAD**2 * colour[:, :, None] * colour[:, None, :] + (
            np.float32(GLOSS_SPREAD**2 / 3)
        )
    return ColourSpread(person.mean, covariance)


def _nearest_colour(seen: Linear, inside: Mask, alpha: SoftMask) -> Linear:
    """The picture's colour where the person is whole, and the nearest such colour elsewhere."""
    return np.where(alpha[..., None] == 1, seen, extend_smoothly(seen, inside))


def _snap_alpha(alpha: NDArray[np.floating]) -> SoftMask:
    trimmed = np.where(
        alpha < NEGLIGIBLE_ALPHA, 0, np.where(alpha > 1 - NEGLIGIBLE_ALPHA, 1, alpha)
    )
    return trimmed.astype(np.float32)


def _shrink(mask: Mask, radius: float) -> Mask:
    """Keep what lies deeper than `radius` pixels; beyond the picture's edges it goes on."""
    reach = max(round(radius), 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.erode(mask.astype(np.uint8), kernel) > 0)

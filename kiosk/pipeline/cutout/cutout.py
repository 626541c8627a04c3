"""The cut-out: alpha and the person's own colours, from all that is known of a picture.

Always known: the picture, and what MODNet thinks of it. Where the booth took them, also a plate of
the empty booth under the same light, and a second picture and plate with the backdrop's lamp out.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.cutout.belief import MODNET, Belief
from kiosk.pipeline.cutout.coherence import ask_neighbours
from kiosk.pipeline.cutout.colours import ColourSpread, gather_spread, weigh_unlike
from kiosk.pipeline.cutout.mixes import Mixes, Seen, solve_colours, solve_mixes
from kiosk.pipeline.cutout.push_pull import extend_smoothly
from kiosk.pipeline.cutout.rim import measure_rim
from kiosk.pipeline.cutout.symmetric import Scalars
from kiosk.pipeline.cutout.views import SPOT_DEVIATION, KnownView, View, know_views
from kiosk.pipeline.light import Linear
from kiosk.pipeline.mask import Mask, SoftMask, shrink

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
to two or three parts in a hundred. What does not darken with the backdrop is no gap."""

LEAST_GAP_AREA = 9
"""Pixels at 640 rows × rows that a gap has at least."""

PLATE_DOUBT, GUESS_DOUBT = 0.5, 0.3
"""Standard deviation of alpha where MODNet and the backdrop contradict each other: with a plate,
and where the backdrop is only guessed, so that what contradicts it may be a shadow."""

PLATE_SHADE, GUESS_SHADE = 0.003, 0.015
"""Standard deviation of the backdrop's brightness behind the person, as a share of it: with a
plate, and where it is only guessed from beside them."""

PASSES = 2
"""The second time more is surely the person, up to their edge: a collar in the backdrop's colour
needs that."""

UNLIKE_DEVIANCE, UNLIKE_CONTRAST = 2.0, 1.3
"""The person's most unlike colour nearby explains a pixel, and not the nearest one, where it does
so better by this deviance, and is further from the backdrop by this factor."""

FOLLOWED = 0.2
"""How much a further view counts of the first: it is laid over it to a fraction of a pixel only."""

THREADS, CHUNK = 2, 4096
"""Threads that share the open pixels, and how many they take at once: as many as a core's cache
holds. What comes out depends on neither."""

BRIDGE_REACH = 2
"""Pixels around each strand within which its next piece must begin."""

NEGLIGIBLE_ALPHA = 0.015
"""Alpha that is taken as 0; what is as little short of 1 is taken as 1. No eye tells them apart,
and noise is not to be mixed into plain backgrounds."""


@dataclass(frozen=True, slots=True)
class Cutout:
    """The person, cut out."""

    alpha: SoftMask
    colour: Linear
    """The person's own, wherever alpha is above 0; where it is 1 the picture's, to the bit."""
    by: tuple[str, ...]
    """What told it: `plate`, `lamp pair`, or `picture` where nothing but the picture did."""


def cut_out(
    estimate: SoftMask, face: Mask, views: Iterable[View], belief: Belief = MODNET
) -> Cutout:
    """Cut the person out of the first view.

    `estimate` is a network's alpha of it, in which `belief` is put; within `face` alpha is 1.
    The second view shows the same person at the same place with the backdrop's lamp out; where the
    first has a plate that serves, it is asked for only if they wear the backdrop's colour.
    """
    scale = estimate.shape[0] / 640
    outside = shrink(estimate < SURE_BACKDROP, OUTSIDE_DEPTH * scale)
    inside = shrink(estimate > SURE_PERSON, INSIDE_DEPTH * scale) | face
    every = iter(views)
    first = next(every)
    known, undimmed = know_views(first, every, outside, inside & ~face, scale)
    expected, deviation = belief.weigh(estimate)
    if not known:
        alpha = np.where(inside, np.float32(1), _snap_alpha(expected))
        return Cutout(alpha, _nearest_colour(first.seen, inside, alpha), ())
    doubt = PLATE_DOUBT if known[0].backdrop.by_plate else GUESS_DOUBT
    off = np.maximum.reduce([view.distance for view in known])
    something = _joined_to(off > LEAST_DISTANCE, estimate > 0.5, 1)
    clear = np.clip((off - LEAST_DISTANCE) / (CLEAR_DISTANCE - LEAST_DISTANCE), 0, 1) * something
    deviation = np.maximum(deviation, doubt * clear)
    if known[0].backdrop.by_plate:
        gaps = _find_gaps(known[0], inside & ~face & ~undimmed, scale)
        inside &= ~gaps
        deviation = np.maximum(deviation, doubt * gaps)
    inside |= shrink(undimmed, INSIDE_DEPTH * scale) & something
    open_ = ~inside & (something | (estimate > 0.3))
    pull = np.asarray(1 / np.square(deviation), np.float32)
    alpha, colour = _solve_open_pixels(known, inside, open_, (expected, pull), face)
    return Cutout(alpha, colour, tuple(_evidence_used(known)))


def _evidence_used(known: list[KnownView]) -> list[str]:
    first = "plate" if known[0].backdrop.by_plate else "picture"
    return [first, "lamp pair"] if len(known) > 1 else [first]


def _joined_to(something: Mask, person: Mask, reach: int) -> Mask:
    """What hangs together with the person over gaps of twice `reach`, and as far around it."""
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    either = cv2.dilate((something | person).astype(np.uint8), kernel)
    _, labels = cv2.connectedComponents(either, connectivity=8)
    theirs = np.zeros(int(labels.max()) + 1, bool)
    theirs[np.unique(labels[person])] = True
    theirs[0] = False
    return np.asarray(theirs[labels], np.bool_)


def _find_gaps(view: KnownView, inside: Mask, scale: float) -> Mask:
    """Where the backdrop shows through what MODNet takes for the person."""
    there = view.backdrop.mean
    off = cv2.GaussianBlur(np.abs(view.seen - there) / there, (0, 0), SPOT_DEVIATION).max(2)
    same = (inside & (off < MOST_GAP_DIFFERENCE)).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(same, connectivity=4)
    large = stats[:, cv2.CC_STAT_AREA] >= LEAST_GAP_AREA * scale**2
    large[0] = False
    if count < 2 or not large.any():
        return np.zeros_like(inside)
    return np.asarray(cv2.dilate(large[labels].astype(np.uint8), np.ones((5, 5))) > 0) & inside


def _solve_open_pixels(
    known: list[KnownView],
    inside: Mask,
    open_: Mask,
    prior: tuple[SoftMask, SoftMask],
    face: Mask,
) -> tuple[SoftMask, Linear]:
    """Solve alpha and colour of the `open_` pixels; all others are person or backdrop alone.

    `prior` is alpha's mean, and one over its variance.
    """
    first = known[0].seen
    alpha, precision = inside.astype(np.float32), np.full(inside.shape, 1e4, np.float32)
    sure, asked = inside, open_
    for left in reversed(range(PASSES)):
        expected, pull = prior[0][asked], prior[1][asked]
        # Further views are asked at the end alone: they tell little.
        rim = np.zeros_like(pull)
        if known[0].backdrop.by_plate:
            rim = measure_rim(first, known[0].backdrop.mean, sure, face, asked)
        views = [
            _explain(view, sure, asked, (expected, pull), rim)
            for view in (known[:1] if left else known)
        ]
        # Each view tells by itself, so what they tell is weighed.
        weights = np.stack([mixes.precision for _, _, mixes in views])
        weights[1:] *= FOLLOWED
        told = np.stack([mixes.alpha for _, _, mixes in views])
        precision[asked] = weights.sum(0)
        alpha[asked] = (weights * told).sum(0) / precision[asked]
        if not left:
            alpha = ask_neighbours(first, alpha, precision, asked)
        alpha = _snap_alpha(alpha)
        # Where nothing of the person was found, more of them elsewhere changes nothing.
        sure = inside | shrink(alpha == 1, 1)
        if left:
            asked = asked & (alpha > 0)
    # What is left of a strand that has faded away before it reaches the head would float.
    alpha[~_joined_to(alpha > 0, inside, BRIDGE_REACH)] = 0
    colour = first.copy()
    seen, person, _ = views[0]
    colour[asked] = solve_colours(seen, person, alpha[asked]).T
    whole = alpha == 1
    colour[whole] = first[whole]
    return alpha, colour


def _explain(
    view: KnownView,
    sure: Mask,
    asked: Mask,
    prior: tuple[SoftMask, SoftMask],
    rim: Scalars,
) -> tuple[Seen, ColourSpread, Mixes]:
    """Explain the `asked` pixels of one view, by the nearest of the person's colours or by those
    that are most unlike the backdrop: hair may hang beside a shirt that is like it.
    """
    found = view.backdrop
    shade = PLATE_SHADE if found.by_plate else GUESS_SHADE
    light, backdrop, noise = (
        np.ascontiguousarray(values[asked].T) for values in (view.seen, found.mean, found.variance)
    )
    seen = Seen(light, backdrop, noise, shade)
    nearest, unlike = (
        gather_spread(view.seen, weights, asked, rim * backdrop)
        for weights in (sure.astype(np.float32), weigh_unlike(view.seen, found.mean, sure, asked))
    )
    near, far = (_solve_in_threads(seen, person, prior) for person in (nearest, unlike))
    contrasts = [np.square(person.mean - backdrop).sum(0) for person in (nearest, unlike)]
    other = (far.deviance + UNLIKE_DEVIANCE < near.deviance) & (
        contrasts[1] > UNLIKE_CONTRAST**2 * contrasts[0]
    )
    person = ColourSpread(
        np.where(other, unlike.mean, nearest.mean),
        np.where(other, unlike.covariance, nearest.covariance),
        nearest.rim,
    )
    mixes = Mixes(
        np.where(other, far.alpha, near.alpha),
        np.where(other, far.precision, near.precision),
        np.where(other, far.deviance, near.deviance),
    )
    return seen, person, mixes


def _solve_in_threads(seen: Seen, person: ColourSpread, prior: tuple[SoftMask, SoftMask]) -> Mixes:
    """Solve on all cores: each pixel is solved by itself, and numpy lets other threads work."""
    count = len(prior[0])
    if not count:
        return Mixes(*(np.empty(0, np.float32) for _ in range(3)))

    def part(rows: slice) -> Mixes:
        return solve_mixes(seen.part(rows), person.part(rows), prior[0][rows], prior[1][rows])

    with ThreadPoolExecutor(THREADS) as threads:
        parts = list(threads.map(part, (slice(i, i + CHUNK) for i in range(0, count, CHUNK))))
    return Mixes(
        np.concatenate([p.alpha for p in parts]),
        np.concatenate([p.precision for p in parts]),
        np.concatenate([p.deviance for p in parts]),
    )


def _nearest_colour(seen: Linear, inside: Mask, alpha: SoftMask) -> Linear:
    """The picture's colour where the person is whole, and the nearest such colour elsewhere."""
    return np.where(alpha[..., None] == 1, seen, extend_smoothly(seen, inside))


def _snap_alpha(alpha: NDArray[np.floating]) -> SoftMask:
    trimmed = np.where(
        alpha < NEGLIGIBLE_ALPHA, 0, np.where(alpha > 1 - NEGLIGIBLE_ALPHA, 1, alpha)
    )
    return trimmed.astype(np.float32)

"""The outline of the person in a finished photo: halos around it, and steps along it."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import to_linear
from kiosk.pipeline.mask import Mask
from kiosk.pipeline.specification import Codes
from kiosk.pipeline.verify.edge import OWN_DEPTH, Edge, find_nearest

BAND_REACH = 1
"""Pixels to either side of the outline that belong to it: a halo may be no wider."""

COLOUR_DEPTHS = (8, 12)
"""Pixels inside the outline where, beside OWN_DEPTH, the person's own colour is looked for."""

SHADES = (0.7, 1.0, 1.2)
"""How bright the person's edge may be, in times of the colour inside: it turns away from the lamps,
or into them."""

STRETCH = 24
"""Pixels, at 640 rows, of the squares in which the outline is judged: what a cut-out leaves, it
leaves all along, but a lock or a pixel of JPEG's noise stands alone."""

LEAST_LOOKED_AT = 6
"""Pixels of the outline by which a square can be judged."""

FRINGE_PERCENTILE = 90
"""The percentile of the squares that stands for all: a few locks of another colour than the one
inside are no halo, and a halo on a tenth of the outline is one."""

LEAST_CONTRAST = 50
"""Codes between background and person from which the way from one to the other can be told."""

LEAST_STEP = 0.8
"""Share of the way from background to person which, made between two neighbours, is a step."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What was measured along an outline."""

    fringe: float | None
    """How far, in ΔE (CIE 1976), the outline's squares are off any mix of background and person, at
    their FRINGE_PERCENTILE percentile."""
    steps: float | None
    """Share of the outline's crossings that are steps, 0 to 1."""
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    """The outline's pixels that were looked at."""
    halo: NDArray[np.float32]
    """How far the square of each is off any mix, in ΔE."""


def measure_outline(
    picture: Picture, edge: Edge | None, colour: Codes, most: int = 1200
) -> Outline:
    """Measure the outline, at no more than about `most` of its pixels. None where there is none.

    A pixel on an outline is a mix of the background and the person's colour further in, in linear
    light or in codes, whichever the cut-out was made with. What lies off every such mix is a halo.
    """
    nothing = np.zeros(0, np.intp)
    if edge is None or float(edge.inside.max()) < COLOUR_DEPTHS[-1]:
        return Outline(None, None, nothing, nothing, np.zeros(0, np.float32))
    band = (edge.inside <= BAND_REACH) & (edge.outside <= BAND_REACH)
    # The photo's own edges are no outline of the person's.
    band[:2] = band[-2:] = band[:, :2] = band[:, -2:] = False
    rows, columns = (places[:: max(len(places) // most, 1)] for places in np.nonzero(band))
    if not rows.size:
        return Outline(None, None, nothing, nothing, np.zeros(0, np.float32))
    smooth = np.asarray(cv2.blur(picture, (3, 3)), np.uint8).reshape(-1, 3)
    deeper = [find_nearest(edge.inside >= depth) for depth in COLOUR_DEPTHS]
    inner = [smooth[nearest.of(rows, columns)] for nearest in (edge.nearest, *deeper)]
    off = _off_mixes(picture[rows, columns], np.stack(inner), np.array(colour, np.uint8))
    squares, halo = _judge_squares(rows, columns, off, STRETCH * picture.shape[0] / 640)
    fringe = float(np.percentile(squares, FRINGE_PERCENTILE)) if squares.size else None
    near = (edge.inside <= OWN_DEPTH) & (edge.outside <= OWN_DEPTH) & (edge.own > LEAST_CONTRAST)
    jumps = np.concatenate(list(_jumps(edge.cover, near)))
    steps = float((jumps > LEAST_STEP).mean()) if jumps.size else None
    return Outline(fringe, steps, rows, columns, halo)


def _jumps(cover: NDArray[np.float32], near: Mask) -> Iterator[NDArray[np.float32]]:
    """By how much the cover jumps between two neighbours, in a mask, where the half is passed."""
    most = cover > 0.5
    for here, there in (
        ((slice(1, None), slice(None)), (slice(None, -1), slice(None))),
        ((slice(None), slice(1, None)), (slice(None), slice(None, -1))),
    ):
        crossing = (most[here] != most[there]) & near[here] & near[there]
        yield np.abs(cover[here][crossing] - cover[there][crossing])


def _judge_squares(
    rows: NDArray[np.intp], columns: NDArray[np.intp], off: NDArray[np.float32], side: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How far each square is off, in ΔE, and the same for each pixel (0 in squares with too few).

    The median of each coordinate, over a square, leaves a JPEG's noise and single locks out.
    """
    numbers = (rows // side).astype(np.intp) << 16 | (columns // side).astype(np.intp)
    _, which = np.unique(numbers, return_inverse=True)
    order = np.argsort(which, kind="stable")
    starts = np.flatnonzero(np.diff(which[order], prepend=-1))[1:]
    every = np.array(
        [
            np.linalg.norm(np.median(part, axis=0)) if len(part) >= LEAST_LOOKED_AT else 0
            for part in np.split(off[order], starts)
        ],
        np.float32,
    )
    return every[np.bincount(which) >= LEAST_LOOKED_AT], every[which]


def _off_mixes(
    seen: NDArray[np.uint8], inner: NDArray[np.uint8], plain: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """The way from the nearest mix of background and a colour inside to n pixels, in CIE L*a*b*.

    `seen` is n × 3, `inner` m × n × 3, the result n × 3.
    """
    shades = np.array(SHADES, np.float32)[:, None, None, None]
    light = (to_linear(inner) * shades).reshape(-1, *seen.shape)
    code = (_codes(inner) * shades ** np.float32(1 / 2.2)).reshape(-1, *seen.shape)
    target = _lab(_codes(seen)[None], cv2.COLOR_RGB2Lab)
    ways = np.concatenate(
        [
            target - _lab(_nearest_mix(pixel, person, ground), space)
            for pixel, person, ground, space in (
                (to_linear(seen), light, to_linear(plain), cv2.COLOR_LRGB2Lab),
                (_codes(seen), code, _codes(plain), cv2.COLOR_RGB2Lab),
            )
        ]
    )
    nearest = np.einsum("mnc,mnc->mn", ways, ways).argmin(0)
    return np.asarray(ways[nearest, np.arange(len(seen))], np.float32)


def _nearest_mix(
    pixel: NDArray[np.float32], person: NDArray[np.float32], ground: NDArray[np.float32]
) -> NDArray[np.float32]:
    way = person - ground
    along = np.einsum("nc,mnc->mn", pixel - ground, way)
    along /= np.maximum(np.einsum("mnc,mnc->mn", way, way), np.float32(1e-6))
    return np.asarray(ground + along.clip(0, 1)[..., None] * way, np.float32)


def _codes(colours: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(colours / np.float32(255), np.float32)


def _lab(colours: NDArray[np.float32], space: int) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(colours, np.float32), space), np.float32)

"""The outline of the person in a finished photo: halos around it, and steps along it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import to_linear
from kiosk.pipeline.specification import Codes
from kiosk.pipeline.verify.edge import OWN_DEPTH, Edge, find_nearest, measure_jumps

BAND_REACH = 1
"""Pixels to either side of the outline that belong to it: a halo may be no wider."""

COLOUR_DEPTHS = (OWN_DEPTH, 8, 12)
"""Pixels inside the outline where the person's own colour is looked for."""

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
    """How far, in ΔE (CIE 1976), the outline is off any mix of background and person: the median of
    each of its squares, and of these the FRINGE_PERCENTILE percentile."""
    steps: float | None
    """Share of the outline's crossings that are steps, 0 to 1."""
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    """The outline's pixels that were looked at."""
    halo: NDArray[np.float32]
    """How far each of them is off any mix, in ΔE."""


def measure_outline(
    picture: Picture, edge: Edge | None, colour: Codes, most: int = 1500
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
    inner = [
        smooth[find_nearest(edge.inside >= depth).of(rows, columns)] for depth in COLOUR_DEPTHS
    ]
    halo = _off_mixes(picture[rows, columns], inner, np.array(colour, np.uint8))
    near = (edge.inside <= OWN_DEPTH) & (edge.outside <= OWN_DEPTH) & (edge.own > LEAST_CONTRAST)
    jumps = measure_jumps(edge.cover, near)
    steps = float((jumps > LEAST_STEP).mean()) if jumps.size else None
    return Outline(
        _fringe(rows, columns, halo, STRETCH * picture.shape[0] / 640), steps, rows, columns, halo
    )


def _fringe(
    rows: NDArray[np.intp], columns: NDArray[np.intp], halo: NDArray[np.float32], side: float
) -> float | None:
    squares = (rows // side).astype(np.intp) << 16 | (columns // side).astype(np.intp)
    order = np.argsort(squares, kind="stable")
    starts = np.flatnonzero(np.diff(squares[order], prepend=-1))
    judged = [
        float(np.median(part))
        for part in np.split(halo[order], starts[1:])
        if part.size >= LEAST_LOOKED_AT
    ]
    return float(np.percentile(judged, FRINGE_PERCENTILE)) if judged else None


def _off_mixes(
    seen: NDArray[np.uint8], inner: list[NDArray[np.uint8]], plain: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """The ΔE from n pixels (n × 3) to the nearest mix of background and a colour inside."""
    target = _lab(_codes(seen), cv2.COLOR_RGB2Lab)
    least = np.full(len(seen), np.inf, np.float32)
    for colour in inner:
        for shade in SHADES:
            light = to_linear(colour) * np.float32(shade)
            code = colour * np.float32(shade ** (1 / 2.2) / 255)
            for pixel, person, ground, space in (
                (to_linear(seen), light, to_linear(plain), cv2.COLOR_LRGB2Lab),
                (_codes(seen), code, _codes(plain), cv2.COLOR_RGB2Lab),
            ):
                way = person - ground
                along = ((pixel - ground) * way).sum(1) / np.maximum((way * way).sum(1), 1e-6)
                mix = _lab(ground + along.clip(0, 1)[:, None] * way, space)
                least = np.minimum(least, np.linalg.norm(mix - target, axis=1))
    return least


def _codes(colours: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(colours / np.float32(255), np.float32)


def _lab(colours: NDArray[np.float32], space: int) -> NDArray[np.float32]:
    flat = np.ascontiguousarray(colours[None], np.float32)
    return np.asarray(cv2.cvtColor(flat, space)[0], np.float32)

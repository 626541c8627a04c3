"""The outline of the person in a finished photo: halos around it, and steps along it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import to_linear
from kiosk.pipeline.mask import Mask
from kiosk.pipeline.specification import Codes
from kiosk.pipeline.verify.silhouette import Silhouette, find_nearest, measure_depth

BAND_REACH = 3
"""Pixels to either side of the outline that belong to it."""

COLOUR_DEPTHS = (5, 8, 12)
"""Pixels inside the outline where the person's own colour is looked for: deeper than a halo."""

SHADES = (0.7, 1.0, 1.2)
"""How bright the person's edge may be, in times of the colour inside: it turns away from the lamps,
or into them."""

FRINGE_PERCENTILE = 90
"""The percentile of the outline's pixels that stands for all: a few locks of another colour than
the one inside are no halo."""

LEAST_CONTRAST = 50
"""Codes between background and person from which the way from one to the other can be told."""

LEAST_STEP = 0.8
"""Share of the way from background to person which, made between two neighbours, is a step."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What was measured along an outline."""

    fringe: float | None
    """How far, in ΔE (CIE 1976), the outline is off any mix of background and person, at its
    FRINGE_PERCENTILE percentile."""
    steps: float | None
    """Share of the outline's crossings that are steps, 0 to 1."""
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    """The outline's pixels that were looked at."""
    halo: NDArray[np.float32]
    """How far each of them is off any mix, in ΔE."""


def measure_outline(
    picture: Picture, parted: Silhouette, colour: Codes, most: int = 2000
) -> Outline:
    """Measure the outline, at no more than about `most` of its pixels. None where there is none.

    A pixel on an outline is a mix of the background and the person's colour further in, in linear
    light or in codes, whichever the cut-out was made with. What lies off every such mix is a halo.
    """
    nothing = np.zeros(0, np.intp)
    person = parted.person.astype(np.uint8)
    closed = cv2.morphologyEx(person, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    solid = np.asarray(closed > 0)
    inside, outside = measure_depth(solid), measure_depth(~solid)
    band = (inside <= BAND_REACH) & (outside < BAND_REACH)
    # The photo's own edges are no outline of the person's.
    band[:2] = band[-2:] = band[:, :2] = band[:, -2:] = False
    rows, columns = (places[:: max(len(places) // most, 1)] for places in np.nonzero(band))
    if not rows.size or float(inside.max()) < COLOUR_DEPTHS[-1]:
        return Outline(None, None, nothing, nothing, np.zeros(0, np.float32))
    smooth = np.asarray(cv2.blur(picture, (3, 3)), np.uint8)
    maps = [find_nearest(inside >= depth) for depth in COLOUR_DEPTHS]
    inner = [smooth.reshape(-1, 3)[where[rows, columns]] for where in maps]
    halo = _off_mixes(picture[rows, columns], inner, np.array(colour, np.uint8))
    own = parted.off.ravel()[maps[0]]
    near = (inside <= COLOUR_DEPTHS[0]) & (outside <= COLOUR_DEPTHS[0]) & (own > LEAST_CONTRAST)
    steps = _steps((parted.off / np.maximum(own, np.float32(1))).clip(0, 1), near)
    return Outline(float(np.percentile(halo, FRINGE_PERCENTILE)), steps, rows, columns, halo)


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


def _steps(cover: NDArray[np.float32], near: Mask) -> float | None:
    """The share of steps among the neighbours between which the person's half begins."""
    jumps = []
    for here, there, both in (
        (cover[1:], cover[:-1], near[1:] & near[:-1]),
        (cover[:, 1:], cover[:, :-1], near[:, 1:] & near[:, :-1]),
    ):
        crossing = both & ((here > 0.5) != (there > 0.5))
        jumps.append(np.abs(here - there)[crossing])
    every = np.concatenate(jumps)
    return float((every > LEAST_STEP).mean()) if every.size else None

"""Saw-teeth: how rough the outline of the clothes is against its own smooth course."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import to_linear
from kiosk.pipeline.mask import Mask
from kiosk.pipeline.specification import Codes
from kiosk.pipeline.verify.edge import OWN_DEPTH, Edge, find_edge
from kiosk.pipeline.verify.silhouette import find_silhouette

OWN_REACH = 4
"""Pixels around a place OWN_DEPTH inside the outline over which the clothes' own light is the mean:
stripes are narrower."""

LEAST_CONTRAST = 50
"""Codes between background and clothes from which the outline's course can be told."""

COURSE = 15
"""Pixels of the outline over which its smooth course is fitted, with a parabola: teeth are
narrower, and a shoulder bends less."""

NORMAL_REACH, NORMAL_STEP = 3.0, 0.25
"""How far from the course the outline is looked for on either side, and in which steps, in px."""

STRETCH = 24
"""Pixels of the outline that are measured together."""

ROUGHNESS_PERCENTILE = 33
"""The percentile of the stretches that stands for all: loose hair beside the neck and on the
shoulders may be on more than half of them, teeth that a cut-out leaves are on almost all."""

CLEAR_SHARE = 0.8
"""Share of a stretch that must stand out of the background."""

LEAST_STRETCHES = 3
"""Of fewer nothing is said."""

EDGE = 3
"""Pixels from the photo's edges within which its outline is the photo's end."""

_Values = NDArray[np.float64]

_NONE: _Values = np.zeros(0)
_AROUND = np.arange(COURSE) - COURSE // 2
_PARABOLA = np.linalg.pinv(np.stack([_AROUND**0, _AROUND, _AROUND**2], 1).astype(np.float64))[0]
"""Weights of a least-squares parabola at its middle (Savitzky and Golay, 1964)."""
_BELL = np.asarray(cv2.getGaussianKernel(COURSE, COURSE / 5), np.float64).ravel()


@dataclass(frozen=True, slots=True)
class Teeth:
    """The outline below the chin, as far as it was measured."""

    x: _Values
    y: _Values
    """Its places, in px."""
    off: _Values
    """How far it is off its smooth course there, in px."""
    stretches: tuple[float, ...]
    """The root mean square of `off` over each stretch."""

    @property
    def roughness(self) -> float | None:
        """The stretches at their ROUGHNESS_PERCENTILE, px; None where there are too few."""
        if len(self.stretches) < LEAST_STRETCHES:
            return None
        return float(np.percentile(self.stretches, ROUGHNESS_PERCENTILE))


def measure_roughness(picture: Picture, colour: Codes, chin: float) -> float | None:
    """How rough the clothes' outline is, in px; None where they do not stand out of the background.

    `picture` is H × W × 3, sRGB, uint8; `chin` is the chin's row: what lies below it is looked at.
    """
    edge = find_edge(find_silhouette(picture, colour))
    return find_teeth(picture, edge, colour, chin).roughness


def find_teeth(picture: Picture, edge: Edge | None, colour: Codes, chin: float) -> Teeth:
    """Follow the outline below the chin where the person covers half of a pixel."""
    top = min(max(int(chin), 0), picture.shape[0])
    found: list[tuple[_Values, _Values, _Values]] = []
    stretches: list[float] = []
    if edge is not None and picture.shape[0] - top > 2 * COURSE:
        cover, clear = _cover(picture, edge, colour, top)
        for run in _runs(cover):
            off, known = _off_course(cover, run), clear[run[:, 1], run[:, 0]]
            x, y = run.astype(np.float64).T
            found.append((x[known], y[known] + top, off[known]))
            for at in np.array_split(np.arange(len(run)), len(run) // STRETCH):
                if known[at].mean() > CLEAR_SHARE:
                    stretches.append(float(np.sqrt((off[at][known[at]] ** 2).mean())))
    x, y, off = (np.concatenate(parts) for parts in zip(*found, (_NONE,) * 3, strict=True))
    return Teeth(x, y, off, tuple(stretches))


def _cover(
    picture: Picture, edge: Edge, colour: Codes, top: int
) -> tuple[NDArray[np.float32], Mask]:
    """How much of each pixel from a row on is the person, about, and where they are clear of the
    background; in linear light, where a mix is a mix.
    """
    light = _light_away(picture, colour)
    deep = edge.inside >= OWN_DEPTH
    around = (2 * OWN_REACH + 1,) * 2
    weight = cv2.boxFilter(deep.astype(np.float32), -1, around)
    own = cv2.boxFilter(light * deep, -1, around) / np.maximum(weight, np.float32(1e-6))
    nearest = edge.nearest.places[edge.nearest.labels[top:]]
    cover = light[top:] / np.maximum(own.ravel()[nearest], np.float32(1e-4))
    cover[deep[top:]] = 1
    # Where one stripe is of the background's colour, nobody sees an outline.
    faintest = np.asarray(cv2.erode(edge.own, np.ones(around, np.uint8)))
    return np.asarray(cover.clip(0, 1), np.float32), faintest[top:] > LEAST_CONTRAST


def _light_away(picture: Picture, colour: Codes) -> NDArray[np.float32]:
    """How far each pixel's linear light is from the background's; as to_linear, by one look-up."""
    codes = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    squares = (to_linear(codes) - to_linear(np.array(colour, np.uint8))) ** 2
    away = cv2.transform(cv2.LUT(picture, squares), np.ones((1, 3), np.float32))
    return np.asarray(cv2.sqrt(away), np.float32)


def _runs(cover: NDArray[np.float32]) -> Iterator[NDArray[np.intp]]:
    """The outline's pixels in their order, n × 2 (x, y): each run between the photo's edges."""
    height, width = cover.shape
    count, labels, stats, _ = cv2.connectedComponentsWithStats((cover > 0.5).astype(np.uint8))
    if count == 1:
        return
    body = labels == 1 + np.argmax(stats[1:, cv2.CC_STAT_AREA])
    outlines, _ = cv2.findContours(body.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    places = max(outlines, key=len)[:, 0].astype(np.intp)
    x, y = places.T
    inside = (x >= EDGE) & (x < width - EDGE) & (y >= EDGE) & (y < height - EDGE)
    # The ring is opened where it runs along an edge, as that of a photo's person always does.
    start = int(inside.argmin())
    places, inside = np.roll(places, -start, axis=0), np.roll(inside, -start)
    turns = np.flatnonzero(np.diff(np.r_[False, inside, False].astype(np.int8)))
    for first, end in turns.reshape(-1, 2).tolist():
        if end - first >= 2 * COURSE:
            yield places[first:end]


def _off_course(cover: NDArray[np.float32], run: NDArray[np.intp]) -> _Values:
    """How far, in px, the outline at half cover is off its smooth course at each pixel of a run."""
    smooth = np.stack([_weigh(values, _BELL) for values in run.T.astype(np.float64)], 1)
    along = np.gradient(smooth, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    normal = np.stack([along[:, 1], -along[:, 0]], 1)
    steps = np.arange(-NORMAL_REACH, NORMAL_REACH + NORMAL_STEP / 2, NORMAL_STEP)
    at = (smooth[:, None] + normal[:, None] * steps[None, :, None]).astype(np.float32)
    over = np.asarray(
        cv2.remap(cover, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    ) - np.float32(0.5)
    before, behind = over[:, :-1], over[:, 1:]
    crossing = (before > 0) != (behind > 0)
    place = steps[:-1] + NORMAL_STEP * before / np.where(crossing, before - behind, 1)
    nearest = np.where(crossing, np.abs(place), np.inf).argmin(1)
    seen = np.where(crossing.any(1), place[np.arange(len(run)), nearest], 0.0)
    return seen - _weigh(seen, _PARABOLA)


def _weigh(values: _Values, weights: _Values) -> _Values:
    """A weighted mean along a run that goes on straight at its ends."""
    padded = np.pad(values, COURSE // 2, "reflect", reflect_type="odd")
    return np.convolve(padded, weights, "valid")

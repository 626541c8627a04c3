"""What a person mends about themselves where no pose of theirs was rendered: a shirt, glasses.

The light stage's pictures are changed, lamp by lamp, so that whatever the lamps do holds for them:
clothes are given another colour under the light that falls on them, and lenses lose what they
mirror of a lamp, as they do once they are tilted. Hair that was not rendered behind an ear cannot
be laid there: there is no ear beneath it.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.twin.light_stage import Bytes, Figure, Light, RenderedPerson, Subject

OTHER_SHIRT = (0.10, 0.10, 0.11)
"""What the other shirt gives back of red, green and blue light: dark grey."""

SKIN = 2.3
"""Red light over blue that skin gives back; that of the rendered people is 2.1 to 2.7."""

LEAST_CONTRAST, MOST_SPREAD = 0.4, 0.8
"""Natural logarithm of red over blue by which clothes differ from skin at least, or they cannot be
told from it; and by which clothes of one colour differ among themselves at most."""

STRIPES, SMOOTH = 9, 5.0
"""Pixels of the small picture over which stripes are bridged, and folds smoothed."""

LENS = (0.62, 0.42)
"""How far a lens reaches from its eye, of the eyes' distance: aside, and up and down."""

SPILL = 3
"""Pixels of the small picture around a highlight that shine from it."""

EVEN = "room"
"""The lamp that lights from all sides, and is mirrored nowhere in particular."""

AROUND = 12.0
"""Pixels of the small picture around a highlight that tell how bright its place is without it."""

Mask = NDArray[np.bool_]
"""Height × width."""


def stage_mended(
    subject: Subject, pose: str, *, large: bool, other_shirt: bool, glasses_tilted: bool
) -> Figure:
    """The pictures of a pose with what the person has mended; raises SubjectError.

    A photo's person has no truth to tell clothes and lenses by: they stay as they are.
    """
    figure = subject.stage(pose, large=large)
    if not isinstance(subject, RenderedPerson):
        return figure
    truth, scale = subject.truth(pose), 1.0 if large else 0.5
    if glasses_tilted and truth["glasses"] is not None:
        figure = _tilt_glasses(figure, subject, pose, truth, scale)
    if other_shirt:
        figure = _change_shirt(figure, truth, scale)
    return figure


def _change_shirt(figure: Figure, truth: Mapping[str, Any], scale: float) -> Figure:
    own = [colour for colour in truth["clothes"].values() if colour is not None]
    if any(_contrast_to_skin(colour) < LEAST_CONTRAST for colour in own):
        return figure
    plain = _find_colour(figure, own[0])
    edge = max(round(STRIPES * scale * 2), 3)
    speckled = (plain | _find_colour(figure, own[-1])).astype(np.uint8)
    clothes = cv2.morphologyEx(speckled, cv2.MORPH_CLOSE, np.ones((edge, edge))) > 0
    below = np.arange(len(clothes))[:, None] > truth["chin"][1] * scale
    covered = figure.alpha.astype(np.float32)[..., None] / np.float32(255)
    covered *= (clothes & below)[..., None]
    before, after = np.asarray(own[0], np.float32), np.asarray(OTHER_SHIRT, np.float32)
    plain &= covered[..., 0] == 1
    pictures = {}
    for lamp, picture in figure.pictures.items():
        light = _decode(picture, figure.white[lamp])
        falling = _spread(light / before, plain, SMOOTH * scale * 2)
        # At the outline what is behind shines through, and stays.
        edged = light + covered * falling * (after - before)
        dressed: Light = np.where(covered == 1, falling * after, edged)
        pictures[lamp] = _encode(dressed, figure.white[lamp])
    return Figure(pictures, figure.white, figure.alpha)


def _contrast_to_skin(colour: Sequence[float]) -> float:
    return abs(math.log(colour[0] / colour[2] / SKIN))


def _find_colour(figure: Figure, colour: Sequence[float]) -> Mask:
    """Where the person has a colour, in the light of all lamps together."""
    lit = [_decode(picture, figure.white[lamp]) for lamp, picture in figure.pictures.items()]
    light: Light = np.sum(lit, axis=0)
    ratio = np.log(np.maximum(light[..., 0], 1e-5) / np.maximum(light[..., 2], 1e-5))
    near = min(_contrast_to_skin(colour) / 2, MOST_SPREAD)
    return np.asarray(np.abs(ratio - math.log(colour[0] / colour[2])) < near)


def _tilt_glasses(
    figure: Figure, subject: RenderedPerson, pose: str, truth: Mapping[str, Any], scale: float
) -> Figure:
    height, width = figure.alpha.shape
    marks = cv2.resize(subject.highlights(pose), (width, height), interpolation=cv2.INTER_NEAREST)
    lenses = _find_lenses(truth, scale, (height, width))
    rows, columns = (slice(int(at.min()), int(at.max())) for at in np.nonzero(lenses))
    part = rows, columns
    diffuse = _decode(figure.pictures[EVEN], figure.white[EVEN])[part]
    edge = max(round(SPILL * scale * 2), 1) * 2 + 1
    pictures = dict(figure.pictures)
    for bit, lamp in enumerate(subject.lamps):
        spots = (np.bitwise_and(marks, 1 << bit) > 0) & lenses
        mirrored = cv2.dilate(spots[part].astype(np.uint8), np.ones((edge, edge))) > 0
        if lamp == EVEN or not mirrored.any():
            continue
        light = _decode(figure.pictures[lamp][part], figure.white[lamp])
        bright = np.asarray(light / np.maximum(diffuse, 1e-4), np.float32)
        ratio = _spread(bright, ~mirrored, AROUND * scale * 2)
        light[mirrored] = np.minimum(light, ratio * diffuse)[mirrored]
        picture = figure.pictures[lamp].copy()
        picture[part] = _encode(light, figure.white[lamp])
        pictures[lamp] = picture
    return Figure(pictures, figure.white, figure.alpha)


def _find_lenses(truth: Mapping[str, Any], scale: float, shape: tuple[int, int]) -> Mask:
    rows, columns = np.indices(shape, np.float32)
    eyes = [(x * scale, y * scale) for x, y in truth["eyes"].values()]
    apart = math.dist(*eyes)
    found = np.zeros(shape, bool)
    for x, y in eyes:
        aside, up = (columns - x) / (LENS[0] * apart), (rows - y) / (LENS[1] * apart)
        found |= aside**2 + up**2 < 1
    return found


def _spread(light: Light, known: Mask, radius: float) -> Light:
    """The light of the pixels that are known, smoothed and carried on into the others."""
    weight = known.astype(np.float32)
    total = cv2.GaussianBlur(light * weight[..., None], (0, 0), radius)
    share = cv2.GaussianBlur(weight, (0, 0), radius)
    return np.asarray(total / np.maximum(share, 1e-4)[..., None], np.float32)


def _decode(picture: Bytes, white: float) -> Light:
    return np.asarray((picture.astype(np.float32) / 255) ** 2 * np.float32(white))


def _encode(light: Light, white: float) -> Bytes:
    return np.asarray(np.rint(255 * np.sqrt(np.clip(light / np.float32(white), 0, 1))), np.uint8)

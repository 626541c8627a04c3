"""The colour of a finished photo's face: whether it is one that skin has, and one of many."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.mask import Mask
from kiosk.pipeline.observation import Face

WIDTH, DEPTH, RISE = 0.75, 0.9, 0.25
"""The ellipse that is looked at: its width as a share of the face's, and how far it reaches below
and above the line of the eyes, of the way from there to the chin. No background lies in it."""

MOST_COLUMNS = 120
"""Columns to which the face is made small: what is left of a sensor's noise counts as no colour."""


@dataclass(frozen=True, slots=True)
class FaceColour:
    """The colour of a face, in CIE L*a*b*."""

    hue: float
    """Of the median, degrees from -180 to 180: 0 is red, 90 yellow, -90 blue."""
    chroma: float
    """Of the median."""
    variety: float
    """Standard deviation of the colours from what their lightness alone would make of them, ΔE: 0
    where there is no colour, or one of one tone."""


def measure_face_colour(picture: Picture, face: Face) -> FaceColour | None:
    """Measure the face in an sRGB picture; None where too little of it lies in the picture."""
    down = face.chin[1] - face.eye_line
    left, right = (face.midline + side * WIDTH / 2 * face.width for side in (-1, 1))
    top, bottom = face.eye_line - RISE * down, face.eye_line + DEPTH * down
    part = picture[_pixels(top, bottom), _pixels(left, right)]
    if min(part.shape[:2]) < 8:
        return None
    scale = min(MOST_COLUMNS / part.shape[1], 1.0)
    size = max(round(part.shape[1] * scale), 1), max(round(part.shape[0] * scale), 1)
    small = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.float32)
    lab = np.asarray(cv2.cvtColor(small / 255, cv2.COLOR_RGB2Lab), np.float64)[_ellipse(*size)]
    _, a, b = np.median(lab, axis=0).tolist()
    return FaceColour(
        hue=float(np.degrees(np.arctan2(b, a))),
        chroma=float(np.hypot(a, b)),
        variety=_variety(lab),
    )


def _pixels(first: float, last: float) -> slice:
    return slice(max(round(first), 0), max(round(last), 0))


def _ellipse(width: int, height: int) -> Mask:
    """The ellipse that touches the edges."""
    x, y = (np.linspace(-1, 1, steps) for steps in (width, height))
    return np.asarray(x[None, :] ** 2 + y[:, None] ** 2 <= 1)


def _variety(lab: NDArray[np.float64]) -> float:
    light = lab[:, 0] / 100
    terms = np.column_stack([np.ones_like(light), light, light**2])
    toned = terms @ np.linalg.lstsq(terms, lab[:, 1:], rcond=None)[0]
    return float(np.sqrt(((lab[:, 1:] - toned) ** 2).sum(1).mean()))

"""Glasses: whether there are any, what their lenses let through, and what they mirror."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import Luminance, luminance, to_linear
from kiosk.pipeline.look.patch import LIDS, Points, place, upright
from kiosk.pipeline.observation import Glasses

SIDE, T = 256, 98.0
"""The eyes are measured upright on a patch of SIDE x SIDE px, on which they are T apart."""

_BRIDGE, _IRISES = 168, (473, 468)
# Low on the cheeks, below wide lenses.
_CHEEKS = (425, 411), (205, 187)

ZONE = 0.12
"""Margin around an eye's opening that has to be free, in T: twice what ISO/IEC 39794-5 asks of the
eye visibility zone."""

BRIGHT = 1.6
"""Times the zone's median light from which on a spot may be a reflection..."""

WHITER = 1.1
"""...that also is so much brighter than the white of the eye..."""

GREYER = 0.7
"""...and has at most this share of the zone's colour."""


def measure_glasses(picture: Picture, points: Points) -> Glasses:
    """Measure what is before the eyes of a face whose mesh is `points` in an sRGB picture."""
    patch, matrix = upright(picture, points, SIDE, T, (0.5, 0.4))
    placed = place(points, matrix)
    light = luminance(patch)
    colour = _colour(patch)
    cheeks = float(np.median([_spot(light, placed[list(cheek)].mean(0)) for cheek in _CHEEKS]))
    below = [_below(light, placed[list(lid)].mean(0)) for lid in LIDS]
    return Glasses(
        rim=_rim(light, placed),
        transmission=float(np.mean(below)) / max(cheeks, 1e-3),
        mirrored=max(_mirrored(light, colour, placed[list(lid)]) for lid in LIDS),
    )


def _colour(patch: Picture) -> Luminance:
    """Saturation of linear light, 0 to 1."""
    red, green, blue = cv2.split(to_linear(patch))
    most, least = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    return np.asarray((most - least) / np.maximum(most, 1e-3), np.float32)


def _part(
    light: Luminance, at: tuple[float, float], aside: tuple[float, float], down: tuple[float, float]
) -> Luminance:
    """A part of a patch around a point, from and to so many T aside and down."""
    left, right = (max(round(at[0] + v * T), 0) for v in aside)
    top, low = (max(round(at[1] + v * T), 0) for v in down)
    return light[top:low, left:right]


def _spot(light: Luminance, at: NDArray[np.float64]) -> float:
    part = _part(light, (at[0], at[1]), (-0.08, 0.08), (-0.08, 0.08))
    return float(np.median(part)) if part.size else 0.0


def _below(light: Luminance, eye: NDArray[np.float64]) -> float:
    part = _part(light, (eye[0], eye[1]), (-0.2, 0.2), (0.12, 0.26))
    return float(np.median(part)) if part.size else 0.0


def _rim(light: Luminance, placed: Points) -> float:
    dark = np.log(light + np.float32(0.01))
    y = float(np.mean([placed[list(lid), 1].mean() for lid in LIDS]))
    bridge = _part(dark, (placed[_BRIDGE, 0], y), (-0.07, 0.07), (-0.12, 0.3))
    below = [_part(dark, (placed[iris, 0], y), (-0.08, 0.08), (0.16, 0.6)) for iris in _IRISES]
    return _line(bridge) + min(_line(part) for part in below)


LINE = 19
"""Rows of the median against which a line stands out: 0.2 T."""


def _line(part: Luminance) -> float:
    """How far a part's most striking row departs from those around it."""
    if part.shape[0] < LINE or not part.shape[1]:
        return 0.0
    profile = np.median(cv2.GaussianBlur(part, (0, 0), 1.0), 1)
    padded = np.pad(profile, LINE // 2, mode="edge")
    around = np.median(np.lib.stride_tricks.sliding_window_view(padded, LINE), 1)
    return float(np.abs(profile - around).max())


def _mirrored(light: Luminance, colour: Luminance, lid: Points) -> float:
    eye = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillPoly(eye, [np.clip(np.rint(lid), -SIDE, 2 * SIDE).astype(np.int32)], 1)
    reach = 2 * round(ZONE * T) + 1
    wide = cv2.dilate(eye, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    zone = np.asarray((wide > 0) & (cv2.dilate(eye, np.ones((7, 7), np.uint8)) == 0))
    white = light[eye > 0]
    if not zone.any() or not white.size:
        return 0.0
    least = max(BRIGHT * float(np.median(light[zone])), WHITER * float(np.percentile(white, 90)))
    spots = (light > least) & (colour < GREYER * float(np.median(colour[zone])))
    return float(spots[zone].mean())

"""Glasses: whether there are any, what their lenses let through, and what they mirror."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import Luminance, luminance, to_linear
from kiosk.pipeline.look.patch import LIDS, Points, cut_upright_patch, map_points
from kiosk.pipeline.mask import Mask
from kiosk.pipeline.observation import Glasses

PATCH_SIDE, EYE_DISTANCE = 256, 98.0
"""The eyes are measured upright on a patch of PATCH_SIDE x PATCH_SIDE px, on which they are
EYE_DISTANCE px apart."""

_BRIDGE, _IRISES = 168, (473, 468)
# Low on the cheeks, below wide lenses.
_CHEEKS = (425, 411), (205, 187)

EYE_ZONE = 0.12
"""Margin around an eye's opening that has to be free, in T: twice what ISO/IEC 39794-5 asks of the
eye visibility zone."""

BRIGHT, WHITER, GREYER = 1.6, 1.1, 0.7
"""A spot is a reflection where it is BRIGHT times as bright as the zone's median and WHITER times
as bright as the white of the eye, and has at most GREYER of the zone's saturation."""


def measure_glasses(picture: Picture, points: Points) -> Glasses:
    """Measure what is before the eyes of a face whose mesh is `points` in an sRGB picture."""
    patch, matrix = cut_upright_patch(picture, points, PATCH_SIDE, EYE_DISTANCE, (0.5, 0.4))
    points = map_points(points, matrix)
    light = luminance(patch)
    colour = _saturation(patch)
    cheeks = float(
        np.median([_median_around(light, points[list(cheek)].mean(0)) for cheek in _CHEEKS])
    )
    below = [_median_below_eye(light, points[list(lid)].mean(0)) for lid in LIDS]
    return Glasses(
        rim=_rim(light, points),
        transmission=float(np.mean(below)) / max(cheeks, 1e-3),
        mirrored=max(_mirrored(light, colour, points[list(lid)]) for lid in LIDS),
    )


def _saturation(patch: Picture) -> Luminance:
    """Saturation of linear light, 0 to 1."""
    red, green, blue = cv2.split(to_linear(patch))
    most, least = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    return np.asarray((most - least) / np.maximum(most, 1e-3), np.float32)


def _cut_part(
    light: Luminance, at: tuple[float, float], aside: tuple[float, float], down: tuple[float, float]
) -> Luminance:
    """A part of a patch around a point, from and to so many T aside and down."""
    left, right = (max(round(at[0] + v * EYE_DISTANCE), 0) for v in aside)
    top, low = (max(round(at[1] + v * EYE_DISTANCE), 0) for v in down)
    return light[top:low, left:right]


def _median_around(light: Luminance, at: NDArray[np.float64]) -> float:
    part = _cut_part(light, (at[0], at[1]), (-0.08, 0.08), (-0.08, 0.08))
    return float(np.median(part)) if part.size else 0.0


def _median_below_eye(light: Luminance, eye: NDArray[np.float64]) -> float:
    part = _cut_part(light, (eye[0], eye[1]), (-0.2, 0.2), (0.12, 0.26))
    return float(np.median(part)) if part.size else 0.0


def _rim(light: Luminance, points: Points) -> float:
    dark = np.log(light + np.float32(0.01))
    y = float(np.mean([points[list(lid), 1].mean() for lid in LIDS]))
    bridge = _cut_part(dark, (points[_BRIDGE, 0], y), (-0.07, 0.07), (-0.12, 0.3))
    below = [_cut_part(dark, (points[iris, 0], y), (-0.08, 0.08), (0.16, 0.6)) for iris in _IRISES]
    return _line_strength(bridge) + min(_line_strength(part) for part in below)


LINE_ROWS = 19
"""Rows of the median against which a line stands out: 0.2 T."""


def _line_strength(part: Luminance) -> float:
    """How far a part's most striking row departs from those around it."""
    if part.shape[0] < LINE_ROWS or not part.shape[1]:
        return 0.0
    profile = np.median(cv2.GaussianBlur(part, (0, 0), 1.0), 1)
    padded = np.pad(profile, LINE_ROWS // 2, mode="edge")
    around = np.median(np.lib.stride_tricks.sliding_window_view(padded, LINE_ROWS), 1)
    return float(np.abs(profile - around).max())


def eye_zone(lid: Points, side: int, eye_distance: float) -> tuple[Mask, Mask]:
    """The zone around an eye that has to be free, and the eye's own opening, on a patch of
    side x side px with the eyes `eye_distance` px apart."""
    eye = np.zeros((side, side), np.uint8)
    cv2.fillPoly(eye, [np.clip(np.rint(lid), -side, 2 * side).astype(np.int32)], 1)
    reach = 2 * round(EYE_ZONE * eye_distance) + 1
    wide = cv2.dilate(eye, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    rim = 2 * round(0.03 * eye_distance) + 1
    zone = (wide > 0) & (cv2.dilate(eye, np.ones((rim, rim), np.uint8)) == 0)
    return np.asarray(zone), np.asarray(eye > 0)


def _mirrored(light: Luminance, colour: Luminance, lid: Points) -> float:
    zone, eye = eye_zone(lid, PATCH_SIDE, EYE_DISTANCE)
    white = light[eye]
    if not zone.any() or not white.size:
        return 0.0
    least = max(BRIGHT * float(np.median(light[zone])), WHITER * float(np.percentile(white, 90)))
    spots = (light > least) & (colour < GREYER * float(np.median(colour[zone])))
    return float(spots[zone].mean())

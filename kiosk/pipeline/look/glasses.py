"""Glasses: whether there are any, what their lenses let through, and what they mirror."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import LINEAR, Luminance, luminance_of
from kiosk.pipeline.look.patch import Points, cut_upright_patch, map_points
from kiosk.pipeline.look.reflections import EYE_DISTANCE, LensView, cut_part, mirrored_share
from kiosk.pipeline.look.rim import RAYS, Field, sample_rays, trace_rims
from kiosk.pipeline.observation import Glasses

PATCH_SIDE = 256
"""The eyes are measured upright on a patch of PATCH_SIDE x PATCH_SIDE px, on which they are
EYE_DISTANCE px apart."""

_BRIDGE = 168
# Low on the cheeks, below wide lenses; beside each eye of LIDS.
_CHEEKS = (425, 411), (205, 187)
BRIDGE_WEIGHT, BRIDGE_MOST = 0.3, 0.6
"""What a line over the nose counts against the borders below the eyes, and up to what strength."""


def measure_glasses(picture: Picture, points: Points) -> Glasses:
    """Measure what is before the eyes of a face whose mesh is `points` in an sRGB picture."""
    patch, matrix = cut_upright_patch(picture, points, PATCH_SIDE, EYE_DISTANCE, (0.5, 0.4))
    points = map_points(points, matrix)
    linear = np.asarray(cv2.LUT(patch, LINEAR), np.float32)
    light = luminance_of(linear)
    rims = trace_rims(light, points, EYE_DISTANCE)
    cheeks = [_median_around(light, points[list(cheek)].mean(0)) for cheek in _CHEEKS]
    view = LensView(linear, light, points, rims, max(float(np.median(cheeks)), 1e-3))
    below = [_median_below_eye(light, rim.middle) for rim in rims]
    shares = [lit / max(cheek, 1e-3) for lit, cheek in zip(below, cheeks, strict=True)]
    return Glasses(
        rim=_rim(view),
        transmission=min(max(shares), _step(view)),
        mirrored=mirrored_share(view),
    )


def _median_around(light: Luminance, at: NDArray[np.float64]) -> float:
    part = cut_part(light, (at[0], at[1]), (-0.08, 0.08), (-0.08, 0.08))
    return float(np.median(part)) if part.size else 0.0


def _median_below_eye(light: Luminance, eye: NDArray[np.float64]) -> float:
    part = cut_part(light, (eye[0], eye[1]), (-0.2, 0.2), (0.12, 0.26))
    return float(np.median(part)) if part.size else 0.0


def _rim(view: LensView) -> float:
    y = float(np.mean([rim.middle[1] for rim in view.rims]))
    at = float(view.points[_BRIDGE, 0]), y
    bridge = cut_part(view.light, at, (-0.07, 0.07), (-0.12, 0.3))
    line = _line_strength(np.log(bridge + np.float32(0.01)))
    borders = float(np.mean([rim.whole for rim in view.rims]))
    return borders + BRIDGE_WEIGHT * min(line, BRIDGE_MOST)


LINE_ROWS = 19
"""Rows of the median against which a line stands out: 0.2 T."""


def _line_strength(part: Field) -> float:
    """How far a part's most striking row departs from those around it."""
    if part.shape[0] < LINE_ROWS or not part.shape[1]:
        return 0.0
    profile = np.median(cv2.GaussianBlur(part, (0, 0), 1.0), 1)
    padded = np.pad(profile, LINE_ROWS // 2, mode="edge")
    around = np.median(np.lib.stride_tricks.sliding_window_view(padded, LINE_ROWS), 1)
    return float(np.abs(profile - around).max())


STEP_INSIDE, STEP_OUTSIDE = (0.05, 0.08, 0.11, 0.14), (0.06, 0.09, 0.12, 0.15)
"""How far within and beyond a lens's border the skin is compared, in T: beside a rim of up to
0.1 T."""

LEAST_REACH = 0.4
"""How far from the eye a border has to run, in T, for the skin within it to be that below the eye
and not its lid or lashes."""

LEAST_RAYS = 6
"""Rays with such a border without which a lens's step cannot be told."""

STEP_SCALE = 0.58
"""What the step at the borders counts against the light below the eyes over the cheeks': skin on
both sides of a border is lit alike, so that even half-dark lenses are told. Four pairs of these
leave 0.64 of the light and less, 60 clear ones 0.76 and more, rendered ones 0.66 where one lamp
casts the rim's shadow within."""

LIGHTER_EYE = 0.75
"""Weight of the eye whose lens leaves more light: a tint is on both."""


def _step(view: LensView) -> float:
    """Red light just within the lenses' lower borders over that just beyond, scaled; infinite where
    these are not both far enough from the eyes. Skin gives back most of red, and no lens's tint is
    red alone."""
    red = np.asarray(cv2.log(view.linear[..., 0] + np.float32(0.01)), np.float32)
    found = []
    for rim in view.rims:
        # Rays that go down, not to the nose or the temple.
        used = (rim.reach >= LEAST_REACH) & (np.sin(RAYS) > 0.5)
        if int(used.sum()) < LEAST_RAYS:
            return float("inf")
        sides = [
            np.median(
                sample_rays(red, rim.middle, rim.outward, rim.reach[:, None] + off, EYE_DISTANCE),
                1,
            )
            for off in (-np.array(STEP_INSIDE), np.array(STEP_OUTSIDE))
        ]
        found.append(float(np.median((sides[0] - sides[1])[used])))
    step = LIGHTER_EYE * max(found) + (1 - LIGHTER_EYE) * min(found)
    return STEP_SCALE * float(np.exp(step))

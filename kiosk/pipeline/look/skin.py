"""Light on the face: shine, shadow, left against right, exposure, colour, red pupils, sharpness.

Everything is relative to the face's own skin, so that it holds for every colour of skin; the one
absolute thing is what 8 bits cut off.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import Linear, Luminance, luminance, to_linear
from kiosk.pipeline.look.patch import (
    CHEEKS,
    IRISES,
    LIDS,
    LIPS,
    OVAL,
    Points,
    cut_upright_patch,
    map_points,
)
from kiosk.pipeline.mask import Mask
from kiosk.pipeline.observation import Skin

PATCH_SIDE, EYE_DISTANCE = 128, 48.0
"""The face is measured upright on a patch of PATCH_SIDE x PATCH_SIDE px, on which the eyes are
EYE_DISTANCE px apart."""

# Points of MediaPipe's face mesh.
_NOT_SKIN = (
    *LIDS,
    (70, 63, 105, 66, 107, 55, 65, 52, 53, 46),
    (300, 293, 334, 296, 336, 285, 295, 282, 283, 276),
    LIPS,
)

REFLECTION = 1.7
"""How many times as bright as the skin around it a spot is to be taken for a reflection."""

VARIETY_BLUR = 2.0
"""Standard deviation, px of the patch, of the blur before colours are compared: a sensor's noise
and a JPEG's give each channel something of its own even where there is no colour."""

BESIDE_MIDLINE = 0.25
"""How far from the face's midline its two halves begin, in T: the nose shades itself."""

LEAST_HALF = 30
"""Skin of a half, px of the patch, without which nothing is told of its colour."""

# Points of the mesh on the midline: the nose's root, and the chin.
_ROOT, _CHIN = 168, 152

CLIPPED, CRUSHED = 252, 5
"""8-bit codes from which on, and up to which, a channel holds no difference any more."""


def measure_skin(picture: Picture, points: Points) -> Skin:
    """Measure the light on the face whose mesh is `points` in an sRGB picture (H x W x 3)."""
    patch, points_on_patch, inside = _cut_face(picture, points)
    light = luminance(patch)
    skin = skin_area(points_on_patch) & inside
    left, right = (_mean_around(light, points_on_patch[list(c)].mean(0)) for c in reversed(CHEEKS))
    white = float(np.percentile(luminance(np.ascontiguousarray(picture[::4, ::4])), 98))
    if not skin.any():
        return Skin(left, right, 0.0, 0.0, 0.0, 1.0, white, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    linear, least_most = to_linear(patch), _extremes(patch)
    most = least_most[1][skin]
    red, green, blue = np.log2(np.maximum(_mean_colour(linear, skin), 1e-4)).tolist()
    return Skin(
        light_picture_left=left,
        light_picture_right=right,
        shine=_shine(least_most, light, skin),
        shadow=_shadow(light, _below_brows(skin, points_on_patch)),
        clipped=float((most >= CLIPPED).mean()),
        crushed=float((most <= CRUSHED).mean()),
        white=white,
        red_eye=max(_red_share(patch, points_on_patch[list(iris)]) for iris in IRISES),
        sharpness=_sharpness(picture, points),
        red_over_green=red - green,
        red_over_blue=red - blue,
        colour_variety=_colour_variety(patch, _face_area(points_on_patch) & inside),
        colour_aside=_colour_aside(linear, points_on_patch, skin & _tells_colour(least_most)),
    )


def _cut_face(picture: Picture, points: Points) -> tuple[Picture, Points, Mask]:
    """Cut the face upright: the patch, the mesh there, and where the picture reaches."""
    patch, matrix = cut_upright_patch(picture, points, PATCH_SIDE, EYE_DISTANCE, (0.5, 0.42))
    whole = np.full(picture.shape[:2], 255, np.uint8)
    seen = cv2.warpAffine(whole, matrix, (PATCH_SIDE, PATCH_SIDE), flags=cv2.INTER_NEAREST)
    return patch, map_points(points, matrix), np.asarray(seen > 0)


def _face_area(points: Points) -> Mask:
    mask = np.zeros((PATCH_SIDE, PATCH_SIDE), np.uint8)
    cv2.fillPoly(mask, [_outline(points, OVAL)], 1)
    return np.asarray(mask > 0)


def skin_area(points: Points) -> Mask:
    """The skin of a face whose mesh is `points` on the patch: PATCH_SIDE x PATCH_SIDE."""
    # Not the rim: beard, hair and neck begin there, and the mesh is least sure.
    face = _face_area(points).astype(np.uint8)
    mask = np.asarray(cv2.erode(face, np.ones((9, 9))), np.uint8)
    for part in _NOT_SKIN:
        hole = np.zeros_like(mask)
        cv2.fillPoly(hole, [_outline(points, part)], 1)
        mask[cv2.dilate(hole, np.ones((5, 5))) > 0] = 0
    return np.asarray(mask > 0)


def _below_brows(skin: Mask, points: Points) -> Mask:
    """The skin below the brows' upper edge: on the forehead hair is as dark as a shadow."""
    below = skin.copy()
    top = float(min(points[list(part), 1].min() for part in _NOT_SKIN[2:4]))
    below[: round(min(max(top, 0.0), PATCH_SIDE - 1.0))] = False
    return below if below.any() else skin


def _outline(points: Points, indices: tuple[int, ...]) -> NDArray[np.int32]:
    return np.clip(np.rint(points[list(indices)]), -PATCH_SIDE, 2 * PATCH_SIDE).astype(np.int32)


def _mean_around(light: Luminance, centre: NDArray[np.float64]) -> float:
    """Mean in a square of a quarter of T around a point; 0 outside the patch."""
    (x, y), half = np.rint(centre).astype(int), round(EYE_DISTANCE / 8)
    part = light[max(y - half, 0) : max(y + half + 1, 0), max(x - half, 0) : max(x + half + 1, 0)]
    return float(part.mean()) if part.size else 0.0


def _blur_inside(values: Luminance, mask: Mask, deviation: float) -> Luminance:
    """Blur a field inside a mask only."""
    share = mask.astype(np.float32)
    blurred = cv2.GaussianBlur(values * share, (0, 0), deviation)
    return np.asarray(blurred / np.maximum(cv2.GaussianBlur(share, (0, 0), deviation), 1e-3))


def _extremes(patch: Picture) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The least and the most of each pixel's channels."""
    red, green, blue = cv2.split(patch)
    least, most = cv2.min(cv2.min(red, green), blue), cv2.max(cv2.max(red, green), blue)
    return np.asarray(least, np.uint8), np.asarray(most, np.uint8)


def _mean_colour(linear: Linear, mask: Mask) -> NDArray[np.float64]:
    return np.array(cv2.mean(linear, mask.astype(np.uint8))[:3])


def _shine(
    least_most: tuple[NDArray[np.uint8], NDArray[np.uint8]], light: Luminance, skin: Mask
) -> float:
    around = _blur_inside(light, skin, EYE_DISTANCE / 4)
    least, most = (to_linear(codes) for codes in least_most)
    colour = (most - least) / np.maximum(most, 1e-3)
    usual = float(np.median(colour[skin]))
    spots = (light > REFLECTION * np.minimum(around, np.median(light[skin]))) & (
        colour < 0.9 * usual
    )
    return float(spots[skin].mean())


def _shadow(light: Luminance, skin: Mask) -> float:
    forms = np.log(np.maximum(_blur_inside(light, skin, EYE_DISTANCE / 10)[skin], 1e-4))
    columns = np.nonzero(skin)[1]
    slope = np.column_stack([np.ones(len(columns)), columns / PATCH_SIDE])
    flat = forms - slope @ np.linalg.lstsq(slope, forms, rcond=None)[0]
    return float(np.exp(np.percentile(flat, 5) - np.median(flat)))


def _colour_variety(patch: Picture, face: Mask) -> float:
    """How much of the face's variation is left to the third of its colours' main axes.

    Skin, lips, brows and the whites of the eyes fill all three. Where a channel is missing, copied
    or made of the others, as in grey and sepia, they lie in a plane or on a line.
    """
    codes = cv2.GaussianBlur(patch, (0, 0), VARIETY_BLUR)[face].astype(np.float64)
    least, _, most = np.linalg.eigvalsh(np.cov(codes.T)).tolist()
    return float(np.sqrt(max(least, 0.0) / max(most, 1e-6)))


def _tells_colour(least_most: tuple[NDArray[np.uint8], NDArray[np.uint8]]) -> Mask:
    """Where no channel is cut off."""
    least, most = least_most
    return np.asarray((most < CLIPPED) & (least > CRUSHED))


def _colour_aside(linear: Linear, points: Points, told: Mask) -> float:
    """How far apart in colour the two halves of the face are lit; 0 where one is not seen. `told`
    is the skin that tells it.

    Both halves are of one skin, whatever its colour, so that the light's alone remains.
    """
    root, chin = points[_ROOT], points[_CHIN]
    down = (chin - root) / max(float(np.hypot(*(chin - root))), 1.0)
    x = np.arange(PATCH_SIDE)
    aside = ((x - root[0]) * down[1] - (x[:, None] - root[1]) * down[0]) / EYE_DISTANCE
    halves = told & (aside < -BESIDE_MIDLINE), told & (aside > BESIDE_MIDLINE)
    if min(np.count_nonzero(half) for half in halves) < LEAST_HALF:
        return 0.0
    left, right = (np.log2(_mean_colour(linear, half)) for half in halves)
    off = right - left
    return float(max(abs(off[0] - off[1]), abs(off[2] - off[1])))


def _red_share(patch: Picture, iris: Points) -> float:
    centre = iris[0]
    radius = float(np.hypot(*(iris[1:] - centre).T).mean())
    disc = np.zeros((PATCH_SIDE, PATCH_SIDE), np.uint8)
    at = (round(float(np.clip(centre[0], -9, 999))), round(float(np.clip(centre[1], -9, 999))))
    cv2.circle(disc, at, max(round(min(radius, PATCH_SIDE)), 1), 1, -1)
    linear = to_linear(patch[disc > 0])
    if not len(linear):
        return 0.0
    return float(((linear[:, 0] > 3 * linear[:, 1:].max(1)) & (linear[:, 0] > 0.15)).mean())


def _sharpness(picture: Picture, points: Points) -> float:
    eyes, _ = cut_upright_patch(picture, points, PATCH_SIDE, 64.0, (0.5, 0.5))
    band = eyes[PATCH_SIDE // 2 - 28 : PATCH_SIDE // 2 + 28]
    grey = np.asarray(cv2.cvtColor(band, cv2.COLOR_RGB2GRAY), np.float32)
    fine, middle, coarse = (cv2.GaussianBlur(grey, (0, 0), s) for s in (0.8, 1.6, 3.2))
    detail = float(np.mean(np.abs(fine - middle)))
    return detail / max(float(np.mean(np.abs(middle - coarse))), 0.5)

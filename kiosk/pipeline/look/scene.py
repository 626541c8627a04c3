"""The scene around the face: backdrop, shoulders and clothes, by a segmentation of the person."""

import math
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import Luminance, luminance
from kiosk.pipeline.mask import Mask, SoftMask
from kiosk.pipeline.observation import Scene
from kiosk.pipeline.specification import specification

WORKING_HEIGHT = 320
"""Rows on which scenes are measured; nothing that is asked of them is finer."""

SHOULDERS = (1.5, 1.9)
"""Where the shoulders' outline is read, as distances from the face's midline in T."""

CLEARANCE = 0.12
"""Distance that the backdrop's pixels keep from the person, in T: strands, and the mask's error."""

NEUTRAL = 128.0
"""Where OpenCV's 8-bit coding of L*a*b* has a* = b* = 0."""

LEAST_CHROMA = 10.0
"""Chroma from which on a backdrop has a colour: below it is grey."""

LEAST_PIXELS = 50
"""Pixels that a region has at least for anything to be said of it."""


def measure_scene(
    picture: Picture, mask: SoftMask, midline: float, chin: float, eye_distance: float
) -> Scene:
    """Measure a picture whose person is `mask`: how surely each pixel belongs to them.

    `midline`, `chin` (its y) and `eye_distance` are the face's, in px of the picture.
    """
    scale = min(1.0, WORKING_HEIGHT / picture.shape[0])
    if scale < 1:
        size = (max(round(picture.shape[1] * scale), 1), max(round(picture.shape[0] * scale), 1))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        mask = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.float32)
        midline, chin, eye_distance = midline * scale, chin * scale, eye_distance * scale
    lab = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2LAB), np.uint8)
    backdrop = _backdrop_area(mask, eye_distance)
    light = luminance(picture)
    clothes = _clothes_area(mask, midline, chin, eye_distance)
    unevenness, shadow = _evenness(lab, light, backdrop)
    return Scene(
        unevenness=unevenness,
        backdrop_shadow=shadow,
        shoulders_slope=shoulders_slope(mask, midline, chin, eye_distance),
        shoulders_reach=_reach(mask, midline, chin, eye_distance),
        clothes_contrast=_contrast(lab, clothes, backdrop),
        clothes_pattern=_pattern(light, clothes, eye_distance),
    )


def shoulders_slope(
    mask: SoftMask, midline: float, chin: float, eye_distance: float
) -> float | None:
    """How far the left shoulder hangs below the right, degrees, by the outline of a person's mask.

    None where there is no outline of shoulders at SHOULDERS on both sides, as under long hair.
    """
    heights = []
    for way in (1, -1):
        first, last = sorted(round(midline + way * at * eye_distance) for at in SHOULDERS)
        part = mask[max(round(chin), 0) :, max(first, 0) : max(last, 0)] > 0.5
        if part.shape[0] < 2 or part.shape[1] < 2 or not part.any(0).all():
            return None
        heights.append(float(np.median(part.argmax(0))))
    across = sum(SHOULDERS) * eye_distance
    return math.degrees(math.atan2(heights[0] - heights[1], across))


def _backdrop_area(mask: SoftMask, eye_distance: float) -> Mask:
    away = max(round(CLEARANCE * eye_distance), 1)
    near = cv2.dilate((mask > 0.1).astype(np.uint8), np.ones((2 * away + 1, 2 * away + 1)))
    return np.asarray(near == 0)


def _clothes_area(mask: SoftMask, midline: float, chin: float, distance: float) -> Mask:
    """The chest on both sides of the neck and of an open collar."""
    found = np.zeros(mask.shape, bool)
    top = max(round(chin + 1.0 * distance), 0)
    for near, far in ((-1.6, -0.55), (0.55, 1.6)):
        left, right = (max(round(midline + at * distance), 0) for at in (near, far))
        found[top:, left:right] = mask[top:, left:right] > 0.95
    inner = cv2.erode(found.astype(np.uint8), np.ones((3, 3)), borderValue=1)
    return np.asarray(inner > 0)


def _evenness(lab: Picture, light: Luminance, backdrop: Mask) -> tuple[float | None, float | None]:
    """How far the backdrop departs from a smooth surface: in colour, and darker in light.

    What is smooth (the lens's vignetting, a lamp's fall-off) departs from it nowhere.
    """
    rows, columns = np.nonzero(backdrop)
    if len(rows) < LEAST_PIXELS:
        return None, None
    step = max(len(rows) // 2000, 1)
    rows, columns = rows[::step], columns[::step]
    y, x = rows / lab.shape[0], columns / lab.shape[1]
    surface = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], 1)
    seen = np.column_stack(
        [_in_delta_units(lab[rows, columns]), np.log(light[rows, columns] + 1e-3)]
    )
    # Normal equations: a tenth of lstsq's time; the ridge is for backdrops of one column.
    fitted = np.linalg.solve(surface.T @ surface + 1e-6 * np.eye(6), surface.T @ seen)
    off = seen - surface @ fitted
    unevenness = float(np.percentile(np.linalg.norm(off[:, :3], axis=1), 95))
    return unevenness, float(np.exp(np.percentile(off[:, 3], 2)))


def _in_delta_units(lab: Picture) -> NDArray[np.float64]:
    """OpenCV's 8-bit L*a*b* in units of ΔE, N x 3 or 3."""
    return np.asarray(lab * (100 / 255, 1.0, 1.0), np.float64)


def _reach(mask: SoftMask, midline: float, chin: float, distance: float) -> float | None:
    lowest = mask[-max(mask.shape[0] // 40, 1) :].mean(0) > 0.5
    if chin + 0.5 * distance >= mask.shape[0]:
        return 0.0
    columns = np.nonzero(lowest)[0]
    if not len(columns):
        return 0.0
    left, right = columns[0], columns[-1]
    width = mask.shape[1]
    far = 3.0 * distance
    to_left = far if left == 0 else midline - left
    to_right = far if right == width - 1 else right - midline
    return float(max(min(to_left, to_right), 0.0) / distance)


def _contrast(lab: Picture, clothes: Mask, backdrop: Mask) -> float | None:
    if clothes.sum() < LEAST_PIXELS or backdrop.sum() < LEAST_PIXELS:
        return None
    worn, behind = (_in_delta_units(np.median(lab[part], 0)) for part in (clothes, backdrop))
    # Another booth's grey wall is cut away with all its like: only blue on blue is to be feared.
    backdrops = [_light_blue()]
    if np.hypot(*(behind[1:] - NEUTRAL)) > LEAST_CHROMA:
        backdrops.append(behind)
    # The clothes stand in other light than the backdrop: lightness says less than hue.
    return min(float(np.linalg.norm((worn - b) * (0.5, 1.0, 1.0))) for b in backdrops)


@cache
def _light_blue() -> NDArray[np.float64]:
    """The photo's light blue as `_in_delta_units` gives it, to a tenth of a unit."""
    codes = np.array([[specification().colour("light-blue")]], np.float32)
    lab = np.asarray(cv2.cvtColor(codes / 255, cv2.COLOR_RGB2LAB)[0, 0], np.float64)
    return np.asarray(np.round(lab, 1) + np.array((0.0, NEUTRAL, NEUTRAL)))


def _pattern(light: Luminance, clothes: Mask, distance: float) -> float | None:
    if clothes.sum() < LEAST_PIXELS:
        return None
    fine = cv2.GaussianBlur(light, (0, 0), 0.02 * distance + 0.3)
    coarse = cv2.GaussianBlur(fine, (0, 0), 0.15 * distance + 0.3)
    relative = np.abs(fine - coarse)[clothes] / np.maximum(coarse[clothes], 0.01)
    # The median: folds, seams and buttons are few, stripes are everywhere.
    return float(np.median(relative))

"""Lenses and rims, on masks in which they are drawn."""

import cv2
import numpy as np

from kiosk.pipeline.look.coverage import CLASSES_SIDE, T
from kiosk.pipeline.look.lenses import Lenses, measure_lenses
from kiosk.pipeline.look.patch import LIDS, Points
from kiosk.pipeline.mask import SoftMask

SHAPE = (CLASSES_SIDE, CLASSES_SIDE)


def pair(points: Points, *, low: float = 0.05, dark: bool = False) -> SoftMask:
    """A pair of rims whose middle is so far below the eyes, in T."""
    drawn = np.zeros(SHAPE, np.float32)
    eyes = [points[list(lid)].mean(0) for lid in LIDS]
    for x, y in eyes:
        middle = round(float(x)), round(float(y) + low * T)
        cv2.ellipse(drawn, middle, (round(0.42 * T), round(0.32 * T)), 0, 0, 360, 1.0, 3)
        if dark:
            cv2.ellipse(drawn, middle, (round(0.42 * T), round(0.32 * T)), 0, 0, 360, 1.0, -1)
    (left, y), (right, _) = eyes[1], eyes[0]
    level = round(float(y))
    cv2.line(drawn, (round(left + 0.4 * T), level), (round(right - 0.4 * T), level), 1.0, 3)
    return drawn


def test_who_wears_nothing_has_no_rims(points: Points) -> None:
    assert measure_lenses(np.zeros(SHAPE, np.float32), points, T) == Lenses(0, 0, 0)


def test_clear_glasses_are_worn_and_cover_no_eye(points: Points) -> None:
    found = measure_lenses(pair(points), points, T)
    assert found.worn > 0.15
    assert found.darkness < 0.2
    assert found.frame < 0.1


def test_lenses_that_one_cannot_see_through_are_dark(points: Points) -> None:
    assert measure_lenses(pair(points, dark=True), points, T).darkness > 0.9


def test_one_covered_eye_is_a_patch_and_no_pair_of_dark_lenses(points: Points) -> None:
    patch = pair(points, dark=True)
    patch[:, round(float(points[:, 0].mean())) :] = 0
    assert measure_lenses(patch, points, T).darkness < 0.2


def test_rims_that_have_slipped_down_lie_across_the_eyes(points: Points) -> None:
    assert measure_lenses(pair(points, low=0.32), points, T).frame > 0.16


def test_a_mesh_beside_the_masks_gives_numbers_all_the_same() -> None:
    away = np.full((478, 2), -4000.0)
    assert measure_lenses(np.ones(SHAPE, np.float32), away, T) == Lenses(0, 0, 0)

"""What a lens sees, by numbers that can be checked by hand or in any table of optics."""

import math
from itertools import pairwise

import pytest

from kiosk.building.lens import (
    CAMERAS,
    HQ_10,
    MODULE_3,
    CameraWithLens,
    guided_to,
    largest_photo,
    perspective,
)
from kiosk.pipeline.specification import specification


def test_the_field_grows_with_the_distance_and_shrinks_with_the_focal_length() -> None:
    wide, high = HQ_10.field(1.25)
    assert wide == pytest.approx(2280 * 1.55e-3 / 10 * 1.25)
    assert high == pytest.approx(wide * 4 / 3)
    assert HQ_10.field(2.5) == pytest.approx((2 * wide, 2 * high))
    assert all(a.field(1)[0] > b.field(1)[0] for a, b in pairwise(CAMERAS))


def test_a_frame_made_small_has_fewer_pixels_for_the_crop() -> None:
    assert HQ_10.crop_pixels(1.25) == 1445
    assert HQ_10.crop_pixels(1.25, 1140) == 722
    assert HQ_10.crop_pixels(1.25, 9999) == 1445


@pytest.mark.parametrize("camera", CAMERAS, ids=lambda camera: camera.name)
def test_the_least_frame_just_serves_the_photo(camera: CameraWithLens) -> None:
    width = camera.main_width_for(480, 1.25)
    assert width % 96 == 0
    assert camera.crop_pixels(1.25, width - 96) < 480 <= camera.crop_pixels(1.25, width)


def test_what_needs_more_rows_than_the_fast_mode_has_comes_slower() -> None:
    assert [HQ_10.frames_a_second(width) for width in (1056, 1140, 1152)] == [40, 40, 10]


def test_of_the_recommended_camera_the_guide_asks_nobody_to_come_nearer() -> None:
    goal = guided_to("face_size")
    assert goal[0] <= HQ_10.face_share(1.25) <= goal[1]
    assert MODULE_3.face_share(1.25) < goal[0] <= MODULE_3.face_share(0.9)


def test_the_depth_of_field_holds_the_eyes_and_grows_as_the_iris_closes() -> None:
    near, far = HQ_10.depth_of_field(1.25, 480)
    assert near < 1.25 < far
    # f² / (N c) + f with c = 1.55 µm × 1445 / 480: 7.66 m; and s H / (H ± s).
    assert near == pytest.approx(1.25 * 7.664 / (7.664 + 1.24), rel=1e-3)
    closed = CameraWithLens("", HQ_10.modes, 1.55, 10.0, 16.0)
    assert closed.depth_of_field(1.25, 480)[1] > far
    shut = CameraWithLens("", HQ_10.modes, 1.55, 10.0, 32.0)
    assert shut.depth_of_field(1.25, 480)[1] == math.inf
    assert closed.diffraction(1.25, 480) == pytest.approx(HQ_10.diffraction(1.25, 480) * 16 / 2.8)


def test_no_photo_is_larger_than_its_crop() -> None:
    assert largest_photo(479) is None
    assert largest_photo(480) == (480, 640)
    assert largest_photo(9999) == max(specification().profile("booth").sizes())


def test_the_nose_is_the_smaller_the_farther_the_lens() -> None:
    assert perspective(1.25) == pytest.approx(1.345 / 1.215 - 1)
    assert perspective(0.7) > perspective(1.25) > perspective(1000) > 0

"""What a calibration measures, in pictures of which the truth is known."""

import cv2
import numpy as np
import pytest

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import to_srgb
from kiosk.upkeep.measures import (
    banding,
    codes,
    darkest_corner,
    find_card,
    sharpness,
    split_exposure,
    whole_exposure,
)

HEIGHT, WIDTH = 640, 480


def wall(rows: np.ndarray[tuple[int], np.dtype[np.float64]], seed: int = 1) -> Picture:
    """An unevenly lit wall with noise, each row in another light."""
    scene = np.linspace(0.5, 1.0, HEIGHT)[:, None] * np.linspace(1.0, 0.7, WIDTH)
    light = scene * rows[:, None]
    noise = np.random.default_rng(seed).normal(0, 0.004, light.shape)
    return to_srgb(np.repeat((light + noise)[..., None], 3, axis=2))


@pytest.mark.parametrize("depth", [0.0, 0.02, 0.05, 0.2])
def test_bands_are_as_deep_as_they_are(depth: float) -> None:
    bands = 0.3 * (1 + depth * np.sin(np.arange(HEIGHT) / HEIGHT * 17 * 2 * np.pi))
    found = banding(wall(bands), wall(np.full(HEIGHT, 0.6), seed=2))
    assert found == pytest.approx(depth, abs=0.004)


def test_nothing_is_told_of_bands_in_the_dark() -> None:
    dark = wall(np.zeros(HEIGHT))
    assert banding(dark, wall(np.full(HEIGHT, 0.6))) is None


def card_at(across: float, down: float, tilt: float) -> Picture:
    picture = np.full((HEIGHT, WIDTH, 3), (100, 197, 255), np.uint8)
    box = cv2.boxPoints(((across * WIDTH, down * HEIGHT), (130.0, 140.0), tilt))
    cv2.fillPoly(picture, [np.rint(box).astype(np.int32)], (118, 118, 118))
    return picture


@pytest.mark.parametrize("tilt", [0.0, 3.0, -4.0])
def test_a_card_is_found_with_its_tilt(tilt: float) -> None:
    place = find_card(card_at(0.52, 0.4, tilt))
    assert place is not None
    assert (place.across, place.down) == pytest.approx((0.52, 0.4), abs=0.01)
    assert place.tilt == pytest.approx(tilt, abs=0.5)


def test_no_card_is_found_where_there_is_none() -> None:
    assert find_card(np.full((HEIGHT, WIDTH, 3), 100, np.uint8)) is None


def test_what_is_blurred_is_less_sharp_in_any_light() -> None:
    page = np.repeat(
        np.random.default_rng(3).integers(0, 2, (80, 60, 1), np.uint8) * 200, 3, axis=2
    )
    large = cv2.resize(page, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)
    page = np.asarray(large, np.uint8)
    blurred = np.asarray(cv2.GaussianBlur(page, (0, 0), 2), np.uint8)
    assert sharpness(page) > 3 * sharpness(blurred)
    assert sharpness(np.asarray(page // 2, np.uint8)) == pytest.approx(sharpness(page), rel=0.05)


def test_the_backdrops_darkest_corner_is_told_by_its_brightest_part() -> None:
    light = np.full((HEIGHT, WIDTH, 3), 0.5)
    light[:100, -80:] = 0.1
    assert darkest_corner(to_srgb(light)) == pytest.approx(0.2, abs=0.01)


def test_outliers_change_a_patch_little() -> None:
    patch = np.full((40, 40, 3), 118, np.uint8)
    patch[:1] = 255
    assert codes(patch) == pytest.approx((118, 118, 118), abs=0.1)


@pytest.mark.parametrize(
    ("product", "wanted", "split"),
    [
        (10_000, 10_000, (10_000, 1.0)),
        (80_000, 20_000, (20_000, 4.0)),  # what is configured is kept
        (9_800, 10_000, (10_000, 1.0)),  # near enough
        (8_000, 20_000, None),  # too bright
        (100_000, 10_000, (10_000, 10.0)),
        (240_000, 10_000, (20_000, 12.0)),
        (480_001, 10_000, None),  # too dark
        (16_666, 16_666, (16_666, 1.0)),  # 60 Hz
        (20_000, 12_345, (10_000, 2.0)),  # no whole period is configured
    ],
)
def test_exposures_are_whole_half_periods_of_the_mains(
    product: float, wanted: int, split: tuple[int, float] | None
) -> None:
    assert split_exposure(product, wanted) == (split and pytest.approx(split))


def test_an_exposure_that_holds_no_whole_periods_is_told() -> None:
    assert whole_exposure(10_000, 1_000) == 0
    assert whole_exposure(10_000, 1_040) == pytest.approx(0.4)

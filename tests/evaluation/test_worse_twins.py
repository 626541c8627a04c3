"""What each worse twin spoils, measured on an even backdrop and in what it takes."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.evaluation.hung_backdrops import (
    FOLD_DEPTHS,
    MOVED,
    PLASTER,
    Hung,
    hang_grey_wall,
    hang_on_another_day,
    hang_plaster,
    hang_wrinkled_cloth,
)
from kiosk.evaluation.samples import Sample, take_sample
from kiosk.evaluation.worse_twins import AS_BUILT, WORSE_TWINS, WorseTwin
from kiosk.pipeline.light import to_linear, to_srgb
from kiosk.pipeline.photo.standardise import Evidence
from kiosk.twin import find_subject
from kiosk.twin.light_stage import Light, RenderedPerson

EVEN: Light = np.full((240, 180, 3), 0.5, np.float32)


def named(name: str) -> WorseTwin:
    (twin,) = (twin for twin in WORSE_TWINS if twin.name == name)
    return twin


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def noise(twin: WorseTwin) -> NDArray[np.float32]:
    """What a twin's picture of an even grey differs by from the grey."""
    return to_linear(twin.take(EVEN, rng())) - np.float32(0.5)


def likeness(values: NDArray[np.float32], px: int) -> float:
    return float(np.corrcoef(values[:, px:].ravel(), values[:, :-px].ravel())[0, 1])


def hung(hang: Callable[..., Hung]) -> Hung:
    cover = np.zeros(EVEN.shape[:2], np.float32)
    cover[80:, 50:110] = 1
    return hang(EVEN, cover, rng())


def test_the_noise_of_the_noisy_twin_deviates_three_times_as_much() -> None:
    assert noise(named("three times the noise")).std() == pytest.approx(
        3 * noise(AS_BUILT).std(), rel=0.06
    )


def test_grain_is_as_strong_as_the_noise_but_alike_in_neighbours_and_in_all_colours() -> None:
    grain = noise(named("a grey wall, no plate"))
    assert grain.std() == pytest.approx(noise(AS_BUILT).std(), rel=0.1)
    green = grain[..., 1]
    assert [likeness(green, px) for px in (1, 2, 4)] == pytest.approx([0.79, 0.61, 0.28], abs=0.1)
    assert abs(likeness(green, 12)) < 0.1
    assert np.corrcoef(grain[..., 0].ravel(), green.ravel())[0, 1] > 0.7
    assert abs(likeness(noise(AS_BUILT)[..., 1], 1)) < 0.05


def test_a_jpeg_in_between_changes_colours_more_than_brightness() -> None:
    colours = rng().integers(0, 256, (120, 160, 3), dtype=np.uint8)
    taken = named("JPEG in between").take(to_linear(colours), rng()).astype(float)
    off = taken - AS_BUILT.take(to_linear(colours), rng())
    brightness = off @ (0.299, 0.587, 0.114)
    assert 0 < brightness.std() < (off[..., 2] - brightness).std() / 3


def test_the_plate_of_a_painted_wall_fits_it() -> None:
    wall = hung(hang_plaster)
    assert np.array_equal(wall.now, wall.plate)
    assert np.abs(wall.now - 1).max() <= 2 * PLASTER + 1e-6
    assert wall.now.std() == pytest.approx(PLASTER, rel=0.1)
    texture = wall.now[..., 0]
    assert likeness(texture, 1) > 0.5
    assert abs(likeness(texture, 12)) < 0.1


def test_the_plate_of_another_day_misfits_by_two_pixels_and_by_its_light() -> None:
    wall = hung(hang_on_another_day)
    assert 0.02 < np.abs(wall.now - wall.plate).mean() < 0.06
    right, down = (int(px) for px in MOVED)
    laid = wall.now[down:, right:, 1] / wall.plate[:-down, :-right, 1]
    as_it_lies = wall.now[..., 1] / wall.plate[..., 1]
    assert np.diff(laid, axis=1).std() < np.diff(as_it_lies, axis=1).std() / 2
    assert wall.now[..., 0].mean() > wall.now[..., 2].mean()


def test_wrinkles_have_moved_since_the_plate_and_a_shadow_lies_beside_the_person() -> None:
    cloth = hung(hang_wrinkled_cloth)
    brightest = np.abs(cloth.plate - 1).max()
    assert FOLD_DEPTHS[0] / 2 < brightest < 3 * FOLD_DEPTHS[1]
    assert np.abs(cloth.now - cloth.plate).max() > FOLD_DEPTHS[0] / 2
    assert cloth.shadow is not None
    assert cloth.shadow[200, 130] > 0.5 > cloth.shadow[200, 30]


def test_a_studio_wall_is_grey_and_unevenly_lit() -> None:
    light = hung(hang_grey_wall).now * EVEN
    assert np.ptp(light.mean((0, 1))) < 0.03
    middle = light[0, 90, 1]
    assert light[0, 0, 1] / middle == pytest.approx(0.82, abs=0.04)
    assert light[144, 90, 1] / middle == pytest.approx(1.42, abs=0.02)


def take(twin: WorseTwin) -> Sample:
    return take_sample(RenderedPerson(find_subject("lin")), "neutral", 1, twin)


def misfit(sample: Sample) -> float:
    """How much the capture's upper corner differs from the plate, in codes."""
    assert sample.evidence.plate is not None
    off = sample.capture.astype(float) - to_srgb(sample.evidence.plate)
    return float(np.abs(off[:200, :150]).mean())


def test_before_a_grey_wall_the_person_is_the_same_and_the_booth_knows_a_photo_alone() -> None:
    sample = take(named("a grey wall, no plate"))
    assert sample.evidence == Evidence()
    assert np.ptp(sample.capture[:100, :100].mean((0, 1))) < 8
    inside = sample.alpha == 1
    off = sample.capture[inside].astype(float) - to_srgb(sample.own[inside])
    assert abs(off.mean()) < 0.5


@pytest.mark.soak
def test_a_worse_twin_spoils_the_sample_but_not_what_is_true_of_it() -> None:
    built, spoilt = take(AS_BUILT), take(named("a plate from another day"))
    assert misfit(spoilt) > 2 * misfit(built)
    assert np.array_equal(built.own, spoilt.own)
    inside = built.alpha == 1
    assert np.array_equal(built.capture[inside], spoilt.capture[inside])

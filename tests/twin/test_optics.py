from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.camera.frame import Controls, Picture
from kiosk.lighting.usual_levels import WORKING
from kiosk.pipeline.light import to_linear, to_srgb
from kiosk.twin import optics, sensor
from kiosk.twin.light_stage import EmptyBooth, Figure, Light, LightStage, RenderedPerson
from kiosk.twin.people import find_subject
from kiosk.twin.shutter import READOUT
from kiosk.twin.wires import AWAY, Posture

LIGHT = {**WORKING, "room": 1.0}


@pytest.fixture(scope="module")
def subject() -> RenderedPerson:
    return RenderedPerson(find_subject("lin"))


@pytest.fixture(scope="module")
def neutral(subject: RenderedPerson) -> Figure:
    return subject.stage("neutral", large=False)


@pytest.fixture(scope="module")
def booth() -> LightStage:
    return EmptyBooth().stage(large=False)


def cheeks(subject: RenderedPerson, light: Light) -> NDArray[np.float32]:
    """Mean light of the skin below each eye: the picture's left, its right."""
    truth = subject.truth("neutral")
    chin = truth["chin"][1] / 2
    middle = sum(x for x, _ in truth["eyes"].values()) / 4
    patches = []
    for x, y in sorted(truth["eyes"].values()):
        # Beside the nose's shadow.
        column = int(middle + 1.4 * (x / 2 - middle))
        row = int(y / 2 + 0.5 * (chin - y / 2))
        patches.append(light[row - 8 : row + 8, column - 8 : column + 8].mean())
    return np.array(patches)


def composed(
    neutral: Figure,
    booth: LightStage,
    posture: Posture,
    levels: Mapping[str, float] = LIGHT,
) -> Light:
    empty = optics.relight(booth, levels)
    layer = optics.separate_person(optics.relight(neutral, levels), neutral.alpha, empty)
    size = empty.shape[1], empty.shape[0]
    return optics.compose(empty, optics.move_layer(optics.extend_layer(layer), posture, size))


# ---- light ----


def test_two_lamps_are_the_sum_of_each(neutral: Figure) -> None:
    one = optics.relight(neutral, {"key_left": 0.4})
    other = optics.relight(neutral, {"fill": 0.7})
    both = optics.relight(neutral, {"key_left": 0.4, "fill": 0.7})
    np.testing.assert_allclose(both, one + other, atol=1e-6)


def test_two_lamps_are_the_sum_of_each_in_the_finished_picture_within_its_quantisation(
    neutral: Figure, booth: LightStage
) -> None:
    def picture(levels: Mapping[str, float]) -> Picture:
        return sensor.develop(composed(neutral, booth, Posture(dx=0.1, scale=0.9), levels))

    one, other = picture({"key_left": 0.3}), picture({"backdrop": 0.4})
    both = picture({"key_left": 0.3, "backdrop": 0.4})
    summed = to_srgb(to_linear(one) + to_linear(other))
    difference = np.abs(summed.astype(int) - both)[both < 255]
    # Half a code of each darker picture is more where the sum is on the curve's steep part.
    assert difference.max() <= 3
    assert difference.mean() < 0.6


def test_half_the_level_is_half_the_light(neutral: Figure) -> None:
    full, half = (optics.relight(neutral, {"key_right": level}) for level in (0.8, 0.4))
    np.testing.assert_allclose(full, 2 * half, rtol=1e-5)


def test_without_lamps_it_is_dark(neutral: Figure) -> None:
    assert optics.relight(neutral, {}).max() == 0
    assert optics.relight(neutral, {"fill": 0.0}).max() == 0


def test_dimming_the_left_lamp_darkens_the_left_cheek_and_hardly_the_right(
    subject: RenderedPerson, neutral: Figure
) -> None:
    bright = cheeks(subject, optics.relight(neutral, LIGHT))
    dim = cheeks(subject, optics.relight(neutral, {**LIGHT, "key_left": 0.1}))
    left, right = dim / bright
    assert left < 0.65
    assert right > 0.8


# ---- motion ----


def test_a_person_at_rest_is_what_was_rendered(neutral: Figure, booth: LightStage) -> None:
    rendered = optics.relight(neutral, LIGHT)
    np.testing.assert_allclose(composed(neutral, booth, Posture()), rendered, atol=1e-5)


def test_motion_moves_the_matte_and_the_light_by_the_same(
    neutral: Figure, booth: LightStage
) -> None:
    empty = optics.relight(booth, LIGHT)
    layer = optics.separate_person(optics.relight(neutral, LIGHT), neutral.alpha, empty)
    extended = optics.extend_layer(layer)
    size = empty.shape[1], empty.shape[0]
    moved = optics.move_layer(extended, Posture(dx=24 / size[0], dy=-16 / size[1]), size)
    np.testing.assert_allclose(moved[:-16, 24:], layer[16:, :-24], atol=1e-5)


def test_who_comes_nearer_grows_about_the_eyes(neutral: Figure, booth: LightStage) -> None:
    empty = optics.relight(booth, LIGHT)
    layer = optics.extend_layer(
        optics.separate_person(optics.relight(neutral, LIGHT), neutral.alpha, empty)
    )
    size = empty.shape[1], empty.shape[0]
    row = int(optics.LENS_AXIS[1] * size[1])

    def width(scale: float) -> float:
        return float(optics.move_layer(layer, Posture(scale=scale), size)[row, :, 3].sum())

    assert width(1.3) == pytest.approx(1.3 * width(1.0), rel=0.02)
    assert width(0.7) == pytest.approx(0.7 * width(1.0), rel=0.02)


@pytest.mark.parametrize("posture", [Posture(scale=0.62), Posture(dy=-0.2), Posture(dx=0.1)])
def test_no_gap_opens_below_a_person_who_moves(
    neutral: Figure, booth: LightStage, posture: Posture
) -> None:
    empty = optics.relight(booth, LIGHT)
    layer = optics.extend_layer(
        optics.separate_person(optics.relight(neutral, LIGHT), neutral.alpha, empty)
    )
    size = empty.shape[1], empty.shape[0]
    moved = optics.move_layer(layer, posture, size)
    middle = round((optics.LENS_AXIS[0] + posture.dx) * size[0])
    assert moved[-1, middle - 40 : middle + 40, 3].min() > 0.99


def test_who_is_outside_the_picture_leaves_the_booth_as_it_is(
    neutral: Figure, booth: LightStage
) -> None:
    empty = optics.relight(booth, LIGHT)
    for dx in (-1.5, 1.5):
        np.testing.assert_array_equal(composed(neutral, booth, Posture(dx=dx)), empty)


# ---- lens and sensor ----


def test_a_lens_keeps_the_light_of_its_middle_and_loses_some_in_the_corners() -> None:
    light = np.full((64, 48, 3), 0.5, np.float32)
    through = optics.vignette(optics.blur(light, 0.5))
    assert through[32, 24, 0] == pytest.approx(0.5, rel=1e-3)
    assert through[0, 0, 0] == pytest.approx(0.5 * (1 - optics.VIGNETTING), rel=1e-3)


@pytest.mark.parametrize("level", [0.02, 0.1, 0.4])
@pytest.mark.parametrize("controls", [Controls(), Controls(5_000, 2.0), Controls(10_000, 2.0)])
def test_noise_has_the_stated_variance_and_no_bias(level: float, controls: Controls) -> None:
    light = np.full((400, 400, 3), level, np.float32)
    read = sensor.expose(light, controls, sensor.SENSOR, np.random.default_rng(7))
    bright = level * controls.exposure_time / 10_000 * controls.analogue_gain
    assert read.mean() == pytest.approx(bright, rel=1e-3)
    stated = float(sensor.SENSOR.variance(light, controls).mean())
    assert read.var() == pytest.approx(stated, rel=0.01)


def test_gain_instead_of_exposure_is_noisier() -> None:
    light = np.full((200, 200, 3), 0.1, np.float32)
    long, short = Controls(20_000, 1.0), Controls(5_000, 4.0)
    assert sensor.SENSOR.variance(light, short).mean() > (
        3 * sensor.SENSOR.variance(light, long).mean()
    )


def test_a_pixel_of_four_has_half_the_noise() -> None:
    light = np.full((8, 8, 3), 0.3, np.float32)
    small = sensor.SENSOR.binned(4).variance(light, Controls())
    np.testing.assert_allclose(4 * small, sensor.SENSOR.variance(light, Controls()), rtol=1e-5)


def test_colour_gains_act_on_red_and_blue() -> None:
    light = np.full((4, 4, 3), 0.2, np.float32)
    controls = Controls(analogue_gain=1.0, colour_gains=(1.5, 0.5))
    read = sensor.expose(light, controls, None, np.random.default_rng(0))
    np.testing.assert_allclose(read[0, 0], [0.3, 0.2, 0.1], rtol=1e-5)


def test_what_is_too_bright_clips_to_white_and_does_not_wrap() -> None:
    light = np.full((4, 4, 3), 5.0, np.float32)
    controls = Controls(colour_gains=(2.0, 2.0))
    read = sensor.expose(light, controls, sensor.SENSOR, np.random.default_rng(0))
    assert sensor.develop(read).min() == 255


def test_developing_is_srgb_within_a_code() -> None:
    light = np.linspace(0, 1, 999, dtype=np.float32).reshape(37, 9, 3)
    assert np.abs(sensor.develop(light).astype(int) - to_srgb(light)).max() <= 1


def test_levels_row_by_row_light_each_row_by_its_own(neutral: Figure) -> None:
    height = neutral.alpha.shape[0]
    levels = np.where(np.arange(height) < height // 2, 0.2, 0.8)
    banded = optics.relight(neutral, {"key_left": levels})
    low, high = (optics.relight(neutral, {"key_left": level}) for level in (0.2, 0.8))
    np.testing.assert_allclose(banded[: height // 2], low[: height // 2], rtol=1e-5)
    np.testing.assert_allclose(banded[height // 2 :], high[height // 2 :], rtol=1e-5)


def bar(size: tuple[int, int]) -> Light:
    """A layer with an upright bar, as a moved person's would be."""
    layer = np.zeros((size[1], size[0], 4), np.float32)
    layer[:, size[0] // 2 - 10 : size[0] // 2 + 10] = 1
    return optics.extend_layer(layer)


def middles(moved: Light) -> NDArray[np.float64]:
    columns = np.arange(moved.shape[1])
    return np.asarray((moved[..., 3] * columns).sum(1) / moved[..., 3].sum(1))


def test_a_rolling_shutter_leans_what_moves_aside() -> None:
    size = (480, 640)
    still = middles(optics.move_layer(bar(size), Posture(), size))
    going = middles(optics.move_layer(bar(size), Posture(), size, velocity=(0.5, 0.0)))
    lean = going - still
    assert lean[0] == pytest.approx(0, abs=0.3)
    assert lean[-1] == pytest.approx(0.5 * 480 * READOUT, abs=0.3)


def test_a_long_exposure_smears_what_moves_along_its_way_and_keeps_its_light() -> None:
    size = (480, 640)
    sharp = optics.move_layer(bar(size), Posture(), size, (0.5, 0.0), 0.0)
    smeared = optics.move_layer(bar(size), Posture(), size, (0.5, 0.0), 0.030)
    soft = ((smeared[..., 3] > 0.05) & (smeared[..., 3] < 0.95)).sum(1).mean()
    assert soft > ((sharp[..., 3] > 0.05) & (sharp[..., 3] < 0.95)).sum(1).mean() + 4
    assert smeared[..., 3].sum() == pytest.approx(float(sharp[..., 3].sum()), rel=1e-3)


def test_who_is_put_elsewhere_does_not_fly_there() -> None:
    here, there = Posture(), Posture(dx=0.2, dy=-0.1)
    assert optics.velocity(here, there, 0.5) == pytest.approx((0.4, -0.2))
    assert optics.velocity(here, there, 0.033) == optics.AT_REST
    assert optics.velocity(AWAY, here, 0.5) == optics.AT_REST
    assert optics.velocity(here, there, 0.0) == optics.AT_REST


def test_bands_stay_where_they_are_in_the_picture_whoever_moves_through_them() -> None:
    rows = np.arange(640.0)
    followed = optics.shift_levels({"fill": rows, "room": 0.5}, Posture(dy=0.1))
    assert followed["room"] == 0.5
    seen = followed["fill"]
    assert isinstance(seen, np.ndarray)
    np.testing.assert_array_equal(seen[:576], rows[64:])

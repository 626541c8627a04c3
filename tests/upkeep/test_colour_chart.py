"""The chart of 24 colours, in pictures of the twin."""

from collections.abc import Callable

import numpy as np
import pytest

from kiosk.camera.frame import Controls, Picture
from kiosk.evaluation.twin_pictures import WORKING_LIGHT
from kiosk.twin import sensor
from kiosk.twin.camera import SensorLight
from kiosk.twin.chart import hold_chart
from kiosk.twin.grey_card import hold_card
from kiosk.twin.light_stage import EmptyBooth, Light, RenderedPerson
from kiosk.twin.people import find_subject
from kiosk.twin.wires import AWAY
from kiosk.upkeep.colour_chart import (
    chart_errors,
    correct,
    find_chart,
    fit_matrix,
    gains_by_chart,
    light_by_chart,
    read_chart,
)

Shoot = Callable[..., Picture]

USUAL = Controls()


@pytest.fixture(scope="module")
def empty() -> Light:
    subject = RenderedPerson(find_subject("lin"))
    return SensorLight(subject, EmptyBooth(), large=False).light(WORKING_LIGHT, AWAY)


@pytest.fixture(scope="module")
def shoot(empty: Light) -> Shoot:
    def take(
        colours: sensor.Matrix = sensor.SAME, controls: Controls = USUAL, tilt: float = 0.0
    ) -> Picture:
        light = hold_chart(empty, WORKING_LIGHT, tilt=tilt)
        chip = sensor.Sensor(colours=colours).binned(4)
        return sensor.develop(sensor.expose(light, controls, chip, np.random.default_rng(1)))

    return take


@pytest.mark.parametrize("tilt", [-4.0, 0.0, 3.0])
def test_the_chart_is_found_and_its_colours_are_right(shoot: Shoot, tilt: float) -> None:
    picture = shoot(tilt=tilt)
    place = find_chart(picture)
    assert place is not None
    assert place.tilt == pytest.approx(tilt, abs=1.0)
    reading = read_chart(picture, place)
    assert chart_errors(reading).mean <= 1.5
    assert light_by_chart(reading) == pytest.approx(1, abs=0.03)
    assert gains_by_chart(reading) == pytest.approx((1, 1), abs=0.03)


def test_there_is_no_chart_in_an_empty_booth_on_a_grey_card_or_in_noise(empty: Light) -> None:
    rng = np.random.default_rng(2)
    for light in (empty, hold_card(empty, WORKING_LIGHT)):
        picture = sensor.develop(sensor.expose(light, Controls(), sensor.SENSOR, rng))
        assert find_chart(picture) is None
    assert find_chart(rng.integers(0, 256, empty.shape, np.uint8)) is None


def test_what_a_bare_chip_mixes_gains_and_a_matrix_put_right(shoot: Shoot) -> None:
    picture = shoot(sensor.IMPERFECT)
    place = find_chart(picture)
    assert place is not None
    red, blue = gains_by_chart(read_chart(picture, place))
    balanced = read_chart(shoot(sensor.IMPERFECT, Controls(colour_gains=(red, blue))), place)
    assert gains_by_chart(balanced) == pytest.approx((1, 1), abs=0.03)
    assert chart_errors(balanced).mean > 4.5
    matrix = fit_matrix(balanced)
    np.testing.assert_allclose(matrix.sum(1), 1)
    mended = correct(balanced, matrix)
    assert chart_errors(mended).mean <= chart_errors(balanced).mean / 3


def test_without_enough_light_no_matrix_is_made_up(shoot: Shoot) -> None:
    picture = shoot(controls=Controls(analogue_gain=6.0))
    place = find_chart(shoot())
    assert place is not None
    with pytest.raises(ValueError, match="set the exposure by the grey card first"):
        fit_matrix(read_chart(picture, place))

"""Roughness: teeth on shoulders are measured on cloth of any colour, a smooth course is not."""

import numpy as np
import pytest

from kiosk.evaluation.spoilt_photos import jag
from kiosk.pipeline.specification import Codes
from kiosk.pipeline.verify.roughness import measure_roughness
from tests.pipeline.verify.figures import BLUE, CHIN, draw_person

CLOTHES: dict[str, Codes] = {
    "white": (250, 250, 250),
    "black": (20, 20, 22),
    "skin": (214, 170, 146),
}


@pytest.mark.parametrize("clothes", CLOTHES)
def test_teeth_are_the_rougher_the_deeper_they_were_cut(clothes: str) -> None:
    person = draw_person(CLOTHES[clothes])
    smooth = measure_roughness(person.lay(BLUE), BLUE, CHIN)
    assert smooth is not None
    assert smooth < 0.06
    # A strength is their depth in px; those that are wide bend the course.
    shallow, deep = (
        measure_roughness(jag(person, BLUE, depth, np.random.default_rng(1)), BLUE, CHIN) or 0.0
        for depth in (0.33, 0.67)
    )
    assert smooth + 0.06 < shallow < deep - 0.06


def test_a_striped_shirt_is_not_jagged() -> None:
    person = draw_person()
    own = person.own.copy()
    own[:, ::12] *= 0.2
    own[:, 1::12] *= 0.2
    striped = type(person)("striped", person.alpha, own, person.chin)
    rough = measure_roughness(striped.lay(BLUE), BLUE, CHIN)
    assert rough is not None
    assert rough < 0.15


def test_loose_hair_over_one_shoulder_does_not_make_the_clothes_jagged() -> None:
    person = draw_person()
    photo = person.lay(BLUE)
    smooth = measure_roughness(photo, BLUE, CHIN)
    photo[:, :240] = jag(person, BLUE, 1, np.random.default_rng(1))[:, :240]
    assert measure_roughness(photo, BLUE, CHIN) == pytest.approx(smooth, abs=0.03)


def test_where_nobody_is_nothing_is_measured() -> None:
    assert measure_roughness(np.full((640, 480, 3), BLUE, np.uint8), BLUE, CHIN) is None

"""What the lamps' bench takes for true is true."""

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.evaluation.lamps_law import judge_course
from kiosk.evaluation.light_truth import Place, TrueLight
from kiosk.evaluation.lit_face import find_true_light
from kiosk.pipeline.look.looker import Looker
from kiosk.twin import find_subject
from kiosk.twin.light_stage import RenderedPerson

CARD = {"key_left": 0.4, "key_right": 0.4, "fill": 0.2, "room": 0.1}
WORKING = {"key_left": 0.6, "key_right": 0.6, "fill": 0.5, "backdrop": 0.6, "room": 1.0}
FULL = {"key_left": 1.0, "key_right": 1.0}
KEYS_AND_FILL = ("key_left", "key_right", "fill")


@pytest.fixture(scope="module")
def chen(looker: Looker) -> TrueLight:
    return find_true_light(RenderedPerson(find_subject("chen")), looker, CARD)


def test_what_mirrors_a_lamp_on_a_lens_is_that_lamp(chen: TrueLight) -> None:
    for lamp, side in (("key_left", -1), ("key_right", 1)):
        # The outer spot of each lens: rendered where this lamp alone is mirrored.
        spot = spot_of(chen, lamp)
        lens = (abs(spot[:, 1]) < 0.25) & (side * spot[:, 0] > 0.4) & (side * spot[:, 0] < 0.9)
        assert chen.sources_at(spot[lens], WORKING, {}) == {lamp}
        assert chen.sources_at(spot[lens], {}, WORKING) == {"room"}
        assert lamp not in chen.sources_at(spot[lens], {**WORKING, lamp: 0.0}, {})


def spot_of(truth: TrueLight, lamp: str) -> NDArray[np.float64]:
    """All that mirrors a lamp, in T from between the eyes."""
    rows, columns = np.nonzero(truth.mirrors[lamp])
    at = np.stack([columns, rows], 1).astype(np.float64)
    return np.asarray((at - np.array(truth.middle)) / truth.eye_distance)


def test_where_nothing_is_mirrored_there_is_no_source(chen: TrueLight) -> None:
    assert chen.sources_at(np.array([[0.0, 1.4]]), {"fill": 1.0}, {}) == frozenset()


def test_a_lamp_that_a_lens_mirrors_glares_until_it_is_dark(chen: TrueLight) -> None:
    assert chen.glares(WORKING)
    dim = {**WORKING, "key_left": 0.05, "key_right": 0.05}
    assert chen.glare(dim) < chen.glare(WORKING)
    assert not chen.glares({"fill": 1.0})


def test_what_lamps_alone_can_do_is_at_the_same_light_of_the_card(chen: TrueLight) -> None:
    found = list(chen.remedies(WORKING, {}, KEYS_AND_FILL, 0.06))
    assert found
    for levels in found:
        assert chen.card_light(levels) == pytest.approx(chen.card_light(WORKING), rel=0.03)
        assert not chen.glares(levels, 0.06)
    assert not list(chen.remedies(WORKING, dict.fromkeys(KEYS_AND_FILL, 0.3), KEYS_AND_FILL, 0.06))


def two_lamps() -> TrueLight:
    """A face of two cheeks, each lit by the lamp of its side and a little by the other."""
    light = np.ones((1, 1), np.float32)
    nothing = np.zeros((1, 1), bool)
    lights = {"key_left": light, "key_right": light}
    mirrors = dict.fromkeys(lights, nothing)
    place = Place(lights, mirrors, 1.6)
    return TrueLight(
        lights,
        mirrors,
        (0.0, 0.0),
        1.0,
        {"lens_left": place, "lens_right": place, "skin": place},
        {"key_left": (0.4, 0.1), "key_right": (0.1, 0.4)},
        {"key_left": 0.25, "key_right": 0.25},
        glasses=False,
    )


def lit(left: float, right: float) -> dict[str, float]:
    return {"key_left": left, "key_right": right}


def test_light_has_settled_from_the_look_on_after_which_it_stays_right() -> None:
    course = [lit(1.0, 0.2), lit(0.8, 0.4), lit(0.6, 0.6), lit(0.8, 0.4), *[lit(0.6, 0.6)] * 12]
    settled = judge_course(course, two_lamps(), FULL, 0.3)
    assert settled.frames == 4
    assert settled.ratio == pytest.approx(1.0)
    assert settled.ripple == 0
    assert settled.card == pytest.approx(1.0)


def test_light_that_goes_too_far_overshoots_by_a_share_of_where_it_comes_to_rest() -> None:
    course = [lit(0.2, 0.6), lit(0.7, 0.6), *[lit(0.6, 0.6)] * 12]
    assert judge_course(course, two_lamps(), FULL, 0.3).overshoot == pytest.approx(0.04 / 0.3)


def test_light_that_swings_at_rest_has_a_ripple_and_never_settles_where_it_is_uneven() -> None:
    course = [lit(0.6, 0.6 + 0.3 * (n % 2)) for n in range(20)]
    settled = judge_course(course, two_lamps(), FULL, 0.3)
    assert settled.ripple > 0.2
    assert settled.frames is None


def test_one_dead_lamp_of_two_leaves_no_even_light() -> None:
    truth = two_lamps()
    assert truth.least_ratio(lit(0.6, 0.6), {}, ("key_left", "key_right")) == 1.0
    assert truth.least_ratio(lit(0.6, 0.0), {"key_right": 0.0}, ("key_left", "key_right")) > 3

"""Backdrop, shoulders and clothes, on the twin and on shapes whose truth is known."""

import math
from collections.abc import Callable
from dataclasses import astuple

import numpy as np
import pytest

from kiosk.camera.frame import Picture
from kiosk.evaluation.twin_pictures import picture_of
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.look.scene import measure_scene, shoulders_slope
from kiosk.pipeline.mask import SoftMask
from kiosk.pipeline.observation import Scene
from kiosk.twin import find_subject
from kiosk.twin.light_stage import RenderedPerson

At = Callable[..., Picture]


def seen(looker: Looker, name: str, pose: str = "neutral") -> Scene:
    scene = looker.look(picture_of(RenderedPerson(find_subject(name)), pose)).scene
    assert scene is not None
    return scene


def shoulders(left: int, right: int) -> SoftMask:
    """Shoulders as two plateaus, each at a row of its own."""
    mask = np.zeros((400, 400), np.float32)
    mask[right:, :200] = 1
    mask[left:, 200:] = 1
    return mask


def test_a_left_shoulder_that_hangs_lower_reads_as_a_slope_to_the_left() -> None:
    wanted = math.degrees(math.atan2(20, 2 * 1.7 * 80))
    assert shoulders_slope(shoulders(270, 250), 200, 200, 80.0) == pytest.approx(wanted, abs=0.2)
    assert shoulders_slope(shoulders(250, 270), 200, 200, 80.0) == pytest.approx(-wanted, abs=0.2)


def test_where_no_outline_of_shoulders_is_no_slope_is_guessed() -> None:
    assert shoulders_slope(np.zeros((400, 400), np.float32), 200, 200, 80.0) is None


@pytest.mark.parametrize("name", ["hui", "lin"])
def test_a_hanging_shoulder_reads_within_two_degrees_of_its_truth(
    name: str, looker: Looker
) -> None:
    slope = seen(looker, name, "shoulder_low").shoulders_slope
    truth = RenderedPerson(find_subject(name)).truth("shoulder_low")["shoulders_slope"]
    assert slope == pytest.approx(truth, abs=2)


def test_stripes_are_a_pattern_and_collars_and_folds_are_not(looker: Looker) -> None:
    striped = [seen(looker, name).clothes_pattern for name in ("hui", "ravi")]
    plain = [seen(looker, name).clothes_pattern for name in ("lin", "kofi", "mei", "chen")]
    assert min(s for s in striped if s is not None) > 10 * max(p for p in plain if p is not None)


def test_a_shirt_in_the_backdrops_blue_is_nearer_to_it_than_any_other(looker: Looker) -> None:
    contrast = {n: seen(looker, n).clothes_contrast for n in ("na", "lin", "chen", "kofi", "anna")}
    assert min(contrast, key=lambda name: contrast[name] or 0.0) == "na"


def test_an_empty_backdrop_is_even_and_a_thing_on_it_is_not(looker: Looker, at_booth: At) -> None:
    picture = at_booth()
    littered = picture.copy()
    littered[100:300, 20:80] = (200, 180, 40)
    even, uneven = (looker.look(p).scene for p in (picture, littered))
    assert even is not None
    assert uneven is not None
    assert even.unevenness is not None
    assert uneven.unevenness is not None
    assert even.unevenness < 3
    assert uneven.unevenness > 3 * even.unevenness


@pytest.mark.parametrize("fill", [0, 127, 255])
@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3), (640, 480)])
@pytest.mark.parametrize("covered", [0.0, 1.0])
def test_no_scene_gives_a_number_that_is_none(
    fill: int, size: tuple[int, int], covered: float
) -> None:
    picture = np.full((*size, 3), fill, np.uint8)
    mask = np.full(size, covered, np.float32)
    for midline, chin, distance in ((100.0, 100.0, 40.0), (-50.0, 9000.0, 1e-6), (0.0, 0.0, 900.0)):
        scene = measure_scene(picture, mask, midline, chin, distance)
        assert all(value is None or math.isfinite(value) for value in astuple(scene))

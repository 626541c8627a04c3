import math
from collections import deque
from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.lighting.control_law import DEAD_BAND, WORKING, balance_key_lamps

Array = NDArray[np.float64]


class Face:
    """Two cheeks under two lamps and a room: a linear model, seen late and noisily."""

    def __init__(self, rng: np.random.Generator, lag: int, noise: float, gamma: float) -> None:
        self.near, self.far = rng.uniform(0.15, 0.5, 2), rng.uniform(0, 0.04, 2)
        self.room = rng.uniform(0, 0.08, 2)
        self.rng, self.noise, self.gamma = rng, noise, gamma
        self.seen: deque[Array] = deque(maxlen=lag + 1)

    def cheeks(self, levels: Mapping[str, float]) -> Array:
        keys = np.array([levels["key_left"], levels["key_right"]])
        return np.asarray(self.near * keys + self.far * keys[::-1] + self.room)

    def look(self, levels: Mapping[str, float]) -> tuple[float, float]:
        self.seen.append(self.cheeks(levels))
        noise = 1 + self.noise * self.rng.standard_normal(2)
        left, right = (self.seen[0] * noise) ** self.gamma
        return float(left), float(right)


def imbalances(face: Face) -> tuple[dict[str, float], Array]:
    levels, course = dict(WORKING), []
    for _ in range(300):
        levels = balance_key_lamps(levels, *face.look(levels))
        left, right = face.cheeks(levels)
        course.append(math.log(left / right))
    return levels, np.array(course)


@pytest.mark.parametrize("lag", [0, 2, 5])
@pytest.mark.parametrize("gamma", [0.8, 1.0])
def test_any_face_becomes_evenly_lit_and_never_swings_past(lag: int, gamma: float) -> None:
    for seed in range(40):
        face = Face(np.random.default_rng(seed), lag, noise=0.0, gamma=gamma)
        levels, course = imbalances(face)
        out_of_reach = min(levels["key_left"], levels["key_right"]) < 0.021
        seen = 1.5 * DEAD_BAND / gamma
        assert abs(course[-1]) < seen or out_of_reach
        overshoot = (-np.sign(course[0]) * course).max()
        assert overshoot < seen
        assert np.ptp(course[-30:]) < 1e-9 or out_of_reach


def test_noise_does_not_keep_the_lamps_from_settling() -> None:
    for seed in range(40):
        face = Face(np.random.default_rng(seed), lag=3, noise=0.01, gamma=1.0)
        levels, course = imbalances(face)
        out_of_reach = min(levels["key_left"], levels["key_right"]) < 0.021
        assert np.abs(course[-50:]).max() < 0.08 or out_of_reach


def test_exposure_holds_since_the_lamps_move_apart_evenly() -> None:
    face = Face(np.random.default_rng(4), lag=2, noise=0.01, gamma=1.0)
    levels, _ = imbalances(face)
    assert levels["key_left"] != WORKING["key_left"]
    assert levels["key_left"] + levels["key_right"] == pytest.approx(1.2)
    assert {k: levels[k] for k in ("fill", "backdrop")} == {
        "fill": WORKING["fill"],
        "backdrop": WORKING["backdrop"],
    }


def test_a_brighter_left_cheek_takes_light_from_the_left_lamp() -> None:
    levels = balance_key_lamps(WORKING, 0.4, 0.2)
    assert levels["key_left"] < WORKING["key_left"]
    assert levels["key_right"] > WORKING["key_right"]


def test_no_step_is_large_enough_to_be_seen() -> None:
    levels = balance_key_lamps(WORKING, 1.0, 0.002)
    assert WORKING["key_left"] - levels["key_left"] == pytest.approx(0.02)


def test_a_difference_that_nobody_sees_moves_nothing() -> None:
    assert balance_key_lamps(WORKING, 0.300, 0.303) == WORKING


def test_lamps_stay_within_their_bounds() -> None:
    levels = {"key_left": 0.99, "key_right": 0.05}
    for _ in range(50):
        levels = balance_key_lamps(levels, 0.1, 0.9, bounds=(0.04, 1.0))
    assert levels["key_left"] == pytest.approx(1.0)
    assert levels["key_right"] == pytest.approx(0.04)


@pytest.mark.parametrize("lights", [(0.0, 0.3), (0.3, 0.0), (0.0, 0.0)])
def test_a_cheek_in_the_dark_tells_nothing(lights: tuple[float, float]) -> None:
    assert balance_key_lamps(WORKING, *lights) == WORKING


def test_without_one_of_the_key_lamps_nothing_moves() -> None:
    assert balance_key_lamps({"key_left": 0.4, "fill": 0.3}, 0.4, 0.1) == {
        "key_left": 0.4,
        "fill": 0.3,
    }

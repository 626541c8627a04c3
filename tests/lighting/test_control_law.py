import math
from collections import deque
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.lighting.control_law import Measured, begin, follow, next_person
from kiosk.lighting.response import ROOM, USUAL, Levels
from kiosk.lighting.usual_levels import WORKING

Array = NDArray[np.float64]

FREE: Levels = dict.fromkeys(WORKING, 1.0)
FADE = 0.2
"""Of full scale, that a lamp goes in a frame."""


class Seen:
    """A face under the booth's lamps: a linear model, seen late and noisily."""

    def __init__(self, seed: int, late: int = 2, albedo: float = 0.4, wrong: float = 0.2) -> None:
        self.rng = np.random.default_rng(seed)
        self.late, self.albedo = late, albedo
        self.names = tuple(USUAL.cheeks)
        true = np.array([USUAL.cheeks[name] for name in self.names])
        self.cheeks = true * self.rng.uniform(1 - wrong, 1 + wrong, true.shape)
        self.room = {ROOM: 1.0}
        self.share = dict.fromkeys(WORKING, 1.0)
        self.swapped = False
        self.noise, self.band = 0.004, 0.0
        drawn = self.rng.uniform(0.05, 1.0, len(WORKING))
        self.given = dict(zip(WORKING, map(float, drawn), strict=True))
        self.control = begin(self.given)
        self.queue: deque[tuple[Levels, Array, float]] = deque()
        self.frame = 0

    def lit(self, given: Levels) -> dict[str, float]:
        lit = {name: level * self.share[name] for name, level in given.items()}
        if self.swapped:
            lit["key_left"], lit["key_right"] = lit["key_right"], lit["key_left"]
        return lit | self.room

    def light(self) -> Array:
        lit = self.lit(self.given)
        return np.array([lit[name] for name in self.names]) @ self.cheeks

    @property
    def imbalance(self) -> float:
        left, right = self.light()
        return math.log(left / right)

    @property
    def card(self) -> float:
        return USUAL.face_light(self.lit(self.given))

    def step(self) -> None:
        """A frame is taken, an older one is looked at, and the lamps fade on."""
        backdrop = sum(USUAL.backdrop_light(n) * x for n, x in self.lit(self.given).items())
        self.queue.append((dict(self.given), self.albedo * self.light(), backdrop))
        if len(self.queue) > self.late:
            under, cheeks, behind = self.queue.popleft()
            band = 1 + self.band * math.sin(self.frame * 170 * 2 * math.pi / 30 + self.frame)
            left, right = cheeks * band * (1 + self.noise * self.rng.standard_normal(2))
            seen = Measured((left, right), behind, self.frame / 30)
            self.control, wanted = follow(self.control, seen, under, USUAL, FREE)
            assert all(0 <= level <= 1 for level in wanted.values())
        way = {n: self.control.levels[n] - level for n, level in self.given.items()}
        longest = max(map(abs, way.values()))
        share = min(1.0, FADE / longest) if longest > 0 else 1.0
        self.given = {n: level + share * way[n] for n, level in self.given.items()}
        self.frame += 1

    def run(self, frames: int) -> list[float]:
        course = []
        for _ in range(frames):
            self.step()
            course.append(self.imbalance)
        return course


def converged(course: list[float]) -> int:
    """After how many frames the cheeks stay within 1.10."""
    bad = [n for n, value in enumerate(course) if abs(value) > math.log(1.1)]
    return bad[-1] + 1 if bad else 0


@pytest.mark.parametrize("late", [0, 3, 5])
def test_any_face_is_lit_evenly_and_rightly_from_any_start_however_late_frames_are(
    late: int,
) -> None:
    frames = []
    for seed in range(100, 106):
        seen = Seen(seed, late)
        course = seen.run(45)
        assert abs(course[-1]) < math.log(1.1)
        assert seen.card == pytest.approx(1.0, abs=0.07)
        assert np.ptp(course[-10:]) < 0.01
        frames.append(converged(course))
    if late <= 3:
        assert np.median(frames) <= 6 + late


@pytest.mark.parametrize("gain", [0.5, 2.0])
def test_lamps_twice_as_strong_or_weak_as_calibrated_make_no_swinging(gain: float) -> None:
    for seed in range(100, 104):
        seen = Seen(seed, late=3)
        for name in range(len(WORKING)):
            seen.cheeks[name] *= gain
        course = seen.run(60)
        assert abs(course[-1]) < math.log(1.1)
        assert np.ptp(course[-15:]) < 0.01


def test_the_levels_are_the_same_for_the_darkest_and_the_lightest_skin() -> None:
    dark, light = Seen(7, albedo=0.05, wrong=0.3), Seen(7, albedo=0.6, wrong=0.3)
    dark.run(30)
    light.run(30)
    assert dark.control.levels == pytest.approx(light.control.levels, abs=1e-6)


def test_bands_and_noise_do_not_move_lamps_at_rest() -> None:
    seen = Seen(3)
    seen.band, seen.noise = 0.04, 0.008
    seen.run(40)
    rest = dict(seen.control.levels)
    seen.run(60)
    assert seen.control.levels == pytest.approx(rest, abs=0.01)
    assert seen.control.settled


@pytest.mark.parametrize("broken", ["key_left", "key_right", "fill"])
def test_half_of_a_lamp_is_mostly_made_up_for_by_the_others(broken: str) -> None:
    even = 0
    for seed in range(100, 110):
        seen = Seen(seed)
        seen.run(30)
        seen.share[broken] = 0.5
        even += abs(seen.run(30)[-1]) < math.log(1.1)
    assert even >= 8


@pytest.mark.parametrize("seed", range(100, 104))
def test_a_dead_key_lamp_is_accused_and_a_sound_one_is_not(seed: int) -> None:
    broken, sound = Seen(seed, wrong=0.1), Seen(seed, wrong=0.1)
    broken.share["key_left"] = 0.0
    broken.run(40)
    assert {"dead key_left", "weak key_left"} & broken.control.notices
    sound.run(40)
    assert not sound.control.notices


def test_key_lamps_that_are_exchanged_are_learnt_and_the_face_is_mostly_lit_evenly() -> None:
    even = 0
    for seed in range(100, 110):
        seen = Seen(seed, wrong=0.15)
        seen.swapped = True
        even += abs(seen.run(60)[-1]) < math.log(1.1)
    assert even >= 8


@pytest.mark.parametrize("seed", [127, 158, 172, 198])
def test_light_that_no_wiring_explains_makes_no_lamps_exchanged(seed: int) -> None:
    seen = Seen(seed, late=0)
    seen.run(15)
    seen.noise = 0.12
    for _ in range(40):
        seen.step()
        assert "swapped" not in seen.control.notices


@pytest.mark.parametrize("light", [math.nan, 0.0, math.inf])
def test_a_camera_that_measures_nothing_moves_nothing(light: float) -> None:
    control = begin(WORKING)
    seen = Measured((light, 0.3), 0.2, 0.0)
    assert follow(control, seen, WORKING, USUAL, FREE) == (control, dict(WORKING))


@pytest.mark.parametrize("levels", [{}, {"key_left": 0.3}, {"fill": 0.4}, {"lantern": 0.4}])
def test_a_booth_may_have_any_lamps(levels: dict[str, float]) -> None:
    control = begin(levels)
    under: Levels = dict(levels)
    for n in range(10):
        control, under = follow(control, Measured((0.1, 0.12), 0.2, n / 30), under, USUAL, FREE)
    assert under.keys() == levels.keys()
    assert all(0 <= level <= 1 for level in under.values())
    assert under.get("lantern") == levels.get("lantern")


def test_the_next_person_finds_the_lamps_at_work_and_what_was_learnt_of_them() -> None:
    control = replace(begin(WORKING), levels={**WORKING, "fill": 0.1}, swapped=True)
    after = next_person(control)
    assert after.levels == dict(WORKING)
    assert after.models is None
    assert "swapped" in after.notices

"""What a calibration finds of lamps whose light is known."""

import numpy as np
import pytest

from kiosk.lighting.curve import LINEAR, Curve
from kiosk.upkeep.response_measures import (
    LONGEST_LAG,
    STEPS,
    StepSeen,
    are_keys_crossed,
    fit_lag,
    fit_lamp,
    side_of,
)

FULL = np.array([0.11, 0.09, 0.07])


def seen(
    curve: list[float], noise: float = 0.0
) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    rng = np.random.default_rng(1)
    return [FULL * share * (1 + noise * rng.normal(size=3)) for share in curve]


def test_a_lamp_that_follows_its_duty_cycle_has_no_curve() -> None:
    fit = fit_lamp(STEPS, seen(list(STEPS), noise=0.003))
    assert fit.curve == LINEAR
    assert list(fit.full.values()) == pytest.approx(FULL, rel=0.01)
    assert fit.residual < 0.01


@pytest.mark.parametrize("exponent", [0.7, 0.8, 1.3])
def test_a_bent_curve_is_found_through_noise(exponent: float) -> None:
    fit = fit_lamp(STEPS, seen([step**exponent for step in STEPS], noise=0.003))
    for duty in (0.1, 0.3, 0.5, 0.9):
        assert fit.curve.light_of(duty) == pytest.approx(duty**exponent, abs=0.02)
        assert fit.curve.duty_for(fit.curve.light_of(duty)) == pytest.approx(duty, abs=0.01)


def test_a_curve_that_stands_still_is_made_to_rise() -> None:
    fit = fit_lamp(STEPS, seen([0.0, 0.3, 0.25, 0.25, 0.6, 0.6, 1.0]))
    lights = [light for _, light in fit.curve.points]
    assert (np.diff(lights) > 0).all()


def test_a_lamp_kept_low_by_its_limit_is_reckoned_to_full_level() -> None:
    fit = fit_lamp((0.1, 0.2, 0.35), seen([0.1, 0.2, 0.35]))
    assert list(fit.full.values()) == pytest.approx(FULL, rel=0.01)


@pytest.mark.parametrize(
    ("added", "says"), [([FULL * 0] * 7, "no light"), ([FULL * np.nan] * 7, "not finite")]
)
def test_what_tells_nothing_is_refused(
    added: list[np.ndarray[tuple[int], np.dtype[np.float64]]], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        fit_lamp(STEPS, added)


@pytest.mark.parametrize("lag", [0.0, 0.033, 0.08, 0.25])
def test_the_lag_is_found_from_frames_at_any_time_after_a_step(lag: float) -> None:
    def level(time: float) -> float:
        return float(np.clip(0.2 + 6 * (time - 1.0), 0.2, 0.6))

    times = 0.9 + np.arange(30) / 60 + np.random.default_rng(2).uniform(0, 0.01, 30)
    frames = [StepSeen(t, 0.1 + 0.3 * level(t - lag)) for t in times]
    found, left = fit_lag(frames, level, Curve())
    assert found == pytest.approx(lag, abs=0.006)
    assert left < 0.01
    assert found <= LONGEST_LAG


def test_no_lag_is_told_of_a_light_that_stays() -> None:
    with pytest.raises(ValueError, match="no change"):
        fit_lag([StepSeen(n / 30, 0.5) for n in range(9)], lambda time: 0.5, LINEAR)


def test_keys_are_told_by_the_side_that_they_light() -> None:
    left, right = {"left": 0.09, "right": 0.07}, {"left": 0.07, "right": 0.09}
    assert are_keys_crossed(side_of(left), side_of(right)) is False
    assert are_keys_crossed(side_of(right), side_of(left)) is True
    assert are_keys_crossed(side_of(left), side_of(left)) is None

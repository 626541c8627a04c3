import numpy as np
import pytest

from kiosk.twin.sky import DARKEST, window_share

SECONDS = np.arange(0, 120, 1 / 30)


def shares(seed: int) -> np.ndarray:
    return np.array([window_share(float(at), seed) for at in SECONDS])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_clouds_come_and_go_within_seconds_and_never_at_once(seed: int) -> None:
    light = shares(seed)
    assert (light.min(), light.max()) == (pytest.approx(DARKEST), pytest.approx(1.0))
    assert np.abs(light[60:] - light[:-60]).max() > 0.5  # in two seconds
    assert np.abs(np.diff(light)).max() < 0.04  # in a frame


def test_a_day_is_the_same_whenever_it_is_lived_and_another_day_is_not() -> None:
    assert (shares(1) == shares(1)).all()
    assert np.abs(shares(1) - shares(2)).mean() > 0.1
    assert (shares(0) == 1).all()

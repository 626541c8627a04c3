"""Light that flickers, row by row of a rolling shutter."""

import numpy as np
import pytest

from kiosk.twin import shutter
from kiosk.twin.shutter import READOUT
from kiosk.twin.wires import Lighting

STARTS = shutter.row_starts(3.0, 640)


def test_rows_are_exposed_one_after_another_from_the_top() -> None:
    assert STARTS[0] == 3.0
    assert STARTS[-1] == pytest.approx(3.0 + READOUT, abs=READOUT / 600)
    assert np.ptp(np.diff(STARTS)) < 1e-12


def test_a_lamp_switched_slowly_bands_the_picture() -> None:
    rows = shutter.pwm_level(0.4, 90, STARTS, 0.004)
    assert isinstance(rows, np.ndarray)
    assert rows.max() - rows.min() > 0.5
    # A period is seen again READOUT * 90 times down the picture.
    period = round(640 / (READOUT * 90))
    np.testing.assert_allclose(rows[period:], rows[:-period], atol=0.02)


def test_a_lamp_switched_whole_times_in_an_exposure_is_steady() -> None:
    assert shutter.pwm_level(0.4, 1000, STARTS, 0.010) == 0.4
    assert shutter.pwm_level(0.4, 1_000_000, STARTS, 0.00997) == 0.4
    assert shutter.pwm_level(1.0, 90, STARTS, 0.004) == 1.0


def test_bands_keep_a_lamps_mean_light() -> None:
    long = 3.0 + np.arange(9000) / 90_000 * 9
    assert np.mean(shutter.pwm_level(0.3, 90, long, 0.004)) == pytest.approx(0.3, rel=0.01)


def test_light_on_the_mains_bands_a_short_exposure_and_not_one_of_ten_milliseconds() -> None:
    rows = shutter.ripple_level(0.3, STARTS, 0.001)
    assert isinstance(rows, np.ndarray)
    assert rows.max() == pytest.approx(1.3, abs=0.01)
    assert rows.min() == pytest.approx(0.7, abs=0.01)
    assert shutter.ripple_level(0.3, STARTS, 0.010) == 1.0
    assert shutter.ripple_level(0.0, STARTS, 0.001) == 1.0


def test_only_the_rooms_light_swells_with_the_mains() -> None:
    lighting = Lighting(
        {"fill": 0.5, "room": 0.0}, {"fill": 0, "room": 0}, {"fill": 0.0, "room": 0.8}, 1.0
    )
    levels = shutter.banded_levels(lighting, STARTS, 0.001)
    assert levels["fill"] == 0.5
    assert isinstance(levels["room"], np.ndarray)
    assert np.ptp(levels["room"]) > 1.5

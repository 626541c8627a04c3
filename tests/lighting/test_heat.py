"""Lamps that grow hot, and thermometers that fail."""

import logging
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk.config import LampSettings
from kiosk.lighting.fader import open_lamps
from kiosk.lighting.heat import SAFE_SHARE, HeatWatch, find_share, judge_heat
from kiosk.lighting.lamps import Lamps


@pytest.fixture
def thermometer(tmp_path: Path) -> Path:
    (folder := tmp_path / "w1" / "28-0316").mkdir(parents=True)
    (folder / "temperature").write_text("41250\n")
    return folder / "temperature"


@pytest.mark.parametrize(
    ("degrees", "share"), [(-10, 1.0), (60, 1.0), (65, 0.75), (70, 0.5), (80, 0.0), (140, 0.0)]
)
def test_above_hot_the_limits_sink_to_dark(degrees: float, share: float) -> None:
    assert find_share(degrees, 60.0) == share


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("", "no number"),
        ("nan", "no number"),
        ("-127000", "-127 °C"),
        ("999999", "999.999 °C"),
        ("85000", "measured nothing"),
    ],
)
def test_a_thermometer_that_tells_nonsense_holds_lamps_at_a_safe_level(
    thermometer: Path, told: str, says: str
) -> None:
    thermometer.write_text(told)
    share, why = judge_heat(thermometer, 60.0)
    assert share == SAFE_SHARE
    assert says in why
    assert "held at 50% of their limits" in why


def test_lamps_are_held_back_while_they_are_hot_or_nobody_knows(
    thermometer: Path, caplog: pytest.LogCaptureFixture
) -> None:
    factory = MockFactory(pin_class=MockPWMPin)
    with Lamps({"fill": 18}, 1000, factory, limits={"fill": 0.8}) as lamps:
        watch = HeatWatch(lamps, thermometer, 60.0, every=3600.0)
        watch.close()
        lamps.set({"fill": 1.0})
        assert (lamps.given["fill"], lamps.held_back) == (0.8, "")
        with caplog.at_level(logging.WARNING):
            thermometer.write_text("70100\n")
            watch.look()
            watch.look()
            assert lamps.given["fill"] == pytest.approx(0.4, abs=0.01)
            assert lamps.held_back.startswith("they have 70 °C, and are hot from 60")
            thermometer.unlink()
            watch.look()
            assert lamps.given["fill"] == 0.4
            assert "does not tell (No such file or directory)" in lamps.held_back
            thermometer.write_text("50000\n")
            watch.look()
        assert (lamps.given["fill"], lamps.held_back) == (0.8, "")
        assert [record.getMessage().partition(",")[0] for record in caplog.records] == [
            "lamps: they have 70 °C",
            "lamps: cool again",
        ]


def test_whoever_opens_lamps_with_a_thermometer_has_them_watched(thermometer: Path) -> None:
    thermometer.write_text("79000\n")
    settings = LampSettings(thermometer=thermometer)
    with open_lamps(settings, MockFactory(pin_class=MockPWMPin)) as lamps:
        while not lamps.held_back:
            pass
        assert lamps.limits["fill"] == pytest.approx(0.05)

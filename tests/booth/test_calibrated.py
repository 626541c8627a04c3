"""A calibration serves the booth it was made of; any other leaves it to its usual lamps."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.booth.calibrated import find_stale, load_calibration, setup_of
from kiosk.config import CameraSettings, Config, LampSettings, SyncSettings
from kiosk.lighting.response import USUAL
from kiosk.upkeep.calibration import (
    Calibration,
    LampLight,
    Quality,
    calibration_path,
    read_calibration,
    write_calibration,
)
from kiosk.upkeep.stock import Stock, stock_path

KEY = LampLight(face=0.6, backdrop=(0.09, 0.07), curve=((0.2, 0.3), (0.6, 0.7)))
ROOM = LampLight(face=0.14, backdrop=(0.05, 0.05))


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(sync=SyncSettings(outbox=tmp_path / "outbox.sqlite"))


def made(config: Config, **changes: object) -> Calibration:
    setup, camera = setup_of(config), config.camera
    known = {
        "at": datetime.now(UTC), "version": 2, "booth": setup.booth, "camera": setup.camera,
        "driver": setup.driver, "pins": dict(setup.pins), "frequencies": dict(setup.frequencies),
        "exposure_time": camera.exposure_time, "analogue_gain": camera.analogue_gain,
        "colour_gains": camera.colour_gains, "lamps": {"key_left": KEY}, "room_light": ROOM,
        "lag": 0.05,
    }  # fmt: skip
    return Calibration.model_validate(known | changes)


def test_the_booth_lights_by_what_was_calibrated(config: Config) -> None:
    write_calibration(calibration_path(config.sync.outbox), made(config))
    last = load_calibration(config)
    assert last is not None
    response = last.response
    assert response is not None
    assert (response.face["key_left"], response.lag) == (0.6, 0.05)
    assert response.backdrop["key_left"] == (0.09, 0.07)
    left, right = response.cheeks["key_left"]
    usual = USUAL.cheeks["key_left"]
    assert left / right == pytest.approx(usual[0] / usual[1])
    assert response.room_to_face == pytest.approx(0.14 / 0.05)
    assert last.curves["key_left"].duty_for(0.3) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"booth": "booth-7"}, "it is of booth booth-7, and this is booth-1"),
        ({"analogue_gain": 3.0}, "exposure, gain or colour gains"),
        ({"camera": "pi"}, "the camera was pi"),
        ({"driver": "pwm"}, "driver was pwm"),
        ({"pins": {"key_left": 12}}, "lamp backdrop was not there, and has pin 19"),
        ({"frequencies": {"fill": 170.0}}, "the PWM of fill was 170 Hz, and is 1000 Hz"),
    ],
)
def test_one_of_another_booth_or_of_other_lamps_is_told_and_not_used(
    config: Config, caplog: pytest.LogCaptureFixture, other: dict[str, object], says: str
) -> None:
    write_calibration(calibration_path(config.sync.outbox), made(config, **other))
    with caplog.at_level(logging.WARNING):
        assert load_calibration(config) is None
    assert says in caplog.text
    assert "usual lamps" in caplog.text


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('"lag": 0.05', '"lag": NaN'),
        ('"face": 0.6', '"face": 1e9'),
        ('"face": 0.6', '"face": -1'),
        ("0.7", "0.1"),  # a curve that falls
        ("{", "rubbish {"),
    ],
)
def test_a_damaged_one_is_told_and_not_used(
    config: Config, caplog: pytest.LogCaptureFixture, good: str, bad: str
) -> None:
    path = calibration_path(config.sync.outbox)
    write_calibration(path, made(config))
    text = path.read_text().replace(": ", ":").replace(":", ": ")
    assert good in text
    path.write_text(text.replace(good, bad))
    assert load_calibration(config) is None
    assert "damaged" in caplog.text


def test_it_is_stale_after_a_year_or_when_a_lamp_has_burnt_long(config: Config) -> None:
    fresh = made(config, hours={"fill": 10.0})
    now = fresh.at
    stock = Stock(stock_path(config.sync.outbox))
    stock.count(0, {"fill": 400 * 3600.0})
    assert find_stale(config, fresh, now) == ""
    assert find_stale(config, fresh, now + timedelta(days=400)) == "it is 400 days old"
    stock.count(0, {"fill": 200 * 3600.0})
    assert find_stale(config, fresh, now) == "lamp fill has burnt 590 h since"
    stock.set("lamp.fill", 0, "a technician")
    assert find_stale(config, fresh, now) == "lamp fill was exchanged since"


def test_one_that_an_earlier_release_wrote_is_read_and_has_no_response(config: Config) -> None:
    path = calibration_path(config.sync.outbox)
    path.write_text(
        '{"at": "2026-05-01T10:00:00Z", "camera": "twin", "exposure_time": 10000,'
        f' "analogue_gain": {config.camera.analogue_gain}, "colour_gains": [1.0, 1.0]}}'
    )
    last = read_calibration(path)
    assert last is not None
    assert (last.version, last.response, last.curves) == (1, None, {})


def test_a_worse_one_is_known_as_such(config: Config) -> None:
    good = Quality(additivity=0.01, noise=0.002, room=0.0, fit=0.004)
    bad = good.model_copy(update={"room": 0.2})
    before, later = made(config, quality=good), made(config, quality=bad)
    assert "room's light changed by 20.0%" in later.find_worse(before)
    assert before.find_worse(later) == ""
    assert made(config, quality=good, lamps={}).find_worse(before) == "it lacks key_left"


def test_pins_and_frequencies_that_make_no_sense_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="one lamp a pin: 13 is named twice"):
        LampSettings(pins={"key_left": 13})
    with pytest.raises(ValueError, match="greater than or equal to 100"):
        LampSettings(frequency=0)
    with pytest.raises(ValueError, match=r"nan|finite"):
        CameraSettings(analogue_gain=float("nan"))

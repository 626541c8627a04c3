import logging

import pytest
from gpiozero import LED
from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk.lighting.lamps import Lamps

PINS = {"key_left": 12, "key_right": 13, "fill": 18, "backdrop": 19}


@pytest.fixture
def factory() -> MockFactory:
    return MockFactory(pin_class=MockPWMPin)


def test_lamps_begin_dark(factory: MockFactory) -> None:
    with Lamps(PINS, 1000, factory) as lamps:
        assert lamps.levels == dict.fromkeys(PINS, 0.0)
        assert lamps.available


def test_a_level_reaches_the_pin_and_leaves_other_lamps_alone(factory: MockFactory) -> None:
    with Lamps(PINS, 1000, factory) as lamps:
        lamps.set({"fill": 0.4})
        lamps.set({"key_left": 0.25})
        assert lamps.levels == {"key_left": 0.25, "key_right": 0.0, "fill": 0.4, "backdrop": 0.0}
        assert factory.pin(12).state == 0.25
        assert factory.pin(12).frequency == 1000


def test_a_lamp_whose_pin_is_taken_is_not_there_and_the_others_go_on(
    factory: MockFactory, caplog: pytest.LogCaptureFixture
) -> None:
    taken = LED(13, pin_factory=factory)
    with caplog.at_level(logging.WARNING), Lamps(PINS, 1000, factory) as lamps:
        assert lamps.missing == {"key_right"}
        assert not lamps.available
        lamps.set({"key_left": 0.5, "key_right": 0.5})
        assert lamps.levels == {"key_left": 0.5, "fill": 0.0, "backdrop": 0.0}
    assert "lamp key_right is not there" in caplog.text
    taken.close()


def test_a_pin_that_the_board_does_not_have_is_a_lamp_that_is_not_there(
    factory: MockFactory,
) -> None:
    with Lamps({"key_left": 12, "fill": 99}, 1000, factory) as lamps:
        assert lamps.missing == {"fill"}


def test_a_machine_without_gpio_has_no_lamps_but_runs(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "none_such")
    monkeypatch.setattr("gpiozero.Device.pin_factory", None)
    lamps = Lamps(PINS, 1000)
    lamps.set({"fill": 1.0})
    assert lamps.levels == {}
    assert lamps.missing == set(PINS)


def test_an_unknown_lamp_is_refused_by_name(factory: MockFactory) -> None:
    with (
        Lamps(PINS, 1000, factory) as lamps,
        pytest.raises(ValueError, match="no lamp disco: there are backdrop, fill"),
    ):
        lamps.set({"disco": 1.0})


@pytest.mark.parametrize("level", [-0.1, 1.1, float("nan")])
def test_a_level_that_no_lamp_has_is_refused_before_any_lamp_moves(
    factory: MockFactory, level: float
) -> None:
    with Lamps(PINS, 1000, factory) as lamps:
        with pytest.raises(ValueError, match="fill cannot be set"):
            lamps.set({"key_left": 0.5, "fill": level})
        assert lamps.levels["key_left"] == 0


def test_closing_puts_the_lamps_out_and_frees_the_pins(factory: MockFactory) -> None:
    lamps = Lamps(PINS, 1000, factory)
    lamps.set({"fill": 1.0})
    lamps.close()
    lamps.close()
    assert factory.pin(18).state == 0
    with Lamps(PINS, 1000, factory) as again:
        assert again.available

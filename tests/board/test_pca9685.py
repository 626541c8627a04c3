"""The PCA9685, on a chip that keeps its data sheet."""

import logging

import pytest

from kiosk.board.i2c import I2cBus
from kiosk.board.pca9685 import Pca9685, encode_duty, find_prescale, made_frequency
from kiosk.board.pwm_pins import OpenedChip, PwmFactory
from kiosk.errors import BoardError
from kiosk.lighting.lamps import Lamps
from tests.board.chips import Pca9685Chip

PINS = {"key_left": 0, "key_right": 1, "fill": 2, "backdrop": 15}
LEVELS = {"key_left": 0.0, "key_right": 0.25, "fill": 0.5, "backdrop": 1.0}


@pytest.fixture
def chip() -> Pca9685Chip:
    return Pca9685Chip()


def lamps_on(chip: Pca9685Chip, frequency: int = 1000) -> Lamps:
    driver = Pca9685(chip, sleep=lambda _: None)
    return Lamps(PINS, frequency, PwmFactory(lambda: OpenedChip(driver, {n: n for n in range(16)})))


@pytest.mark.parametrize(
    ("frequency", "prescale"),
    [(200, 30), (1000, 5), (1526, 3), (24, 253), (50_000, 3), (1, 255)],
)
def test_the_prescaler_is_that_of_the_data_sheet(frequency: int, prescale: int) -> None:
    assert find_prescale(frequency) == prescale


def test_the_frequency_that_is_truly_made_is_told(
    chip: Pca9685Chip, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), lamps_on(chip) as lamps:
        assert lamps.frequency == made_frequency(5) == chip.frequency
    assert caplog.text.count("the PWM makes 1017.3 Hz, and not 1000") == 1


def test_levels_are_linear_from_dark_to_full(chip: Pca9685Chip) -> None:
    with lamps_on(chip) as lamps:
        for step in range(0, 4097, 64):
            lamps.set({"fill": step / 4096})
            assert chip.duty(2) == step / 4096


def test_each_level_is_set_in_one_transfer(chip: Pca9685Chip) -> None:
    with lamps_on(chip) as lamps:
        chip.transfers.clear()
        lamps.set({"backdrop": 0.3})
        assert chip.transfers == [bytes([0x42]) + encode_duty(0.3)]


def test_what_a_killed_booth_left_lit_is_dark_before_anything_else(chip: Pca9685Chip) -> None:
    killed = lamps_on(chip)
    killed.set(LEVELS)
    assert chip.duty(15) == 1.0
    chip.transfers.clear()
    with lamps_on(chip):
        assert chip.transfers[0] == bytes([0xFD, 0x10])  # all off, fully
        assert not any(chip.duty(channel) for channel in range(16))


def test_closing_puts_the_lamps_out(chip: Pca9685Chip) -> None:
    with lamps_on(chip) as lamps:
        lamps.set(LEVELS)
        assert {name: chip.duty(pin) for name, pin in PINS.items()} == LEVELS
    assert not any(chip.duty(channel) for channel in range(16))


def test_a_chip_that_lost_its_supply_for_a_moment_is_set_up_anew(chip: Pca9685Chip) -> None:
    with lamps_on(chip) as lamps:
        lamps.set(LEVELS)
        chip.power_up()
        lamps.set({"fill": 0.75})
        assert {name: chip.duty(pin) for name, pin in PINS.items()} == LEVELS | {"fill": 0.75}
        assert chip.frequency == lamps.frequency


def test_a_chip_that_is_gone_is_told_by_lamp_and_comes_back(
    chip: Pca9685Chip, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), lamps_on(chip) as lamps:
        chip.plugged = False
        lamps.set({"fill": 0.5, "backdrop": 0.5})
        lamps.look_again()
        assert lamps.missing == {"fill", "backdrop"}
        assert "lamp fill is not there any more: the PCA9685 at 0x40 does not answer" in caplog.text
        chip.power_up()
        chip.plugged = True
        lamps.look_again()
        assert lamps.available
        lamps.set({"fill": 0.5})
        assert chip.duty(2) == 0.5


def test_lamps_that_cannot_be_reached_any_more_do_not_keep_the_booth_from_closing(
    chip: Pca9685Chip, caplog: pytest.LogCaptureFixture
) -> None:
    lamps = lamps_on(chip)
    chip.plugged = False
    lamps.close()
    assert "PWM channel 2 may be left on: the PCA9685" in caplog.text


def test_a_bus_that_is_not_there_says_what_to_do() -> None:
    with pytest.raises(BoardError, match=r"/dev/i2c-99 cannot be opened .* dtparam=i2c_arm=on"):
        I2cBus(99)


def test_a_lamp_with_another_frequency_is_told_and_the_others_go_on(chip: Pca9685Chip) -> None:
    driver = Pca9685(chip, sleep=lambda _: None)
    factory = PwmFactory(lambda: OpenedChip(driver, {n: n for n in range(16)}))
    with Lamps(PINS, 1000, factory, frequencies={"fill": 500}) as lamps:
        assert lamps.missing == {"fill"}
        assert "one frequency for all channels" in lamps.reasons["fill"]
        lamps.set(LEVELS)
        assert chip.duty(PINS["backdrop"]) == LEVELS["backdrop"]
        assert lamps.frequency == made_frequency(5) == chip.frequency

"""The processor's PWM, on a folder that keeps the kernel's rules."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.board.hardware_pwm import HardwarePwm, open_hardware_pwm
from kiosk.board.pwm_pins import OpenedChip, PwmFactory
from kiosk.errors import BoardError
from kiosk.lighting.lamps import Lamps
from tests.board.chips import PwmKernel

PINS = {"key_left": 12, "key_right": 13, "fill": 18, "backdrop": 19}
PI_5 = {"1f0009c000.pwm": 4, "1f00098000.pwm": 4}
"""The chip that turns the fan has the lower number."""


def open_chip_of(kernel: PwmKernel) -> Callable[[], OpenedChip]:
    def open_chip() -> OpenedChip:
        found = open_hardware_pwm(kernel.sysfs)
        assert isinstance(found.chip, HardwarePwm)
        return OpenedChip(HardwarePwm(found.chip._folder, kernel.write), found.channels)

    return open_chip


def lamps_on(kernel: PwmKernel, frequency: int = 1000) -> Lamps:
    return Lamps(PINS, frequency, PwmFactory(open_chip_of(kernel)))


def test_a_pi_5_has_a_channel_for_each_of_the_four_pins(tmp_path: Path) -> None:
    kernel = PwmKernel(tmp_path, PI_5)
    levels = {"key_left": 0.1, "key_right": 0.2, "fill": 0.35, "backdrop": 1.0}
    with lamps_on(kernel) as lamps:
        assert lamps.available
        lamps.set(levels)
        assert [kernel.duty(1, channel) for channel in range(4)] == list(levels.values())
        assert lamps.levels == levels
        assert lamps.frequency == 1000
    assert [kernel.duty(1, channel) for channel in range(4)] == [0, 0, 0, 0]
    assert not list(kernel.sysfs.glob("pwmchip0/pwm*"))


def test_on_a_pi_4_two_pins_of_one_channel_are_not_two_lamps(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kernel = PwmKernel(tmp_path, {"fe20c000.pwm": 2})
    with caplog.at_level(logging.WARNING), lamps_on(kernel) as lamps:
        assert lamps.missing == {"fill", "backdrop"}
        lamps.set(dict.fromkeys(PINS, 0.5))
        assert (kernel.duty(0, 0), kernel.duty(0, 1)) == (0.5, 0.5)
    assert "lamp fill is not there: pin 18: pin PWM channel 0 is already in use" in caplog.text


@pytest.mark.parametrize("frequency", [500, 2000, 50_000])
def test_what_a_killed_booth_left_lit_is_dark_before_anything_else(
    tmp_path: Path, frequency: int
) -> None:
    kernel = PwmKernel(tmp_path, PI_5)
    killed = lamps_on(kernel)
    killed.set(dict.fromkeys(PINS, 0.9))
    assert kernel.duty(1, 3) == 0.9
    kernel.writes.clear()
    with lamps_on(kernel, frequency):
        assert kernel.writes[0] == ("pwm0/duty_cycle", 0)
        assert [kernel.duty(1, channel) for channel in range(4)] == [0, 0, 0, 0]


def test_without_pwm_the_lamps_say_what_to_do(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kernel = PwmKernel(tmp_path, {"1f0009c000.pwm": 4})
    with caplog.at_level(logging.WARNING), lamps_on(kernel) as lamps:
        assert lamps.missing == set(PINS)
        assert lamps.frequency is None
    assert "dtoverlay=pwm-2chan" in caplog.text


def test_a_channel_that_udev_does_not_hand_over_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    kernel = PwmKernel(tmp_path, PI_5)
    waits: list[float] = []
    chip = HardwarePwm(kernel.sysfs / "pwmchip1", lambda *_: None, waits.append)
    with pytest.raises(BoardError, match="into the group gpio"):
        chip.start(0, 1000)
    assert 1.9 < sum(waits) < 2.1

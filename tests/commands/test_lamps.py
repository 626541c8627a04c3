"""`kiosk lamps off`: whatever lit them, and however that ended."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.board.drivers import DRIVERS
from kiosk.board.pca9685 import Pca9685
from kiosk.board.pwm_pins import OpenedChip, PwmFactory
from kiosk.commands.main import main
from kiosk.lighting.lamps import Lamps
from tests.board.chips import Pca9685Chip, PwmKernel
from tests.board.test_hardware_pwm import PI_5, PINS, lamps_on, open_chip_of


def turn_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_chip: Callable[[], OpenedChip]
) -> int:
    """The command, at a booth whose lamps hang on this chip."""
    (tmp_path / "kiosk.toml").write_text('[camera]\nkind = "pi"\n[lamps]\ndriver = "pwm"\n')
    monkeypatch.setitem(DRIVERS, "pwm", lambda _: PwmFactory(open_chip))
    return main(["--config", str(tmp_path / "kiosk.toml"), "lamps", "off"])


def test_what_a_killed_booth_left_lit_on_hardware_pwm_is_put_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = PwmKernel(tmp_path, PI_5)
    killed = lamps_on(kernel)
    killed.set(dict.fromkeys(PINS, 0.8))
    assert turn_off(tmp_path, monkeypatch, open_chip_of(kernel)) == 0
    assert [kernel.duty(1, channel) for channel in range(4)] == [0, 0, 0, 0]


def test_what_a_killed_booth_left_lit_on_a_pca9685_is_put_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chip = Pca9685Chip()

    def open_chip() -> OpenedChip:
        return OpenedChip(Pca9685(chip, sleep=lambda _: None), {n: n % 16 for n in range(20)})

    killed = Lamps(PINS, 1000, PwmFactory(open_chip))
    killed.set(dict.fromkeys(PINS, 0.8))
    assert chip.duty(12) > 0
    assert turn_off(tmp_path, monkeypatch, open_chip) == 0
    assert not any(chip.duty(channel) for channel in range(16))


def test_lamps_that_cannot_be_reached_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kernel = PwmKernel(tmp_path, {})
    assert turn_off(tmp_path, monkeypatch, open_chip_of(kernel)) == 1
    assert "lamp fill is not there" in caplog.text

"""The simulated sensor's automatic exposure and white balance."""

import numpy as np
import pytest

from kiosk.camera.frame import Controls, Picture
from kiosk.pipeline.light import to_linear
from kiosk.twin import sensor
from kiosk.twin.light_stage import Light

GREY: Light = np.full((64, 48, 3), 0.3, np.float32)


def dimmed(times: float) -> Light:
    return (GREY / times).astype(np.float32)


def settle(light: Light, controls: Controls, frames: int = 40) -> tuple[Controls, Picture]:
    seen = sensor.develop(light)
    for _ in range(frames):
        read = sensor.expose(light, controls, None, np.random.default_rng(0))
        seen = sensor.develop(read)
        controls = sensor.adjust_controls(controls, seen)
    return controls, seen


@pytest.mark.parametrize("dim", [0.002, 0.02, 0.3, 3.0])
def test_automatic_exposure_brings_any_light_to_middle_grey(dim: float) -> None:
    _, seen = settle(dimmed(0.3 / dim), Controls(ae_enable=True))
    reachable = dim * 3.3 * sensor.GAIN_RANGE[1]
    wanted = min(sensor.MIDDLE_GREY, reachable)
    assert to_linear(seen).mean() == pytest.approx(wanted, rel=0.05)


def test_automatic_exposure_takes_gain_only_when_the_exposure_can_be_no_longer() -> None:
    bright, _ = settle(GREY, Controls(ae_enable=True))
    assert bright.analogue_gain == 1
    dark, _ = settle(dimmed(20), Controls(ae_enable=True))
    assert dark.exposure_time == sensor.EXPOSURE_RANGE[1]
    assert dark.analogue_gain > 1


def test_automatic_exposure_needs_some_frames() -> None:
    _, first = settle(dimmed(10), Controls(ae_enable=True), frames=1)
    _, fifth = settle(dimmed(10), Controls(ae_enable=True), frames=5)
    _, last = settle(dimmed(10), Controls(ae_enable=True))
    assert first.mean() < fifth.mean() < last.mean()


def test_automatic_white_balance_makes_a_yellow_room_grey_and_leaves_the_exposure() -> None:
    yellow = (GREY * np.array([1.2, 1.0, 0.5])).astype(np.float32)
    controls, seen = settle(yellow, Controls(awb_enable=True))
    red, green, blue = to_linear(seen).reshape(-1, 3).mean(0)
    assert red == pytest.approx(green, rel=0.03)
    assert blue == pytest.approx(green, rel=0.03)
    assert controls.exposure_time == Controls().exposure_time


def test_what_is_not_automatic_stays() -> None:
    fixed = Controls(12_345, 1.7, (1.1, 1.3))
    assert sensor.adjust_controls(fixed, sensor.develop(dimmed(10))) == fixed

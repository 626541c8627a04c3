"""A booth that nobody is near is dark, and lights up as somebody steps in."""

from collections.abc import Iterator
from typing import cast

import numpy as np
import pytest

from kiosk.booth.plate_schedule import PlateSchedule
from kiosk.booth.sleep import Sleep
from kiosk.camera.frame import Controls, Frame
from kiosk.config import Config
from kiosk.evaluation.pointer import press
from kiosk.evaluation.virtual_booth import VirtualBooth, open_virtual_booth
from kiosk.pipeline.loading import LoadedModels
from kiosk.twin import Posture, Twin
from kiosk.twin.wires import AWAY

EVENING = {"room": 0.05}
"""A twentieth of a room's daylight: some 7 lux."""

STEPS_IN = 0.5
"""Seconds within which the lamps light up."""

NEVER = 1e9


class Nobody:
    """Watches nothing."""

    def shown(self, booth: object, at: float) -> None:
        pass

    def shot(self, shot: object, levels: object) -> None:
        pass


@pytest.fixture
def evening() -> Iterator[tuple[VirtualBooth, Twin]]:
    """A booth in a dim room that has just fallen asleep."""
    config = Config()
    twin = Twin("lin", config.lamps.pins, seed=5, ambient=EVENING)
    nothing = cast(LoadedModels, None)  # while nobody comes, and no plate is due, none is used
    with open_virtual_booth(config, twin, nothing, Nobody(), PlateSchedule(due=NEVER)) as virtual:
        virtual.booth.parts.lamps.set(idle(virtual))
        virtual.booth._sleep = Sleep(after=4.0)
        assert virtual.run_until(lambda: not any(levels(virtual).values()), 6.0)
        yield virtual, twin


def levels(virtual: VirtualBooth) -> dict[str, float]:
    return virtual.booth.parts.lamps.levels


def idle(virtual: VirtualBooth) -> dict[str, float]:
    parts = virtual.booth.parts
    return parts.levels(parts.idle)


def test_who_steps_in_in_the_evening_has_light_at_once(
    evening: tuple[VirtualBooth, Twin],
) -> None:
    virtual, twin = evening
    virtual.run_until(lambda: False, 2.0)
    assert not any(levels(virtual).values()), "its own going dark must not wake it"
    twin.wires.posture = Posture(dx=0.4)
    assert virtual.run_until(lambda: levels(virtual) == idle(virtual), STEPS_IN)
    twin.wires.posture = AWAY
    assert virtual.run_until(lambda: not any(levels(virtual).values()), 10.0)
    press((3, 3))
    assert virtual.run_until(lambda: levels(virtual) == idle(virtual), STEPS_IN)


def test_a_cloud_and_an_insect_wake_nobody_but_who_walks_by_does() -> None:
    dozing = Sleep(after=4.0)
    hallway = np.full((320, 240, 3), 60, np.float32)
    hallway[200:] = 90
    changes = []
    for tick in range(100):  # twenty seconds at five frames a second
        at = tick / 5
        if tick == 60:
            hallway[100:120, 100:120] = 90  # an insect
        if tick == 80:
            hallway[100:180, 100:160] = 90  # somebody
        seen = hallway * (1 + 0.3 * np.sin(at / 2))
        dozing.see(Frame(tick, at, seen.astype(np.uint8), None, Controls()), {}, at)
        changes += [at] if dozing.changes(at) else []
    assert changes == [4.0, 16.0]

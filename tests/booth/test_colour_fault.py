"""A camera that exchanges channels, or gives no colour, is a fault before anybody comes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from kiosk.booth import plate_schedule
from kiosk.booth.assembly import Simulation, open_parts
from kiosk.booth.faults import shows_wrong_colours
from kiosk.booth.loop import Booth
from kiosk.booth.registrar_link import open_link
from kiosk.camera.frame import Picture
from kiosk.config import Config, ModelSettings
from kiosk.demo.town import Town
from kiosk.twin import DAYLIGHT, Fault, Posture, Twin

EMPTY = Posture(present=False)
DARK = {"key_left": 0.0, "key_right": 0.0, "fill": 0.0, "backdrop": 0.0}


@pytest.fixture(scope="module")
def empty(at_booth: Callable[..., Picture]) -> Picture:
    return at_booth(EMPTY)


def test_the_light_blue_backdrop_shows_that_colours_are_right(
    empty: Picture, at_booth: Callable[..., Picture]
) -> None:
    assert shows_wrong_colours(empty) is False
    assert shows_wrong_colours(at_booth(EMPTY, **DARK)) is False
    assert shows_wrong_colours(np.zeros_like(empty)) is None


@pytest.mark.parametrize("gains", [(1.2, 1.0, 0.8), (0.8, 1.0, 1.2), (1.0, 0.8, 1.0)])
def test_lamps_of_another_white_are_no_fault(
    gains: tuple[float, float, float], empty: Picture
) -> None:
    tinted = (empty * np.array(gains)).clip(0, 255).astype(np.uint8)
    assert shows_wrong_colours(tinted) is False


@pytest.mark.parametrize("order", [o for o in permutations(range(3)) if o != (0, 1, 2)])
def test_channels_in_any_other_order_are_seen(order: tuple[int, ...], empty: Picture) -> None:
    assert shows_wrong_colours(np.ascontiguousarray(empty[..., list(order)])) is True


@pytest.mark.parametrize("channel", range(3))
def test_a_channel_that_gives_nothing_is_seen(channel: int, empty: Picture) -> None:
    broken = empty.copy()
    broken[..., channel] = 0
    assert shows_wrong_colours(broken) is True


def test_a_camera_without_colour_is_seen(empty: Picture) -> None:
    grey = empty.mean(2, keepdims=True).astype(np.uint8)
    assert shows_wrong_colours(np.repeat(grey, 3, axis=2)) is True


@pytest.fixture(scope="module")
def booth(
    tmp_path_factory: pytest.TempPathFactory, models_store: Path
) -> Iterator[tuple[Booth, Twin]]:
    """A booth on the twin, ready for students."""
    config = Config(models=ModelSettings(store=models_store))
    twin = Twin("lin", config.lamps.pins, seed=3, ambient=DAYLIGHT)
    with Town(tmp_path_factory.mktemp("town"), config, headless=True) as town:
        link = open_link(town.config, uuid4)
        with open_parts(town.config, link, Simulation(twin)) as parts:
            booth = Booth(parts)
            run(booth, lambda: booth.prepared)
            yield booth, twin
            booth._worker.close()


def run(booth: Booth, done: Callable[[], bool]) -> None:
    """Let the booth work until something holds."""
    until = booth.parts.clock() + 90
    while not done():
        assert booth.parts.clock() < until
        booth.tick(booth.parts.clock())


@pytest.mark.parametrize("fault", [Fault.SWAPPED, Fault.GREY])
def test_wrong_colours_rest_the_booth_until_they_are_right_again(
    fault: Fault, booth: tuple[Booth, Twin], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work, twin = booth
    monkeypatch.setattr(plate_schedule, "PLATE_RETRY", 0.1)
    assert at_work.visit.fault is None
    twin.wires.fault = fault
    at_work.plates = plate_schedule.PlateSchedule()  # as after the start
    run(at_work, lambda: at_work.visit.fault == "colour")
    twin.wires.fault = Fault.NONE
    run(at_work, lambda: at_work.visit.fault is None and at_work.plates.plate is not None)


def test_a_backdrop_of_another_colour_tells_nothing(booth: tuple[Booth, Twin]) -> None:
    at_work, twin = booth
    at_work.parts = replace(at_work.parts, blue_backdrop=False)
    twin.wires.fault = Fault.GREY
    at_work.plates = plate_schedule.PlateSchedule()
    run(at_work, lambda: at_work.plates.tried and at_work.at_rest)
    assert at_work.visit.fault is None

"""The service door's switch: told while the booth runs, and asked while it does not."""

from dataclasses import replace
from typing import Any, cast

import pytest
from gpiozero.pins.mock import MockFactory

from kiosk.config import Config
from kiosk.config.schema import SwitchSettings
from kiosk.evaluation.virtual_booth import VirtualClock
from kiosk.health import Finding, Site
from kiosk.health.board import door
from kiosk.sync.clock import read_clocks
from kiosk.twin.pins import LampFactory
from kiosk.twin.wires import Wires
from kiosk.upkeep.told_state import ToldState

DOOR = 5
CONFIG = Config().model_copy(update={"switches": SwitchSettings(door=DOOR)})
TOLD = ToldState(version="0.1.0", pid=1, started=0.0, at=0.0, since=0.0, stage="idle")


class TwinOf:
    """A twin of which only the pins are asked for."""

    def __init__(self, pin_factory: MockFactory) -> None:
        self.pin_factory = pin_factory


def look(site: Site) -> Finding:
    (found,) = door(site)
    return found


@pytest.mark.parametrize(("shut", "verdict"), [(True, "ok"), (False, "fail")])
def test_doctor_asks_the_switch_itself(shut: bool, verdict: str) -> None:
    factory, clock = LampFactory(Wires((), ("neutral",), {}), {}), VirtualClock()
    if shut:
        factory.close_switch(DOOR)
    twin = cast(Any, TwinOf(factory))
    site = Site(CONFIG, read_clocks(), thorough=True, twin=twin, clock=clock, sleep=clock.advance)
    assert look(site).verdict == verdict


@pytest.mark.parametrize(("faults", "verdict"), [((), "ok"), (("door",), "fail")])
def test_a_running_booth_is_asked_instead(faults: tuple[str, ...], verdict: str) -> None:
    told = replace(TOLD, faults=faults)
    found = look(Site(CONFIG, read_clocks(), told, "running", thorough=True))
    assert found.verdict == verdict
    assert ("shut the service door" in found.next_step) is (verdict == "fail")


def test_a_door_without_a_switch_is_nothing_to_look_at() -> None:
    assert look(Site(Config(), read_clocks(), thorough=True)).says == "has no switch"


def test_a_switch_that_cannot_be_asked_is_told() -> None:
    twin = cast(Any, TwinOf(MockFactory()))
    config = Config().model_copy(update={"switches": SwitchSettings.model_construct(door=99)})
    found = look(Site(config, read_clocks(), thorough=True, twin=twin))
    assert (found.verdict, "pin 99" in found.says) == ("fail", True)

import math
import multiprocessing
from collections.abc import Callable
from functools import partial

import pytest

from kiosk.twin.sky import DARKEST
from kiosk.twin.wires import AWAY, Fault, Posture, Wires


@pytest.fixture
def wires() -> Wires:
    return Wires(("key_left", "room"), ("neutral", "smile"), {"room": 0.8})


def test_a_booth_begins_empty_dark_and_sound(wires: Wires) -> None:
    assert wires.posture == AWAY
    assert wires.levels == {"key_left": 0, "room": 0}
    assert wires.lighting.levels == {"key_left": 0, "room": 0.8}
    assert wires.fault is Fault.NONE


def test_lamps_add_to_the_light_of_the_room(wires: Wires) -> None:
    wires.set_level("key_left", 0.5)
    wires.ambient = {"key_left": 0.2}
    assert wires.lighting.levels == {"key_left": 0.7, "room": 0.0}


def test_light_flickers_from_not_at_all_to_down_to_dark(wires: Wires) -> None:
    assert wires.lighting.ripple == 0
    wires.ripple = 0.3
    assert wires.lighting.ripple == 0.3
    with pytest.raises(ValueError, match="cannot flicker 30 deep"):
        wires.ripple = 30


def test_what_one_side_sets_the_other_sees(wires: Wires) -> None:
    posture = Posture("smile", dx=-0.1, dy=0.05, scale=1.25)
    wires.posture = posture
    assert wires.posture == posture


def test_an_unknown_lamp_or_pose_names_those_there_are(wires: Wires) -> None:
    with pytest.raises(ValueError, match="no lamp top: there are key_left, room"):
        wires.set_level("top", 1)
    with pytest.raises(ValueError, match="no pose wink: there are neutral, smile"):
        wires.posture = Posture("wink")


def _answer(look: Callable[[], float], wires: Wires) -> None:
    wires.set_level("room", look())
    wires.fault = Fault.GREEN


def _see(wires: Wires) -> float:
    return wires.levels["key_left"] * wires.posture.dx


def test_the_wires_reach_a_spawned_process_and_back(wires: Wires) -> None:
    wires.posture = Posture(dx=0.25)
    wires.set_level("key_left", 0.75)
    child = multiprocessing.get_context("spawn").Process(
        target=_answer, args=(partial(_see, wires), wires)
    )
    child.start()
    child.join(60)
    assert child.exitcode == 0
    assert wires.levels["room"] == 0.75 * 0.25
    assert wires.fault is Fault.GREEN


def test_a_lamp_that_is_worn_gives_less_than_its_pin_drives(wires: Wires) -> None:
    wires.set_level("key_left", 0.5)
    wires.set_output("key_left", 0.4)
    assert wires.levels["key_left"] == 0.5
    assert wires.lighting.driven["key_left"] == 0.2
    wires.set_output("key_left", 1.0)
    assert wires.lighting.driven["key_left"] == 0.5


def test_a_slow_driver_follows_its_pin_by_63_per_cent_in_its_rise(wires: Wires) -> None:
    wires.rise = 0.1
    wires.pass_time(5.0)
    wires.set_level("key_left", 0.5)
    assert wires.lighting.driven["key_left"] == 0.0
    wires.pass_time(5.1)
    assert wires.lighting.driven["key_left"] == pytest.approx(0.5 * (1 - math.exp(-1)))
    wires.pass_time(5.05)  # nobody goes back
    for tick in range(100):
        wires.pass_time(5.1 + tick / 60)
    assert wires.lighting.driven["key_left"] == pytest.approx(0.5)
    with pytest.raises(ValueError, match=r"cannot rise in -1 s"):
        wires.rise = -1


def test_clouds_take_light_from_what_is_like_their_lamp_alone(wires: Wires) -> None:
    wires.ambient = {"key_left": 0.4, "room": 0.8}
    wires.set_clouds("key_left", 3)
    seen = []
    for second in range(120):
        wires.pass_time(second)
        seen.append(wires.lighting.ambient["key_left"])
        assert wires.lighting.ambient["room"] == 0.8
    assert min(seen) == pytest.approx(0.4 * DARKEST, rel=0.05)
    assert max(seen) == pytest.approx(0.4)
    wires.set_clouds("key_left", 0)
    assert wires.lighting.ambient["key_left"] == 0.4


def test_only_a_rig_has_light_of_the_screen(wires: Wires) -> None:
    with pytest.raises(ValueError, match="no lamp screen"):
        wires.set_screen(1.0)


def test_a_crooked_driver_gives_another_share_than_its_duty_cycle(wires: Wires) -> None:
    wires.set_exponent("key_left", 0.5)
    wires.set_level("key_left", 0.25)
    assert wires.levels["key_left"] == 0.25
    assert wires.lighting.driven["key_left"] == 0.5
    with pytest.raises(ValueError, match="exponent is above 0"):
        wires.set_exponent("key_left", 0)

import pytest
from gpiozero import InputDevice

from kiosk.lighting.lamps import Lamps
from kiosk.twin.pins import LampFactory, exchanged
from kiosk.twin.wires import Wires

PINS = {"key_left": 12, "fill": 18}


@pytest.fixture
def wires() -> Wires:
    return Wires(("key_left", "fill", "backdrop"), ("neutral",), {})


def test_a_lamp_that_is_driven_lights_and_one_that_is_not_stays_dark(wires: Wires) -> None:
    with Lamps({"key_left": 12}, 1000, LampFactory(wires, PINS)) as lamps:
        lamps.set({"key_left": 0.35})
        assert wires.levels == {"key_left": 0.35, "fill": 0.0, "backdrop": 0.0}


def test_a_lamp_on_the_wrong_pin_lights_nothing(wires: Wires) -> None:
    with Lamps({"key_left": 13}, 1000, LampFactory(wires, PINS)) as lamps:
        lamps.set({"key_left": 1.0})
        assert wires.levels == {"key_left": 0.0, "fill": 0.0, "backdrop": 0.0}


def test_closing_the_lamps_puts_them_out(wires: Wires) -> None:
    lamps = Lamps(PINS, 1000, LampFactory(wires, PINS))
    lamps.set({"key_left": 0.5, "fill": 0.5})
    lamps.close()
    assert wires.levels == {"key_left": 0.0, "fill": 0.0, "backdrop": 0.0}


def test_a_day_of_ramps_leaves_no_trace_in_memory(wires: Wires) -> None:
    factory = LampFactory(wires, PINS)
    with Lamps(PINS, 1000, factory) as lamps:
        for i in range(500):
            lamps.set({"fill": i % 100 / 100})
        assert len(factory.pin(18).states) == 1


def test_a_switch_is_closed_before_it_is_asked_or_after(wires: Wires) -> None:
    factory = LampFactory(wires, PINS)
    factory.close_switch(5)
    door, button = (InputDevice(pin, pull_up=True, pin_factory=factory) for pin in (5, 6))
    assert (door.is_active, button.is_active) == (True, False)
    factory.open_switch(5)
    factory.close_switch(6)
    assert (door.is_active, button.is_active) == (False, True)


def test_lamps_wired_the_wrong_way_round_light_each_others_side(wires: Wires) -> None:
    wired = exchanged(PINS, "key_left", "fill")
    with Lamps(PINS, 1000, LampFactory(wires, wired)) as lamps:
        lamps.set({"key_left": 0.5})
        assert wires.levels == {"key_left": 0.0, "fill": 0.5, "backdrop": 0.0}

"""Lamps, switches and fan on the real gpiozero and lgpio; gpiochip.c is the kernel and the pins."""

import mmap
import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from gpiozero import Device

from kiosk.board.fan import Fan
from kiosk.board.switches import END_VISIT, STEADY, Switches
from kiosk.commands.main import main
from kiosk.config.schema import FanSettings
from kiosk.lighting.lamps import Lamps

PINS = {"key_left": 12, "key_right": 13, "fill": 18, "backdrop": 19}
LEVELS = {"key_left": 0.1, "key_right": 0.4, "fill": 0.8, "backdrop": 1.0}
DOOR, RESET, FAN = 5, 6, 16

LINE = struct.Struct("=iiiiQQQ")


class Line(NamedTuple):
    """`struct line` of gpiochip.c."""

    direction: int
    level: int
    grounded: int
    taken: int
    rises: int
    high_ns: int
    since_ns: int


class Chip:
    """What the pins do, and what hangs on them."""

    def __init__(self) -> None:
        with Path(os.environ["GPIOCHIP_STATE"]).open("r+b") as file:
            self._state = mmap.mmap(file.fileno(), 0)

    def __getitem__(self, number: int) -> Line:
        return Line(*LINE.unpack_from(self._state, number * LINE.size))

    def wire(self, number: int, *, grounded: bool = False, taken: bool = False) -> None:
        struct.pack_into("=ii", self._state, number * LINE.size + 8, grounded, taken)

    def high_ns(self, number: int) -> tuple[int, int]:
        """For how long a line was high, and until when, in nanoseconds."""
        line, now = self[number], time.monotonic_ns()
        return line.high_ns + (now - line.since_ns) * line.level, now

    def duty(self, number: int, seconds: float) -> float:
        """The share of a while for which a line is high."""
        high, begun = self.high_ns(number)
        time.sleep(seconds)
        high_then, ended = self.high_ns(number)
        return (high_then - high) / (ended - begun)


@pytest.fixture
def chip() -> Iterator[Chip]:
    chip = Chip()
    yield chip
    for number in (*PINS.values(), DOOR, RESET, FAN):
        chip.wire(number)


def is_dark(chip: Chip) -> bool:
    return not any(chip[pin].level or chip[pin].direction == 2 for pin in PINS.values())


def test_the_pins_are_lgpios(chip: Chip) -> None:
    with Lamps(PINS, 1000) as lamps:
        assert lamps.available
        assert type(Device.pin_factory).__module__ == "gpiozero.pins.lgpio"
        assert {chip[pin].direction for pin in PINS.values()} == {2}


def test_each_level_is_a_share_of_the_time_and_the_end_is_dark(chip: Chip) -> None:
    with Lamps(PINS, 1000) as lamps:
        lamps.set(LEVELS)
        time.sleep(0.1)
        duties = {name: chip.duty(pin, 1.0) for name, pin in PINS.items()}
        print({name: round(duty, 3) for name, duty in duties.items()})
        # Made in software, edges are late where the machine is busy: their order stays.
        assert list(duties.values()) == sorted(duties.values())
        assert 0 < duties["key_left"] < 0.5 < duties["fill"] < duties["backdrop"] == 1
        for step in range(1, 21):  # smaller than lgpio's percents, and yet none gets lost
            lamps.set({"fill": lamps.levels["fill"] - 0.003})
            assert lamps.levels["fill"] == pytest.approx(0.8 - 0.003 * step)
        lamps.set({"fill": 0.0})
        time.sleep(0.1)
        assert chip.duty(PINS["fill"], 0.1) == 0
    assert is_dark(chip)


# gpiozero lets the half-made device go as it is collected, and then the kernel refuses once more.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_pin_that_the_kernel_gave_to_another_is_a_lamp_that_is_not_there_until_it_is_free(
    chip: Chip,
) -> None:
    chip.wire(PINS["key_right"], taken=True)
    with Lamps(PINS, 1000) as lamps:
        assert lamps.missing == {"key_right"}
        assert "busy" in lamps.reasons["key_right"]
        chip.wire(PINS["key_right"])
        lamps.look_again()
        assert lamps.available


def test_a_booth_that_crashes_leaves_them_dark(chip: Chip) -> None:
    lit = f"from kiosk.lighting.lamps import Lamps; Lamps({PINS}, 1000).set({LEVELS}); 1 / 0"
    done = subprocess.run([sys.executable, "-c", lit], capture_output=True, text=True, check=False)
    assert "ZeroDivisionError" in done.stderr
    assert is_dark(chip)


def test_the_command_puts_them_out(chip: Chip) -> None:
    assert main(["lamps", "off"]) == 0
    assert is_dark(chip)


def test_door_and_reset_button_are_felt(chip: Chip) -> None:
    chip.wire(DOOR, grounded=True)
    switches = Switches(DOOR, RESET)
    try:
        assert not switches.reasons
        assert [switches.is_door_open(at) for at in (0.0, 1.0)] == [False, False]
        chip.wire(DOOR)
        assert [switches.is_door_open(at) for at in (2.0, 2.1 + STEADY)] == [False, True]
        assert switches.find_wish(0.0) is None
        chip.wire(RESET, grounded=True)
        wishes = [switches.find_wish(at) for at in (10.0, 10.1 + END_VISIT)]
        assert wishes == [None, "end_visit"]
    finally:
        switches.close()


def test_the_fan_turns_and_stops(chip: Chip, tmp_path: Path) -> None:
    (tmp_path / "temp").write_text("80000\n")
    fan = Fan(FanSettings(pin=FAN), thermometer=tmp_path / "temp")
    fan.follow(0.0)
    time.sleep(0.05)
    assert chip[FAN].level == 1
    fan.close()
    assert chip[FAN].level == 0

"""Switches, fan and backlight: what is done when, on gpiozero's mock pins and a folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from kiosk.board.backlight import DIM_AFTER, DIMMED, Backlight, find_backlight
from kiosk.board.board import Board
from kiosk.board.fan import LOOK_EVERY, Fan, find_fan_level
from kiosk.board.switches import END_VISIT, RESTART, STEADY, Switches, Wish

DOOR, RESET, FAN = 17, 27, 22
ROUND = 1 / 30


@dataclass
class FanSettings:
    pin: int | None = FAN
    on: float = 60.0
    off: float = 50.0
    full: float = 75.0


@pytest.fixture
def factory() -> MockFactory:
    return MockFactory(pin_class=MockPWMPin)


@pytest.fixture
def switches(factory: MockFactory) -> Iterator[Switches]:
    switches = Switches(DOOR, RESET, factory)
    factory.pin(DOOR).drive_low()
    yield switches
    switches.close()
    switches.close()


def wishes(switches: Switches, begin: float, seconds: float) -> list[tuple[float, Wish]]:
    """What the reset button asks for, and how long after it began to be looked at."""
    found = []
    for step in range(round(seconds / ROUND) + 1):
        if (wish := switches.find_wish(begin + step * ROUND)) is not None:
            found.append((round(step * ROUND, 1), wish))
    return found


def test_an_open_door_counts_once_it_stands_open(switches: Switches, factory: MockFactory) -> None:
    assert not switches.is_door_open(0.0)
    factory.pin(DOOR).drive_high()
    assert not switches.is_door_open(1.0)
    assert not switches.is_door_open(1.0 + STEADY / 2)
    assert switches.is_door_open(1.1 + STEADY)
    factory.pin(DOOR).drive_low()
    assert switches.is_door_open(2.0)
    assert not switches.is_door_open(2.1 + STEADY)


def test_a_switch_that_bounces_is_no_open_door(switches: Switches, factory: MockFactory) -> None:
    for step in range(30):
        (factory.pin(DOOR).drive_high if step % 2 else factory.pin(DOOR).drive_low)()
        assert not switches.is_door_open(step * STEADY / 2)


def test_a_wire_of_the_door_that_came_off_is_an_open_door(factory: MockFactory) -> None:
    switches = Switches(door=DOOR, pin_factory=factory)  # pulled up, and joined to nothing
    assert [switches.is_door_open(at) for at in (0.0, STEADY)] == [False, True]


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        (END_VISIT - 0.2, []),
        (END_VISIT + 0.2, [(END_VISIT, "end_visit")]),
        (RESTART + 5, [(END_VISIT, "end_visit"), (RESTART, "restart")]),
    ],
)
def test_the_longer_the_button_is_held_the_more_ends(
    switches: Switches, factory: MockFactory, held: float, asked: list[tuple[float, Wish]]
) -> None:
    for begin in (100.0, 200.0):
        assert wishes(switches, begin - 1, 0.5) == []
        factory.pin(RESET).drive_low()
        assert wishes(switches, begin, held) == asked
        factory.pin(RESET).drive_high()


def test_a_button_that_is_stuck_as_the_booth_starts_does_not_start_it_anew_for_ever(
    switches: Switches, factory: MockFactory
) -> None:
    factory.pin(RESET).drive_low()
    assert wishes(switches, 0.0, 60.0) == []
    factory.pin(RESET).drive_high()
    assert wishes(switches, 60.0, 1.0) == []
    factory.pin(RESET).drive_low()
    assert wishes(switches, 70.0, 4.0) == [(END_VISIT, "end_visit")]


def test_a_switch_that_cannot_be_claimed_is_told_and_asks_for_nothing(
    factory: MockFactory, caplog: pytest.LogCaptureFixture
) -> None:
    switches = Switches(door=99, reset=99, pin_factory=factory)
    assert not switches.is_door_open(0.0)
    assert switches.find_wish(0.0) is None
    assert "switch door is not there: pin 99" in caplog.text


def test_the_fan_begins_late_and_stops_late() -> None:
    level, levels = 0.0, []
    for degrees in (45, 55, 59.9, 60, 70, 75, 84, 60, 51, 49.9, 55):
        level = find_fan_level(degrees, level, FanSettings())
        levels.append(round(level, 2))
    assert levels == [0, 0, 0, 0.64, 0.88, 1, 1, 0.64, 0.42, 0, 0]


def test_the_fan_follows_the_processors_temperature(factory: MockFactory, tmp_path: Path) -> None:
    (tmp_path / "temp").write_text("71000\n")
    fan = Fan(FanSettings(), factory, tmp_path / "temp")
    fan.follow(0.0)
    assert factory.pin(FAN).state == fan.level == pytest.approx(0.904)
    (tmp_path / "temp").write_text("40000\n")
    fan.follow(LOOK_EVERY / 2)
    assert fan.level > 0
    fan.follow(LOOK_EVERY)
    assert fan.level == 0
    (tmp_path / "temp").unlink()
    fan.follow(2 * LOOK_EVERY)
    assert fan.level == 1
    fan.close()
    assert factory.pin(FAN).state == 0


@pytest.fixture
def panel(tmp_path: Path) -> Path:
    folder = tmp_path / "10-0045"
    folder.mkdir()
    (folder / "max_brightness").write_text("31\n")
    (folder / "brightness").write_text("20\n")
    return folder


def brightness(panel: Path) -> int:
    return int((panel / "brightness").read_text())


def test_the_screen_dims_when_nobody_is_there_for_long_and_is_bright_at_once(panel: Path) -> None:
    backlight = Backlight(find_backlight("auto", panel.parent))
    seen = []
    for at, somebody in (
        (0, False), (DIM_AFTER - 1, False), (DIM_AFTER, False), (DIM_AFTER + 1, True),
        (2 * DIM_AFTER, False), (2 * DIM_AFTER + 1, False),
    ):  # fmt: skip
        backlight.follow(at, somebody=somebody)
        seen.append(brightness(panel))
    dimmed = round(DIMMED * 31)
    assert seen == [31, 31, dimmed, 31, 31, dimmed]
    backlight.close()
    assert brightness(panel) == 31


def test_a_backlight_is_only_written_when_it_changes(panel: Path) -> None:
    written: list[str] = []
    backlight = Backlight(panel, lambda path, text: written.append(text))
    for at in range(100):
        backlight.follow(at, somebody=False)
    assert written == ["31"]


def test_a_backlight_that_may_not_be_written_is_told_once_and_left_alone(
    panel: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(path: Path, text: str) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    backlight = Backlight(panel, refuse)
    for at in (0.0, DIM_AFTER, 2 * DIM_AFTER):
        backlight.follow(at, somebody=False)
    assert caplog.text.count("into the group video") == 1


def test_a_monitor_without_a_backlight_to_set_is_left_as_it_is(tmp_path: Path) -> None:
    assert find_backlight("auto", tmp_path) is None
    assert find_backlight("none") is None
    backlight = Backlight(None)
    backlight.follow(0.0, somebody=True)
    backlight.close()


def test_a_board_with_nothing_on_it_asks_for_nothing() -> None:
    board = Board()
    assert board.follow(0.0, somebody=False) is None
    assert not board.door_open
    board.close()

"""A scanner read from its input device: real events through a pipe, only ioctl is stood for."""

import errno
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.reader import Heard
from kiosk.reader.evdev import (
    DOWN,
    EV_KEY,
    EV_SYN,
    EVENT,
    EVIOCGRAB,
    RETRY,
    SYN_DROPPED,
    SYN_REPORT,
    UP,
    EvdevReader,
    Event,
    Pump,
    find_keyboard,
    list_keyboards,
)
from kiosk.reader.reader import BROKEN_SCAN, LONGEST_CODE, NOTHING, Framing
from kiosk.reader.us_layout import KEYS, Typist

CODE = "TX9-4471-KQ"
EV_MSC, MSC_SCAN = 4, 4
SHIFT, CAPS, CTRL = 42, 58, 29
PLACES = {char: (code, shifted) for shifted in (True, False) for code, both in KEYS.items()
          for char in both[shifted : shifted + 1]}  # fmt: skip


class Scanner:
    """The far end of an input device: what its keys make is written as the kernel would."""

    def __init__(self, device: Path) -> None:
        self.device = device
        self.now = 100.0
        self.ioctls: list[int] = []
        self.taken_by_another = False
        self.events_sent = 0
        self._end: int | None = None
        os.mkfifo(device)

    def plug_in(self) -> None:
        self._end = os.open(self.device, os.O_RDWR)  # so that it waits for no reader

    def unplug(self) -> None:
        if self._end is not None:
            os.close(self._end)
        self._end = None

    def ioctl(self, file: int, request: int, argument: int | bytes) -> int:
        if self.taken_by_another:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        self.ioctls.append(request)
        return 0

    def send(self, *events: tuple[int, int, int]) -> None:
        self._write([(self.now, event) for event in events])

    def keys(self, text: str, gap: float = 0.002) -> list[tuple[float, tuple[int, int, int]]]:
        """The events of a text, with the seconds after which each comes."""
        events = []
        for number, char in enumerate(text):
            code, shifted = PLACES[char]
            shift = [(EV_KEY, SHIFT)] * shifted
            for value, keys in ((DOWN, [*shift, (EV_KEY, code)]), (UP, [(EV_KEY, code), *shift])):
                for type, key in keys:
                    for event in ((EV_MSC, MSC_SCAN, key), (type, key, value), (EV_SYN, 0, 0)):
                        events.append((number * gap, event))
        return events

    def type(self, text: str, gap: float = 0.002) -> None:
        """Type a text, all of which the kernel hands on at once."""
        began = self.now
        self._write([(began + after, event) for after, event in self.keys(text, gap)])
        self.now = began + len(text) * gap

    def _write(self, events: list[tuple[float, tuple[int, int, int]]]) -> None:
        assert self._end is not None
        self.events_sent += len(events)
        data = b""
        for at, event in events:
            data += EVENT.pack(*divmod(round(at * 1e6), 1_000_000), *event)
        os.write(self._end, data)


class CountingPump(Pump):
    """Counts the events that were taken."""

    taken = 0

    def take(self) -> Iterator[Event]:
        for event in super().take():
            CountingPump.taken += 1
            yield event


@pytest.fixture(autouse=True)
def _count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CountingPump, "taken", 0)
    monkeypatch.setattr("kiosk.reader.evdev.Pump", CountingPump)


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[Scanner]:
    scanner = Scanner(tmp_path / "event7")
    scanner.plug_in()
    yield scanner
    scanner.unplug()


@pytest.fixture
def reader(scanner: Scanner) -> Iterator[EvdevReader]:
    reader = EvdevReader(lambda: scanner.device, ioctl=scanner.ioctl)
    assert reader.listen(Heard((), None, scanner.now)) is None
    assert reader.available
    scanner.now += 5.0
    yield reader
    reader.close()
    reader.close()


def hear(reader: EvdevReader, scanner: Scanner) -> str | None:
    """What comes of all that was sent, and of nothing for a second after it."""
    until = time.monotonic() + 20.0
    while CountingPump.taken < scanner.events_sent:
        assert reader.listen(Heard((), None, scanner.now)) is None
        assert time.monotonic() < until, "the events never came"
    heard = reader.listen(Heard((), None, scanner.now + 1.0))
    scanner.now += 10.0
    return heard


def test_a_scan_is_a_code_and_nobody_else_has_the_keys(
    scanner: Scanner, reader: EvdevReader
) -> None:
    scanner.type(f"{CODE}\r")
    assert hear(reader, scanner) == CODE
    assert EVIOCGRAB in scanner.ioctls


def test_every_character_is_read_as_a_us_keyboard_types_it(scanner: Scanner) -> None:
    printable = "".join(sorted(char for char in PLACES if char.isprintable()))
    assert len(printable) == 95  # all of ASCII
    reader = EvdevReader(lambda: scanner.device, Framing(), ioctl=scanner.ioctl)
    reader.listen(Heard((), None, scanner.now))
    scanner.now += 5.0
    scanner.type(f"{printable}\r")
    assert hear(reader, scanner) == printable
    reader.close()


def test_a_scan_through_which_the_booth_was_busy_has_no_pause(
    scanner: Scanner, reader: EvdevReader
) -> None:
    scanner.type(CODE[:5])
    assert reader.listen(Heard((), None, scanner.now)) is None
    scanner.type(f"{CODE[5:]}\r")
    assert hear(reader, scanner) == CODE


def test_a_scan_that_fills_the_kernels_buffer_many_times_is_whole(
    scanner: Scanner, reader: EvdevReader
) -> None:
    longest = (f"{CODE}/" * LONGEST_CODE)[: LONGEST_CODE - 1] + "!"
    scanner.type(f"{longest}\r")
    assert hear(reader, scanner) == longest


def test_a_person_who_types_gives_no_code(scanner: Scanner, reader: EvdevReader) -> None:
    scanner.type(f"{CODE}\r", gap=0.1)
    assert hear(reader, scanner) is None


@pytest.mark.parametrize(
    "event",
    [
        (EV_SYN, SYN_DROPPED, 0),  # the kernel lost events
        (EV_KEY, 30, 2),  # a key that repeats, since its release came late
        (EV_KEY, CAPS, DOWN),
        (EV_KEY, 240, DOWN),  # a key that types nothing
    ],
)
def test_a_scan_in_which_a_key_went_wrong_is_broken_and_the_next_is_not(
    scanner: Scanner, reader: EvdevReader, event: tuple[int, int, int]
) -> None:
    scanner.type(CODE[:5])
    scanner.send(event, (EV_SYN, SYN_REPORT, 0))
    scanner.type(f"{CODE[5:]}\r")
    assert hear(reader, scanner) == BROKEN_SCAN
    scanner.type(f"{CODE}\r")
    assert hear(reader, scanner) == CODE


def test_a_key_with_ctrl_types_nothing() -> None:
    typist = Typist()
    assert [typist.press(code) for code in (CTRL, 30)] == ["", NOTHING]
    assert [typist.release(code) for code in (CTRL, 30)] == ["", ""]
    assert typist.press(30) == "a"


def test_a_shift_whose_release_was_lost_does_not_last(
    scanner: Scanner, reader: EvdevReader
) -> None:
    scanner.send((EV_KEY, SHIFT, DOWN), (EV_SYN, SYN_DROPPED, 0), (EV_SYN, SYN_REPORT, 0))
    scanner.now += 5.0
    scanner.type("12345678\r")
    assert hear(reader, scanner) == "12345678"


@pytest.mark.parametrize("code", ["ab-cdX", "Xab-cd", "ab-XYc"])
def test_half_a_stroke_that_was_lost_makes_no_other_code(
    scanner: Scanner, reader: EvdevReader, code: str
) -> None:
    strokes = [each for each in scanner.keys(f"{code}\r") if each[1][0] == EV_KEY]
    for lost in range(len(strokes) - 2):  # Enter apart, whose loss the next scan tells
        left = strokes[:lost] + strokes[lost + 1 :]
        scanner._write([(scanner.now + after, event) for after, event in left])
        came_up = strokes[lost][1][2] == UP  # of a letter: what was typed is known all the same
        assert hear(reader, scanner) in ((BROKEN_SCAN, code) if came_up else (BROKEN_SCAN,))
    scanner.type(f"{code}\r")
    assert hear(reader, scanner) == code


def test_the_rest_of_a_scan_that_began_before_is_no_code(scanner: Scanner) -> None:
    reader = EvdevReader(lambda: scanner.device, ioctl=scanner.ioctl)
    reader.listen(Heard((), None, scanner.now))
    scanner.type(f"{CODE[3:]}\r")
    assert hear(reader, scanner) == BROKEN_SCAN
    reader.close()


def test_a_scanner_that_is_pulled_out_is_told_and_comes_back(
    scanner: Scanner, reader: EvdevReader, caplog: pytest.LogCaptureFixture
) -> None:
    scanner.unplug()
    with caplog.at_level(logging.INFO):
        while reader.available:
            assert reader.listen(Heard((), None, scanner.now)) is None
        assert "plug the scanner in" in str(reader.fault)
        scanner.device.unlink()
        scanner.now += 2 * RETRY
        assert reader.listen(Heard((), None, scanner.now)) is None
        assert "No such file" in str(reader.fault)
        os.mkfifo(scanner.device)
        scanner.plug_in()
        scanner.now += 2 * RETRY
        assert reader.listen(Heard((), None, scanner.now)) is None
        assert reader.fault is None
    scanner.now += 5.0
    scanner.type(f"{CODE}\r")
    assert hear(reader, scanner) == CODE
    assert caplog.text.count("works again") == 1


def test_a_scanner_that_another_program_has_is_told(scanner: Scanner) -> None:
    scanner.taken_by_another = True
    reader = EvdevReader(lambda: scanner.device, ioctl=scanner.ioctl)
    assert reader.listen(Heard((), None, scanner.now)) is None
    assert "end the other program" in str(reader.fault)
    assert not reader.available


def test_what_is_no_input_device_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    reader = EvdevReader(lambda: tmp_path / "file")
    assert reader.listen(Heard((), None, 0.0)) is None
    assert "name a device of /dev/input" in str(reader.fault)


def test_a_keyboard_is_found_by_the_name_it_gives_itself(tmp_path: Path) -> None:
    keyboard, volume = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe", "e000"
    for number, (name, keys) in enumerate(
        [("Honeywell HF680", volume), ("Logitech K400", keyboard), ("Honeywell HF680", keyboard)], 9
    ):
        (tmp_path / f"event{number}" / "device" / "capabilities").mkdir(parents=True)
        (tmp_path / f"event{number}" / "device" / "name").write_text(f"{name}\n")
        (tmp_path / f"event{number}" / "device" / "capabilities" / "key").write_text(f"{keys}\n")
    assert find_keyboard("Honeywell*", tmp_path) == Path("/dev/input/event11")
    assert list(list_keyboards(tmp_path)) == ["Logitech K400", "Honeywell HF680"]
    with pytest.raises(OSError, match='there are: "Logitech K400", "Honeywell HF680"'):
        find_keyboard("Zebra*", tmp_path)

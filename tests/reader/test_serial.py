"""A scanner on a serial line, tried on a pseudo-terminal."""

import logging
import os
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.reader import Reader
from kiosk.reader.serial import RETRY, SerialReader


class Scanner:
    """The far end of a serial line whose device has a lasting name, as udev gives it."""

    def __init__(self, device: Path) -> None:
        self.device = device
        self.now = 0.0
        self.plug_in()

    def plug_in(self) -> None:
        self._end, near = os.openpty()
        tty.setraw(near)
        self.device.unlink(missing_ok=True)
        self.device.symlink_to(os.ttyname(near))
        os.close(near)

    def unplug(self) -> None:
        os.close(self._end)

    def send(self, data: bytes) -> None:
        os.write(self._end, data)

    def clock(self) -> float:
        return self.now


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[Scanner]:
    scanner = Scanner(tmp_path / "scanner")
    yield scanner
    scanner.unplug()


@pytest.fixture
def reader(scanner: Scanner) -> Iterator[SerialReader]:
    reader = SerialReader(scanner.device, clock=scanner.clock)
    assert reader.poll() is None
    assert reader.available
    yield reader
    reader.close()
    reader.close()


def test_a_line_is_a_code(scanner: Scanner, reader: Reader) -> None:
    scanner.send(b"TX9-4471\r\n")
    assert reader.poll() == "TX9-4471"
    assert reader.poll() is None


def test_a_code_that_comes_in_pieces_is_read_whole(scanner: Scanner, reader: Reader) -> None:
    scanner.send("图像".encode()[:4])
    assert reader.poll() is None
    scanner.send("图像".encode()[4:] + b"-7\r")
    assert reader.poll() == "图像-7"


def test_two_codes_at_once_come_one_after_the_other(scanner: Scanner, reader: Reader) -> None:
    scanner.send(b"FIRST-1\nSECOND-2\n")
    assert [reader.poll() for _ in range(3)] == ["FIRST-1", "SECOND-2", None]


def test_a_code_held_before_the_scanner_is_read_once(scanner: Scanner, reader: Reader) -> None:
    codes = []
    for scanner.now in (0.0, 1.0, 2.0, 9.0):
        scanner.send(b"TX9-4471\r")
        codes.append(reader.poll())
    assert codes == ["TX9-4471", None, None, "TX9-4471"]


def test_a_line_too_long_is_dropped_with_its_tail(scanner: Scanner, reader: Reader) -> None:
    for _ in range(30):
        scanner.send(b"A" * 1000)
        assert reader.poll() is None
    scanner.send(b"tail\nTX9-4471\n")
    assert reader.poll() == "TX9-4471"


def test_an_unplugged_scanner_is_a_fault_and_comes_back(
    scanner: Scanner, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "kiosk.reader")
    scanner.unplug()
    for _ in range(5):
        assert reader.poll() is None
        scanner.now += RETRY / 2
    assert not reader.available
    assert "plug the scanner in" in str(reader.fault)
    scanner.plug_in()
    scanner.now += RETRY
    reader.poll()
    scanner.send(b"TX9-4471\n")
    assert reader.poll() == "TX9-4471"
    assert (reader.available, reader.fault) == (True, None)
    told = [record.getMessage() for record in caplog.records]
    assert told[-1] == "reader: works again"
    assert not [text for text in told if "TX9" in text]


def test_a_scanner_that_was_never_there_is_a_fault(tmp_path: Path) -> None:
    reader = SerialReader(tmp_path / "none")
    assert reader.poll() is None
    assert "none cannot be read (No such file or directory)" in str(reader.fault)


def test_a_device_that_is_no_serial_line_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("TX9-4471\n")
    reader = SerialReader(file)
    assert reader.poll() is None
    assert "Inappropriate ioctl" in str(reader.fault)
    assert not reader.available

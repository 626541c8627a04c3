"""A scanner on a serial line, tried on a pseudo-terminal."""

import logging
import os
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.reader import Heard, Reader
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

    def read(self, reader: Reader) -> str | None:
        """What the reader finds in one round of the booth's loop."""
        return reader.listen(Heard((), None, self.now))


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[Scanner]:
    scanner = Scanner(tmp_path / "scanner")
    yield scanner
    scanner.unplug()


@pytest.fixture
def reader(scanner: Scanner) -> Iterator[SerialReader]:
    reader = SerialReader(scanner.device)
    assert scanner.read(reader) is None
    assert reader.available
    yield reader
    reader.close()
    reader.close()


def test_a_line_is_a_code(scanner: Scanner, reader: Reader) -> None:
    scanner.send(b"TX9-4471\r\n")
    assert scanner.read(reader) == "TX9-4471"
    assert scanner.read(reader) is None


def test_a_code_that_comes_in_pieces_is_read_whole(scanner: Scanner, reader: Reader) -> None:
    scanner.send("图像".encode()[:4])
    assert scanner.read(reader) is None
    scanner.send("图像".encode()[4:] + b"-7\r")
    assert scanner.read(reader) == "图像-7"


def test_two_codes_at_once_come_one_after_the_other(scanner: Scanner, reader: Reader) -> None:
    scanner.send(b"FIRST-1\nSECOND-2\n")
    assert [scanner.read(reader) for _ in range(3)] == ["FIRST-1", "SECOND-2", None]


def test_a_code_held_before_the_scanner_is_read_once(scanner: Scanner, reader: Reader) -> None:
    codes = []
    for scanner.now in (0.0, 1.0, 2.0, 9.0):
        scanner.send(b"TX9-4471\r")
        codes.append(scanner.read(reader))
    assert codes == ["TX9-4471", None, None, "TX9-4471"]


def test_a_line_too_long_is_dropped_with_its_tail(scanner: Scanner, reader: Reader) -> None:
    for _ in range(30):
        scanner.send(b"A" * 1000)
        assert scanner.read(reader) is None
    scanner.send(b"tail\nTX9-4471\n")
    assert scanner.read(reader) == "TX9-4471"


def test_an_unplugged_scanner_is_a_fault_and_comes_back(
    scanner: Scanner, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "kiosk.reader")
    scanner.unplug()
    for _ in range(5):
        assert scanner.read(reader) is None
        scanner.now += RETRY / 2
    assert not reader.available
    assert "plug the scanner in" in str(reader.fault)
    scanner.plug_in()
    scanner.now += RETRY
    scanner.read(reader)
    scanner.send(b"TX9-4471\n")
    assert scanner.read(reader) == "TX9-4471"
    assert (reader.available, reader.fault) == (True, None)
    told = [record.getMessage() for record in caplog.records]
    assert told[-1] == "reader: works again"
    assert not [text for text in told if "TX9" in text]


def test_a_scanner_that_was_never_there_is_a_fault(tmp_path: Path) -> None:
    reader = SerialReader(tmp_path / "none")
    assert reader.listen(Heard((), None, 0.0)) is None
    assert "none cannot be read (No such file or directory)" in str(reader.fault)


def test_a_device_that_is_no_serial_line_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("TX9-4471\n")
    reader = SerialReader(file)
    assert reader.listen(Heard((), None, 0.0)) is None
    assert "Inappropriate ioctl" in str(reader.fault)
    assert not reader.available


def test_a_scanners_prefix_and_suffix_are_taken_off(scanner: Scanner) -> None:
    reader = SerialReader(scanner.device, prefix="~Q", suffix="\t")
    scanner.read(reader)
    scanner.send(b"~QTX9-4471\t\r\nOTHER-1\r\n")
    assert [scanner.read(reader) for _ in range(2)] == ["TX9-4471", None]
    reader.close()

"""A scanner on a serial line, tried on a pseudo-terminal."""

import logging
import os
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.reader import Heard, Reader
from kiosk.reader.reader import BROKEN_SCAN, LONGEST_PAUSE, Framing
from kiosk.reader.serial import QUIET, RETRY, SerialReader


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

    def hold_open(self) -> None:
        """Keep the near end, too: a pseudo-terminal that nobody has open forgets what is sent."""
        self._near = os.open(self.device, os.O_RDONLY | os.O_NOCTTY)

    def send(self, data: bytes) -> None:
        os.write(self._end, data)

    def read(self, reader: Reader) -> str | None:
        """What the reader finds in two rounds of the booth's loop."""
        heard = reader.listen(Heard((), None, self.now))
        if heard is None:
            self.now += 1.5 * QUIET
            heard = reader.listen(Heard((), None, self.now))
        return heard


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


def test_two_lines_in_one_go_are_one_scan_that_broke(scanner: Scanner, reader: Reader) -> None:
    scanner.send(b"FIRST-1\nSECOND-2\n")
    assert [scanner.read(reader) for _ in range(2)] == [BROKEN_SCAN, None]
    scanner.send(b"FIRST-1\n")
    assert reader.listen(Heard((), None, scanner.now)) is None
    scanner.now += QUIET / 2
    scanner.send(b"SECOND-2\n")
    assert [scanner.read(reader) for _ in range(2)] == [BROKEN_SCAN, None]


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
    scanner.send(b"tail\n")
    assert scanner.read(reader) == BROKEN_SCAN
    scanner.send(b"TX9-4471\n")
    assert scanner.read(reader) == "TX9-4471"


@pytest.mark.parametrize("pause", [LONGEST_PAUSE + 0.01, 0.4, 60.0])
@pytest.mark.parametrize("rest", [b"71\r", b"TX9-4471\r", b"\r\n"])
@pytest.mark.parametrize("watched", [True, False])
def test_a_line_that_pauses_is_given_up_with_all_up_to_its_end(
    scanner: Scanner, reader: Reader, pause: float, rest: bytes, watched: bool
) -> None:
    scanner.send(b"TX9-44")
    assert scanner.read(reader) is None
    scanner.now += pause
    if watched:
        assert [scanner.read(reader) for _ in range(2)] == [BROKEN_SCAN, None]
    scanner.send(rest)
    assert {scanner.read(reader) for _ in range(3)} <= {BROKEN_SCAN, None}
    scanner.send(b"TX9-4471\r")
    assert scanner.read(reader) == "TX9-4471"


def test_cr_and_lf_that_come_apart_end_one_line(scanner: Scanner, reader: Reader) -> None:
    scanner.send(b"TX9-4471\r")
    assert scanner.read(reader) == "TX9-4471"
    scanner.now += 1.0
    scanner.send(b"\nOTHER-22\r")
    assert scanner.read(reader) == "OTHER-22"


@pytest.mark.parametrize(
    "noise",
    [b"\xef\xbb\xbfTX9-4471", b"\x02TX9-4471\x03", b"TX9\x00-4471", b"TX9\xff-4471",
     b"TX9-\xe5\x9b71", b"TX9-4471\x1b", b"TX9-\b4471", b"TX9-4471TX9-4471",
     "TX9\u200b4471".encode()],
)  # fmt: skip
def test_a_line_with_noise_is_no_code(scanner: Scanner, reader: Reader, noise: bytes) -> None:
    scanner.send(noise + b"\r\n")
    assert [scanner.read(reader) for _ in range(2)] == [BROKEN_SCAN, None]
    scanner.send(b"TX9-4471\r\n")
    assert scanner.read(reader) == "TX9-4471"


def test_a_few_bytes_of_noise_are_not_told_as_a_scan(scanner: Scanner, reader: Reader) -> None:
    scanner.send(b"\xff\x00\r\n\n")
    assert [scanner.read(reader) for _ in range(2)] == [None, None]


def test_a_frame_of_control_characters_is_taken_off_where_it_is_configured(
    scanner: Scanner,
) -> None:
    reader = SerialReader(scanner.device, Framing("\x02", "\x03"))
    scanner.read(reader)
    for sent, code in ((b"\x02TX9-4471\x03\r\n", "TX9-4471"), (b"TX9-4471\r\n", BROKEN_SCAN)):
        scanner.send(sent)
        assert scanner.read(reader) == code
    reader.close()


def test_where_the_length_is_known_a_lost_character_is_noticed(scanner: Scanner) -> None:
    reader = SerialReader(scanner.device, Framing(length=8))
    scanner.read(reader)
    for sent, code in (("TX9-471", BROKEN_SCAN), ("TX9-44471", BROKEN_SCAN), ("TX9-4471",) * 2):
        scanner.send(f"{sent}\r".encode())
        assert scanner.read(reader) == code
    reader.close()


def test_a_scanner_unplugged_in_the_midst_of_a_line_does_not_go_on_with_it(
    scanner: Scanner, reader: Reader
) -> None:
    scanner.send(b"TX9-44")
    assert scanner.read(reader) is None
    scanner.unplug()
    assert scanner.read(reader) is None
    scanner.plug_in()
    scanner.now += RETRY
    assert scanner.read(reader) is None
    scanner.send(b"71-MORE\r")
    assert scanner.read(reader) == BROKEN_SCAN
    scanner.send(b"TX9-4471\r")
    assert scanner.read(reader) == "TX9-4471"


@pytest.mark.parametrize(
    ("sent", "told"), [(b"OLD-7777\rTX9-44", BROKEN_SCAN), (b"OLD-77\r", None)]
)
def test_what_was_sent_before_anyone_listened_is_dropped_with_the_rest_of_its_line(
    scanner: Scanner, sent: bytes, told: str | None
) -> None:
    scanner.hold_open()
    scanner.send(sent)
    reader = SerialReader(scanner.device)
    assert scanner.read(reader) is None
    if told is not None:
        scanner.send(b"71-MORE\r")
    assert scanner.read(reader) == told
    scanner.send(b"TX9-4471\r")
    assert scanner.read(reader) == "TX9-4471"
    reader.close()


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
    reader = SerialReader(scanner.device, Framing("~Q", "\t"))
    scanner.read(reader)
    for sent, code in ((b"~QTX9-4471\t\r\n", "TX9-4471"), (b"OTHER-1\r\n", BROKEN_SCAN)):
        scanner.send(sent)
        assert scanner.read(reader) == code
    reader.close()

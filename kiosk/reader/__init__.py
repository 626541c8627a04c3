"""Readers: where capture codes come from (a scanner, the camera), and what a code says."""

from collections.abc import Callable, Mapping

from kiosk.reader.camera import CameraReader
from kiosk.reader.capture_code import CaptureCode, CaptureCodeError, parse_capture_code
from kiosk.reader.evdev import EvdevReader
from kiosk.reader.reader import Heard, Reader, ReaderSettings
from kiosk.reader.serial import SerialReader
from kiosk.reader.wedge import WedgeReader
from kiosk.reader.wrong_code import WrongCode, kind_of_wrong_code

__all__ = [
    "READERS",
    "CaptureCode",
    "CaptureCodeError",
    "Heard",
    "Reader",
    "ReaderSettings",
    "WrongCode",
    "kind_of_wrong_code",
    "open_reader",
    "parse_capture_code",
]

READERS: Mapping[str, Callable[[ReaderSettings], Reader]] = {
    "camera": CameraReader.open,
    "evdev": EvdevReader.open,
    "serial": SerialReader.open,
    "wedge": WedgeReader.open,
}
"""How each kind of reader is opened. Their modules import what is heavy only then."""


def open_reader(settings: ReaderSettings) -> Reader:
    """Open the reader that is configured; one whose device is missing says so by its fault."""
    return READERS[settings.kind](settings)

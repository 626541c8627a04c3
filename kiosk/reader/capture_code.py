"""The capture code (图像采集码): an opaque text, checked only for what no code can be.

Since the class of 2023 it is encrypted, and its cipher is not public, so nothing is read out of
it: only the registrar knows whose it is.
"""

from dataclasses import dataclass, field

from kiosk.errors import UsageError
from kiosk.reader.reader import BROKEN_SCAN
from protocol.capture_code import UNPRINTABLE, find_code_fault


class CaptureCodeError(UsageError):
    """A text that cannot be a capture code. Its message does not repeat the text."""


@dataclass(frozen=True, slots=True)
class CaptureCode:
    """A capture code as it was read; its repr does not show it, so that no log can."""

    text: str = field(repr=False)


def parse_capture_code(text: str) -> CaptureCode:
    """Make a capture code of what a reader read; raises CaptureCodeError, which says why not."""
    if text == BROKEN_SCAN:
        raise CaptureCodeError(
            "the scan came broken: scan it again, and if that goes on, check what the scanner is"
            " set up to send, its keyboard layout, NumLock and CapsLock"
        )
    text = text.strip()
    fault = find_code_fault(text)
    if fault == UNPRINTABLE:
        raise CaptureCodeError(
            f"the code {fault}: scan it again, and if that goes on, check the scanner's keyboard"
            " layout"
        )
    if fault is not None:
        raise CaptureCodeError(f"the code {fault}: show the capture code from the CHSI account")
    return CaptureCode(text)

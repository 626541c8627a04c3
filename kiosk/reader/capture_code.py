"""The capture code (图像采集码): an opaque text, checked only for what no code can be.

Since the class of 2023 it is encrypted, and its cipher is not public, so nothing is read out of
it: only the registrar knows whose it is.
"""

from dataclasses import dataclass, field

from kiosk.errors import UsageError
from kiosk.reader.reader import LONGEST_CODE

OTHER_CODES = {
    "wxp://": "a WeChat code to pay to",
    "https://u.wechat.com/": "a WeChat contact",
    "https://qr.alipay.com/": "an Alipay code to pay to",
    "wifi:": "a Wi-Fi network",
    "begin:vcard": "a business card",
    "mecard:": "a business card",
}
"""How codes begin that announce themselves as something else. Numbers and other links may be
anything, so they go to the registrar."""


class CaptureCodeError(UsageError):
    """A text that cannot be a capture code. Its message does not repeat the text."""


@dataclass(frozen=True, slots=True)
class CaptureCode:
    """A capture code as it was read; its repr does not show it, so that no log can."""

    text: str = field(repr=False)


def parse_capture_code(text: str) -> CaptureCode:
    """Make a capture code of what a reader read; raises CaptureCodeError, which says why not."""
    text = text.strip()
    if not text:
        raise CaptureCodeError("the code is empty: show the capture code from the CHSI account")
    if len(text) > LONGEST_CODE:
        raise CaptureCodeError(
            f"the code is {len(text)} characters long, and a capture code at most {LONGEST_CODE}: "
            "show the capture code from the CHSI account"
        )
    if not text.isprintable():
        raise CaptureCodeError(
            "the code holds characters that cannot be printed: scan it again, and if that goes on, "
            "check the scanner's keyboard layout"
        )
    for beginning, what in OTHER_CODES.items():
        if text.lower().startswith(beginning):
            raise CaptureCodeError(
                f"this is {what}, not a capture code: show the capture code from the CHSI account"
            )
    return CaptureCode(text)

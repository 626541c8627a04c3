"""What no capture code (图像采集码) can be: the rules by which readers and rosters go alike.

Since the class of 2023 it is encrypted, and its cipher is not public: it is an opaque text.
"""

from collections.abc import Callable
from math import log2

LONGEST_CODE = 512
"""Characters; anything longer is noise or an attack, and no reader hands it on."""

OTHER_CODES = {
    "wxp://": "a WeChat code to pay to",
    "weixin://": "a WeChat link",
    "https://u.wechat.com/": "a WeChat contact",
    "https://weixin.qq.com/": "a WeChat link",
    "http://weixin.qq.com/": "a WeChat link",
    "https://wx.tenpay.com/": "a WeChat code to pay to",
    "https://qr.alipay.com/": "an Alipay code to pay to",
    "alipays://": "an Alipay link",
    "https://qr.95516.com/": "a UnionPay code to pay to",
    "upi://": "a code to pay to",
    "bitcoin:": "a code to pay to",
    "wifi:": "a Wi-Fi network",
    "begin:vcard": "a business card",
    "begin:vcalendar": "an appointment",
    "begin:vevent": "an appointment",
    "mecard:": "a business card",
    "mailto:": "an e-mail address",
    "matmsg:": "an e-mail",
    "tel:": "a telephone number",
    "sms:": "a message",
    "smsto:": "a message",
    "geo:": "a place",
    "otpauth://": "a secret of two-factor log-in",
}
"""How codes begin that announce themselves as something else. Numbers and other links may be
anything, so they go to the registrar."""

_KINDS: tuple[tuple[Callable[[str], bool], int], ...] = (
    (str.isdecimal, 10),
    (str.islower, 26),
    (str.isupper, 26),
    (lambda char: not char.isalnum(), 32),
)
"""Kinds of ASCII characters, and how many there are of each."""

UNPRINTABLE = "holds characters that cannot be printed"


def find_code_fault(text: str) -> str | None:
    """Find why a text cannot be a capture code; None where it can.

    The words go on after “the code …”, and do not repeat the text.
    """
    if not text.strip():
        return "is empty"
    if len(text) > LONGEST_CODE:
        return f"is {len(text)} characters long, and a capture code at most {LONGEST_CODE}"
    if not text.isprintable():
        return UNPRINTABLE
    for beginning, what in OTHER_CODES.items():
        if text.lower().startswith(beginning):
            return f"is {what}, not a capture code"
    return None


def most_bits(code: str) -> float:
    """How many bits a code holds at most: those of one that was drawn by lot from its characters'
    kinds."""
    return len(code) * log2(sum(count for kind, count in _KINDS if any(map(kind, code))) or 1)


def is_doubled(text: str) -> bool:
    """Whether each character comes twice, or the whole does, as when a scanner's keys are doubled.

    Of codes drawn by lot, as of eight hexadecimal digits, one in 32,768 looks so.
    """
    half = len(text) // 2
    if len(text) % 2 or half < 4:
        return False
    return text[:half] == text[half:] or text[::2] == text[1::2]

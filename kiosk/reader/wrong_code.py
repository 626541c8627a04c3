"""What was scanned where a capture code was wanted: told from how payment codes and links look.

A capture code is an opaque text, so none of this says that a text is no capture code. It says what
kind of code one was that cannot be a capture code, or that the registrar does not know.
"""

import re
from typing import Literal

WrongCode = Literal[
    "code_unreadable", "code_payment", "code_contact", "code_wifi", "code_own_link", "code_link"
]

PAYMENT_NUMBERS = re.compile(
    r"(?:2[5-9]|30)[0-9]{14,22}"  # Alipay: 25–30, 16 to 24 digits (opendocs.alipay.com/open/194)
    r"|1[0-5][0-9]{16}"  # WeChat: 10–15, 18 digits (pay.weixin.qq.com, micropay, chapter 5_1)
    r"|62[0-9]{17}",  # UnionPay: 62, 19 digits, as of its cards (ISO/IEC 7812)
)
"""The numbers that a buyer's telephone shows to pay with. Each is good for a minute, and once."""

PAYMENT_TEXTS = re.compile(
    # EMVCo, merchant-presented: payload format indicator, then point of initiation, or CRC last.
    r"000201(?:0102(?:11|12)|.*6304[0-9A-F]{4}$)"
    r"|(?-i:hQVDUFYwM)"  # EMVCo, consumer-presented: 85 05 "CPV01" in base64
    r"|wxp://|weixin://wxpay/"
    r"|alipays?://|alipayqr://|upi://|upwallet://|bitcoin:"
    r"|https?://(?:qr\.alipay\.com|mobilecodec\.alipay\.com|wx\.tenpay\.com|payapp\.weixin\.qq\.com"
    r"|qr\.95516\.com|qr\.yeepay\.com)(?:[/:?]|$)",
    re.IGNORECASE,
)
"""How texts begin that pay somebody, or lead to where one pays."""

OWN_LINKS = re.compile(r"https?://(?:[a-z0-9-]+\.)*chsi\.com\.cn(?:[/:?]|$)", re.IGNORECASE)
"""Links of CHSI, who issue the capture codes: a page there is no capture code yet."""

CONTACTS = re.compile(
    r"https?://(?:u\.wechat\.com|weixin\.qq\.com/r|qm\.qq\.com)(?:[/:?]|$)"
    r"|weixin://contacts/|mecard:|begin:vcard",
    re.IGNORECASE,
)
"""How texts begin that are somebody's card: WeChat's and QQ's, vCard (RFC 6350) and MeCard."""

WIFI = re.compile(r"wifi:", re.IGNORECASE)
"""How a network's name and password begin."""

LINKS = re.compile(
    r"[a-z][a-z0-9+.-]{1,30}://"  # any address (RFC 3986), so a health code's too, and weixin://
    r"|www\.|(?:matmsg|mailto|tel|sms|smsto|geo):|begin:(?:vcalendar|vevent)",
    re.IGNORECASE,
)
"""How texts begin that lead somewhere, or announce themselves as something else."""


_KINDS: tuple[tuple[WrongCode, re.Pattern[str]], ...] = (
    ("code_own_link", OWN_LINKS),
    ("code_contact", CONTACTS),
    ("code_wifi", WIFI),
    ("code_link", LINKS),
)


def kind_of_wrong_code(text: str) -> WrongCode:
    """What kind of code a text is that is no capture code.

    Asked of what `parse_capture_code` refuses, and of what the registrar does not know. What looks
    like none of them was not read whole, or is a capture code of nobody here: `code_unreadable`.
    """
    text = text.strip()
    if PAYMENT_NUMBERS.fullmatch(text) or PAYMENT_TEXTS.match(text):
        return "code_payment"
    for kind, written in _KINDS:
        if written.match(text):
            return kind
    return "code_unreadable"

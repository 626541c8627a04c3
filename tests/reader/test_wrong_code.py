"""A code that is no capture code: payment codes, links, and what was not read whole."""

import pytest

from kiosk.reader import CaptureCodeError, kind_of_wrong_code, parse_capture_code
from kiosk.reader.reader import BROKEN_SCAN

ALIPAY, WECHAT, UNIONPAY = "287634438256643941", "134567890123456789", "6212345678901234567"
MERCHANT = "00020101021129300012D156000000000510A93FO3230Q5204541153031565802CN6304A13A"
CONSUMER = "hQVDUFYwMWETTwegAAAAVVVVUAhQcm9kdWN0MQ=="


@pytest.mark.parametrize("text", [ALIPAY, "25" + "0" * 14, "30" + "9" * 22, WECHAT, UNIONPAY])
def test_the_number_that_a_telephone_shows_to_pay_with_is_a_payment_code(text: str) -> None:
    assert kind_of_wrong_code(text) == "code_payment"
    assert kind_of_wrong_code(f" {text}\r\n") == "code_payment"


@pytest.mark.parametrize(
    "text",
    [
        "wxp://f2f0abcdef",
        "weixin://wxpay/bizpayurl?pr=ab12",
        "HTTPS://QR.ALIPAY.COM/FKX0123",
        "http://qr.alipay.com/fkx0123",
        "alipays://platformapi/startapp",
        "https://wx.tenpay.com/f2f?t=ab",
        "https://qr.95516.com/00010000/62",
        MERCHANT,
        CONSUMER,
    ],
)
def test_what_pays_somebody_is_a_payment_code(text: str) -> None:
    assert kind_of_wrong_code(text) == "code_payment"


@pytest.mark.parametrize(
    "text",
    [
        "weixin://dl/business/?t=ab",
        "https://jkm.example.gov.cn/health?id=1",
        "www.example.edu.cn",
        "https://qr.alipay.com.example.org/x",
        "https://chsi.com.cn.example.org/x",
        "https://u.wechat.com.example.org/x",
        "BEGIN:VEVENT",
        "tel:010-0000-0000",
    ],
)
def test_what_leads_elsewhere_is_a_link(text: str) -> None:
    assert kind_of_wrong_code(text) == "code_link"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("https://u.wechat.com/abc", "code_contact"),
        ("http://weixin.qq.com/r/abc", "code_contact"),
        ("https://qm.qq.com/q/abc", "code_contact"),
        ("BEGIN:VCARD\nN:Li", "code_contact"),
        ("MECARD:N:Li;;", "code_contact"),
        ("WIFI:S:campus;;", "code_wifi"),
        ("wifi:T:WPA;S:x;P:y;;", "code_wifi"),
        ("https://my.chsi.com.cn/x?y=1", "code_own_link"),
        ("HTTP://WWW.CHSI.COM.CN", "code_own_link"),
    ],
)
def test_a_card_a_network_and_a_page_of_chsi_are_told_as_what_they_are(
    text: str, kind: str
) -> None:
    assert kind_of_wrong_code(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        BROKEN_SCAN,
        "",
        "x" * 513,
        "ab\x00cd",
        "DEMO-3F6A-91C7-04BD",
        "图像采集码",
        "q+/7f=",
        # Numbers beside the ranges: one digit too many or few, or of another beginning.
        "13456789012345678",
        "1345678901234567890",
        "164567890123456789",
        "24" + "0" * 15,
        "31" + "0" * 15,
        "25" + "0" * 13,
        "25" + "0" * 23,
        "62123456789012345678",
        "２８７６３４４３８２５６６４３９４１",
        "000201 and nothing more",
    ],
)
def test_of_what_may_be_a_capture_code_or_was_not_whole_nothing_else_is_said(text: str) -> None:
    assert kind_of_wrong_code(text) == "code_unreadable"


@pytest.mark.parametrize("text", [ALIPAY, WECHAT, UNIONPAY, CONSUMER, "https://example.edu/x"])
def test_what_might_be_a_capture_code_all_the_same_is_asked_of_the_registrar(text: str) -> None:
    assert parse_capture_code(text).text == text


@pytest.mark.parametrize("text", ["wxp://f2f0abc", "alipays://x", "https://qr.95516.com/0001/62"])
def test_what_announces_itself_as_a_payment_code_is_refused_at_once_and_by_its_kind(
    text: str,
) -> None:
    with pytest.raises(CaptureCodeError):
        parse_capture_code(text)
    assert kind_of_wrong_code(text) == "code_payment"

"""What a code says: nothing, but some texts cannot be one."""

import pytest

from kiosk.errors import UsageError
from kiosk.reader import CaptureCode, CaptureCodeError, parse_capture_code
from kiosk.reader.reader import BROKEN_SCAN


@pytest.mark.parametrize(
    "text",
    ["a", "123456789012345678", "q+/7f=", "https://my.chsi.com.cn/x?y=1", "图像采集码", "x" * 512],
)
def test_a_text_that_may_be_a_capture_code_is_kept_as_it_is(text: str) -> None:
    assert parse_capture_code(f"  {text}\r\n") == CaptureCode(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (BROKEN_SCAN, "came broken"),
        (" \r\n", "empty"),
        ("x" * 513, "513 characters long, and a capture code at most 512"),
        ("ab\x00cd", "cannot be printed"),
        ("ab\ncd", "cannot be printed"),
        ("wxp://f2f0abc", "WeChat code to pay"),
        ("HTTPS://QR.ALIPAY.COM/fkx", "Alipay code to pay"),
        ("WIFI:S:campus;;", "Wi-Fi network"),
        ("BEGIN:VCARD\nN:Li", "cannot be printed"),
        ("MECARD:N:Li;;", "business card"),
    ],
)
def test_a_text_that_cannot_be_one_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(CaptureCodeError, match=why) as caught:
        parse_capture_code(text)
    assert isinstance(caught.value, UsageError)


def test_neither_a_code_nor_its_refusal_shows_the_text() -> None:
    assert "secret" not in repr(parse_capture_code("secret-code"))
    with pytest.raises(CaptureCodeError) as caught:
        parse_capture_code("wxp://secret")
    assert "secret" not in str(caught.value)

"""Quiet hours: over midnight too, and what is no time is refused in words."""

from datetime import time

import pytest

from kiosk.voice.quiet_hours import QuietHours


@pytest.mark.parametrize(
    ("hours", "quiet", "loud"),
    [
        ("22:00-07:00", ["22:00", "23:59", "00:00", "06:59"], ["07:00", "12:00", "21:59"]),
        ("12:00-14:00", ["12:00", "13:59"], ["11:59", "14:00", "00:00"]),
        ("00:00-08:30", ["00:00", "08:29"], ["08:30", "23:59"]),
        ("09:00-09:00", [], ["08:59", "09:00", "09:01"]),
    ],
)
def test_the_booth_is_quiet_from_the_begin_to_the_end(
    hours: str, quiet: list[str], loud: list[str]
) -> None:
    parsed = QuietHours.parse(hours)
    assert all(parsed.contain(time.fromisoformat(now)) for now in quiet)
    assert not any(parsed.contain(time.fromisoformat(now)) for now in loud)


@pytest.mark.parametrize("text", ["22-7", "22:00", "22:00–07:00", "24:00-07:00", "22:60-07:00"])
def test_what_are_no_hours_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"22:00-07:00|00:00 to 23:59"):
        QuietHours.parse(text)

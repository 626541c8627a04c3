"""Days and times as people write them in a schedule; all of them are Asia/Shanghai's."""

import re
import unicodedata
from datetime import date, time

_DAY = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:\s*\(?(?:周|星期|礼拜)[一二三四五六日天1-7]\)?)?(?:[ T]00:00(?::00)?)?",
    re.A,
)
_WITHOUT_YEAR = re.compile(r"\d{1,2}[-/.月]\d{1,2}日?.*", re.A)
_PART = "上午|早上|中午|下午|晚上|am|pm"
_TIME = re.compile(
    rf"(?P<part>{_PART})?\s*(?P<hour>\d{{1,2}})(?:[:时点](?P<minute>\d{{2}})?(?::00)?分?)"
    r"\s*(?P<after>am|pm)?",
    re.A | re.I,
)
_BETWEEN = re.compile(r"\s*(?:[-\u2010-\u2015\u2212~\u301c至到]|to)+\s*", re.I)
_AFTERNOON = ("下午", "晚上", "pm")

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Of days that are believed."""


def read_day(text: str) -> date | str:
    """Read a day, or say why it is none; the words go on after “date …”."""
    text = _narrow(text)
    found = _DAY.fullmatch(text)
    if found is None:
        if _WITHOUT_YEAR.fullmatch(text):
            return "lacks its year; write it like 2026-06-01"
        return "is no day; write it like 2026-06-01"
    try:
        day = date(*map(int, found.groups()))
    except ValueError:
        return "is no day of the calendar"
    if not FIRST_YEAR <= day.year < LAST_YEAR:
        return f"is in the year {day.year}"
    return day


def read_time(text: str) -> time | str:
    """Read a time of the day, or say why it is none; the words go on after the column's name."""
    found = _TIME.fullmatch(_narrow(text))
    if found is None:
        return "is no time; write it like 8:30"
    part = (found["part"] or found["after"] or "").lower()
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if part in _AFTERNOON and hour < 12:
        hour += 12
    if hour > 23 or minute > 59:
        return "is no time of the day"
    return time(hour, minute)


def read_times(text: str) -> tuple[time, time] | str:
    """Read from when to when, or say why that is nothing; the words go on after “time …”."""
    parts = _BETWEEN.split(_narrow(text))
    if len(parts) != 2:
        return "is not from when to when; write it like 8:30-9:30"
    begins, ends = map(read_time, parts)
    if isinstance(begins, str) or isinstance(ends, str):
        return "is not from when to when; write it like 8:30-9:30"
    if ends < begins and ends.hour < 12 and _says_afternoon(parts[0]) and not _names(parts[1]):
        ends = ends.replace(hour=ends.hour + 12)  # 下午2:00-3:00
    return begins, ends


def _says_afternoon(text: str) -> bool:
    return any(part in text.lower() for part in _AFTERNOON)


def _names(text: str) -> bool:
    return re.search(_PART, text, re.I) is not None


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()

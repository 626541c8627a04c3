"""What one scan tells of how a scanner is set up; pure."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from kiosk.reader.reader import LONGEST_PAUSE, NOTHING
from kiosk.reader.wedge import SECONDS_PER_CHARACTER

PROBE_TEXT = "kiosk/probe-yzYZ_aqwmAQWM=0123456789+;"
"""The code that is shown to be scanned: it holds what other keyboards have elsewhere."""

Layout = Literal["US", "German", "French", "CapsLock", "unknown"]


def _places(us: str, other: str) -> dict[int, str]:
    return {ord(key): char for key, char in zip(us, other, strict=True)}


LAYOUTS: dict[Layout, dict[int, str]] = {
    "US": {},
    "German": _places("yzYZ-_=+[]{};:'\"\\|/?<>@#^&*()", "zyZYß?´`ü+Ü*öÖäÄ#'-_;:\"§&/()="),
    "French": _places(
        "qawzQAWZ;:mM,<./?>1234567890!@#$%^&*()-_",
        "aqzwAQZWmM,?;.:!§/&é\"'(-è_çà1234567890)°",
    ),
    "CapsLock": {ord(c): c.swapcase() for c in map(chr, range(65, 123)) if c.isalpha()},
}
"""What a scanner means by the key that types a character on a US keyboard."""

_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
"""The symbology's identifier that many scanners can send before each code (ISO/IEC 15424)."""

_ENDS = {"\r": "Enter", "\n": "LF", "\r\n": "CR LF", "": ""}


@dataclass(frozen=True, slots=True)
class Burst:
    """What came from one device without a long pause."""

    kind: Literal["evdev", "serial"]
    name: str
    """What the device calls itself, or its path."""
    characters: tuple[tuple[str, float], ...]
    """What was typed or sent, each with its time in seconds; NOTHING of a key that types none."""
    locks: int = 0
    """How often CapsLock, NumLock or ScrollLock was pressed."""


@dataclass(frozen=True, slots=True)
class Probed:
    """How a scanner is set up."""

    kind: Literal["evdev", "serial"]
    name: str
    length: int
    """Characters of the code, without prefix, suffix and end."""
    prefix: str
    suffix: str
    end: str
    """What ends a scan, in words; "": nothing does."""
    layout: Layout
    """unknown: the code is not one whose text is known, or it came as another text."""
    pace: float
    """Seconds a character, on average."""
    longest_pause: float
    """Seconds."""
    troubles: tuple[str, ...]
    """What would keep the booth from reading it, each with the way out."""


def examine(burst: Burst, text: str = PROBE_TEXT) -> Probed:
    """Find out how a scanner is set up. Of a scan of `text` more is known than of any other."""
    times = [at for _, at in burst.characters]
    longest = max((b - a for a, b in pairwise(times)), default=0.0)
    typed = "".join(char for char, _ in burst.characters if char != NOTHING)
    line = typed.rstrip("\r\n")
    end = _ENDS.get(typed[len(line) :], "several ends of lines")
    layout, prefix, code, suffix = _take_apart(burst.kind, line, text)
    pace = (times[-1] - times[0]) / max(len(times) - 1, 1)
    troubles = []
    if not end:
        troubles.append("nothing ends the scan: set the scanner to send Enter (CR) after each code")
    elif end.startswith("several"):
        troubles.append(
            "a scan has several ends: set the scanner to send one Enter after each code"
        )
    if longest > LONGEST_PAUSE:
        troubles.append(
            f"it pauses for {longest:.1f} s amid a scan: take a shorter cable, or a powered hub"
        )
    if burst.kind == "evdev":
        troubles += _typing_troubles(burst, layout, pace)
    if layout == "unknown" and _resembles(line, text):
        troubles.append(
            f"of the code's {len(text)} characters {len(line)} came, or others: set the scanner to"
            " the US keyboard, and to a longer pause between keys"
        )
    return Probed(
        burst.kind, burst.name, len(code), prefix, suffix, end, layout, pace, longest,
        tuple(troubles),
    )  # fmt: skip


def _take_apart(kind: str, line: str, text: str) -> tuple[Layout, str, str, str]:
    """The layout, and prefix, code and suffix, as far as they can be told."""
    for layout, places in LAYOUTS.items() if kind == "evdev" else (("US", {}),):
        prefix, found, suffix = line.translate(places).partition(text)
        if found:
            return layout, prefix, text, suffix
    begin = found_aim.end() if (found_aim := _AIM.match(line)) else 0
    while begin < len(line) and not line[begin].isprintable():
        begin += 1
    end = len(line)
    while end > begin and not line[end - 1].isprintable():
        end -= 1
    return "unknown", line[:begin], line[begin:end], line[end:]


def _typing_troubles(burst: Burst, layout: Layout, pace: float) -> list[str]:
    troubles = []
    if layout not in ("US", "unknown"):
        what = "inverts capitals" if layout == "CapsLock" else f"types as on a {layout} keyboard"
        troubles.append(
            f"it {what}: set the scanner to the US keyboard by a code of its maker's manual"
        )
    if burst.locks:
        troubles.append(
            "it presses CapsLock or NumLock: switch that off by a code of its maker's manual"
        )
    lost = sum(char == NOTHING for char, _ in burst.characters)
    if lost:
        troubles.append(
            f"{lost} of its keys typed nothing, or came in part: set the scanner to the US"
            " keyboard, and to a longer pause between keys"
        )
    if pace > SECONDS_PER_CHARACTER:
        troubles.append(
            f"it takes {1000 * pace:.0f} ms a character, as a person does: set the pause between"
            f" keys to {500 * SECONDS_PER_CHARACTER:.0f} ms or less"
        )
    return troubles


def _resembles(line: str, text: str) -> bool:
    """Whether most of a text's characters are there in their order."""
    at, found = 0, 0
    for char in text:
        place = line.find(char, at)
        if place >= 0:
            at, found = place + 1, found + 1
    return found > 0.6 * len(text)

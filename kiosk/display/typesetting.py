"""Sizes and lines of texts: phrases by the height of their letters, and what others set."""

import math
from functools import lru_cache
from typing import Literal, NamedTuple

from kiosk.display.fonts import Weight
from kiosk.display.text import Font, load_font
from kiosk.errors import KioskError

LEADING = 1.24
"""From line to line, in em."""

MOST_DATUM_LINES = 3
"""Lines into which a text may go that others set, before it is cut."""


MOST_DATUM_CHARACTERS = 100
"""More would not go into these lines anyway, and takes long to measure."""


class TextOverflow(KioskError):
    """What a screen says does not fit it, even at its smallest."""


class Setting(NamedTuple):
    """How a screen's texts are set."""

    scale: float
    """Of the least sizes."""
    even: bool = True
    """Whether ideographs are as large in em as Latin letters; they may be smaller, for they fill
    their square."""
    second: Literal["all", "headings", "none"] = "all"
    """What stands in the second language, too; buttons always do."""
    brief: bool = False
    """Whether a phrase's brief form is taken, where it has one: NAME_brief."""


USUAL_SETTINGS = (
    Setting(1.16),
    Setting(1.08),
    Setting(1.0),
    Setting(1.0, second="headings"),
    Setting(1.0, even=False, second="headings"),
    Setting(1.0, second="none"),
    Setting(1.0, even=False, second="none"),
    Setting(1.0, even=False, second="none", brief=True),
)
"""Tried in this order, until all fits: where there is no room, less is said, in letters no
smaller."""

LARGER_SETTINGS = (
    *(Setting(scale) for scale in (1.45, 1.25)),
    *(Setting(scale, second="headings") for scale in (1.45, 1.25)),
    *(Setting(scale, second="none") for scale in (1.45, 1.35, 1.25, 1.16, 1.08)),
    Setting(1.25, even=False, second="none"),
    *USUAL_SETTINGS[-3:],
)
"""The same for who wants it larger: the second language goes first."""


def find_em(text: str, height: float, weight: Weight, *, even: bool = True) -> int:
    """The em in whole pixels at which a text's letters are at least `height` pixels high.

    Ideographs are measured by their ink, all else by a capital letter.
    """
    font = load_font(weight)
    share = font.capital_height if even else font.letter_height(text)
    return math.ceil(height / share)


@lru_cache(maxsize=2048)
def wrap_phrase(text: str, em: int, width: float, weight: Weight) -> tuple[str, ...] | None:
    """The lines of a phrase, none wider than `width`; None where a word is.

    A line break in it is kept where that makes no further line, and is a comma or a space else.
    """
    font = load_font(weight)
    parts = text.split("\n")
    if all(font.width(part, em) <= width for part in parts):
        return tuple(parts)
    halves = _split_at_comma(text)
    if halves is not None and all(font.width(half, em) <= width for half in halves):
        return halves
    joined = parts[0]
    for part in parts[1:]:
        joined += ("，" if joined[-1] >= "⺀" else " ") + part
    lines = font.wrap(joined, em, width)
    return lines if all(font.width(line, em) <= width for line in lines) else None


def _split_at_comma(text: str) -> tuple[str, str] | None:
    """The two halves of a sentence that has one pause: a better break than the middle."""
    parts = text.split("，")
    paused = len(parts) == 2 and "\n" not in text
    return (parts[0] + "，", parts[1]) if paused else None


@lru_cache(maxsize=2048)
def measure_phrase(text: str, em: int, weight: Weight) -> float:
    """The width of a phrase in one line."""
    return load_font(weight).width(text, em)


def fit_datum(
    text: str, width: float, most: int, least: int, weight: Weight
) -> tuple[tuple[str, ...], int]:
    """The lines of a text that others set, and their em: one line if it can be.

    What is too long shrinks to `least`, then goes into more lines; what is longer still is cut.
    Nothing of it is kept.
    """
    font = load_font(weight)
    if len(text) > MOST_DATUM_CHARACTERS:
        text = text[: MOST_DATUM_CHARACTERS - 1] + "…"
    wide = max(font.width(text, most), 1.0)
    if wide <= width:
        return (text,), most
    single = math.floor(most * width / wide)
    for em in (single, single - 1):
        if em >= least and font.width(text, em) <= width:
            return (text,), em
    for em in range(most, least, -max((most - least) // 3, 1)):
        lines = font.wrap(text, em, width)
        if len(lines) <= 2 and all(font.width(line, em) <= width for line in lines):
            return lines, em
    lines = font.wrap(text, least, width)
    lines = (*lines[: MOST_DATUM_LINES - 1], "".join(lines[MOST_DATUM_LINES - 1 :]))
    return tuple(cut_line(line, width, least, font) for line in lines if line), least


def cut_line(line: str, width: float, em: int, font: Font) -> str:
    """Cut a line where it is too wide."""
    if (wide := font.width(line, em)) <= width:
        return line
    kept = int(len(line) * width / wide)
    while kept > 0 and font.width(line[:kept] + "…", em) > width:
        kept -= 1
    return line[:kept] + "…"

"""Characters of a person's text: which are not seen, and which no name can have."""

import unicodedata
from functools import lru_cache

REVERSING = "\u202e\u2067"
"""RIGHT-TO-LEFT OVERRIDE and ISOLATE: the text is shown otherwise than it is kept."""

_INVISIBLE = {
    "\u034f",  # combining grapheme joiner
    "\u115f", "\u1160", "\u3164", "\uffa0",  # Hangul fillers
    "\u17b4", "\u17b5",  # Khmer inherent vowels
    *map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0x180B, 0x1810)),  # variation selectors
    *map(chr, range(0xE0100, 0xE01F0)),
}  # fmt: skip

_STANDING_FOR_LOST = {"?": "a question mark", "*": "an asterisk", "\ufffd": "U+FFFD"}
"""What conversions and lists that hide names write in a character's place."""


def remove_unseen(text: str) -> str:
    """Leave out what shows nothing: zero-width, bidi and byte order marks, variation selectors."""
    return text if text.isascii() else "".join(char for char in text if _is_seen(char))


def narrow(words: str) -> str:
    """Write words with their usual letters, digits and spaces (NFKC); punctuation stays."""
    return unicodedata.normalize("NFC", "".join(map(_narrow, words))).strip()


def find_impossible(name: str) -> str | None:
    """Find a character that cannot be a name's, since no booth could draw it; None without one.

    The words say which and why, and go on after “has …”.
    """
    for char in name:
        if fault := _find_fault(char):
            return fault
    if name and all(unicodedata.category(char)[0] in "MPZ" for char in name):
        return "no letter"
    return None


@lru_cache(maxsize=10_000)
def _narrow(char: str) -> str:
    if unicodedata.category(char)[0] == "P":
        return char
    return unicodedata.normalize("NFKC", char)


@lru_cache(maxsize=10_000)
def _is_seen(char: str) -> bool:
    return unicodedata.category(char) != "Cf" and char not in _INVISIBLE


@lru_cache(maxsize=10_000)
def _find_fault(char: str) -> str | None:
    code = f"U+{ord(char):04X}"
    if char in _STANDING_FOR_LOST:
        return f"{_STANDING_FOR_LOST[char]}, which stands where a character was lost"
    match unicodedata.category(char):
        case "Co":
            return f"{code}, a private-use character, which every system shows otherwise"
        case "Cn" if not _may_be_newer_han(char):
            return f"{code}, which is no character"
        case "Cs":
            return f"{code}, half a character"
        case "Cc" | "Zl" | "Zp":
            return "a line break" if char in "\r\n\u2028\u2029" else f"{code}, a control code"
        case "Cf":
            return f"{code}, which shows nothing"
        case "So":
            return f"{code}, a symbol or a part of a character"
        case _:
            return None


def _may_be_newer_han(char: str) -> bool:
    """Planes 2 and 3 are Han's: a rare name may be newer than this Python's table."""
    return 0x20000 <= ord(char) < 0x40000 and ord(char) & 0xFFFE != 0xFFFE

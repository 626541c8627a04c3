"""What the voice says: which phrases are spoken, and each one's text as it is spoken."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from kiosk import words

UNSPOKEN = frozenset({"button", "finding", "play", "sheet", "staff"})
"""Groups of phrases that no student hears: labels, the staff's menu and sheets."""

BETWEEN: Mapping[str, str] = {"en": " to ", "zh": "到"}
"""How the dash between two numbers is read."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One phrase in one language, as it is spoken."""

    name: str
    language: str
    lines: tuple[str, ...]
    """A pause stands between them."""

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that change with language and text."""
        return hashlib.sha256("\n".join((self.language, *self.lines)).encode()).hexdigest()[:12]


def utterances() -> tuple[Utterance, ...]:
    """Everything that can be spoken, in every language.

    A phrase with a gap for a value is none: what would fill it could be a student's.
    """
    return tuple(
        Utterance(name, language, spoken_lines(text, language))
        for language in words.available_languages()
        for name, text in words.texts(language).items()
        if name.partition(".")[0] not in UNSPOKEN and "{" not in text
    )


def spoken_lines(text: str, language: str) -> tuple[str, ...]:
    """A phrase's lines as they are read aloud: `3–5` as "3 to 5"."""
    between = BETWEEN.get(language.partition("-")[0], " ")
    text = re.sub(r"(?<![\d–-])(\d+)\s?[–-]\s?(\d+)(?![\d–-])", rf"\1{between}\2", text)
    return tuple(line.strip() for line in text.splitlines() if line.strip())

"""The words of the pages, in each language: `registrar/words/*.toml`, a table for each page."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

Language = Literal["zh-CN", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


class Words:
    """The words of one language."""

    def __init__(self, language: Language, phrases: Mapping[str, str]) -> None:
        self.language = language
        self.phrases = phrases

    def __call__(self, key: str, **values: object) -> str:
        """The phrase of a key as `page.phrase`, with values in its places; KeyError if none is."""
        return self.phrases[key].format(**values) if values else self.phrases[key]

    def any(self, key: str, otherwise: str) -> str:
        """The phrase of a key that may be of a booth newer than this registrar."""
        return self.phrases.get(key, otherwise)


@cache
def words_of(language: Language) -> Words:
    """Read a language's words, once."""
    text = (files("registrar") / "words" / f"{language}.toml").read_text("utf-8")
    return Words(language, dict(_flatten(tomllib.loads(text))))


def choose_language(accepted: str) -> Language:
    """Choose by a browser's Accept-Language: the first there is words for, Chinese otherwise."""
    for part in accepted.lower().split(","):
        tag = part.partition(";")[0].strip()
        if tag.startswith("zh"):
            return "zh-CN"
        if tag.startswith("en"):
            return "en"
    return "zh-CN"


def as_language(text: str | None) -> Language | None:
    """The language of that tag; None if there is none."""
    return next((language for language in LANGUAGES if language == text), None)


def _flatten(table: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    found = []
    for key, value in table.items():
        if isinstance(value, str):
            found.append((before + key, value))
        else:
            found += _flatten(value, f"{before}{key}.")
    return found

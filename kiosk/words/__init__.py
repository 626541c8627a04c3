"""Every phrase that people at the booth read, by its name: one TOML file a language.

To add a language: its file here, with the names that the other files have. To change a phrase: its
line in each file.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent

Languages = tuple[str, str]
"""The two that a display shows: the first is written large, the second small, below or beside."""

USUAL_LANGUAGES: Languages = ("zh-CN", "en")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One text in every language."""

    name: str
    texts: Mapping[str, str]
    """By the language's tag, as `en`."""

    def in_both(self, languages: Languages) -> tuple[str, str]:
        """The texts that a display shows: the large one and the small one."""
        first, second = languages
        return self.texts[first], self.texts[second]


@cache
def available_languages() -> tuple[str, ...]:
    """The languages that have a file, by their tags (BCP 47), in alphabetical order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def texts(language: str) -> Mapping[str, str]:
    """Every text of a language by its dotted name, as `confirm.title`."""
    content = (FOLDER / f"{language}.toml").read_text("utf-8")
    return dict(_flatten(tomllib.loads(content), ""))


@cache
def phrase(name: str) -> Phrase:
    """The phrase of this dotted name; raises KeyError where a language does not have it."""
    return Phrase(name, {language: texts(language)[name] for language in available_languages()})


def has_phrase(name: str) -> bool:
    """Whether there is a phrase of this dotted name."""
    return name in texts(USUAL_LANGUAGES[0])


def _flatten(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value

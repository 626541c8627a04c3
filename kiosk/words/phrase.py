"""A text in the two languages of the booth."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The same thing said in Chinese, which comes first, and in English."""

    zh: str
    en: str

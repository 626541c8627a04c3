"""The words of words.toml, in both languages."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from kiosk.words.phrase import Words


@cache
def texts() -> Mapping[str, Words]:
    """Give every text by its dotted name, as "confirm.title"."""
    text = resources.files("kiosk.words").joinpath("words.toml").read_text("utf-8")
    return dict(_flat(tomllib.loads(text), ""))


def words(name: str) -> Words:
    """Give one text by its dotted name."""
    return texts()[name]


def _flat(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Words]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            zh, en = value
            yield prefix + key, Words(zh, en)

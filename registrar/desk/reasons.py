"""Reasons for which a roster's rows are refused, told in a page's language.

The roster's reading tells them in English, with what it is about in them; here they are recognised.
"""

import re
import tomllib
from functools import cache
from importlib.resources import files

from registrar.desk.words import Language


def tell_reason(language: Language, reason: str) -> str:
    """Tell a reason, a remark, or a fault of a whole file, each of its lines by itself."""
    if language == "en":
        return reason
    return "\n".join(_translate(line) for line in reason.split("\n"))


def _translate(line: str) -> str:
    """A line in Chinese, as it is where it is none that is known."""
    patterns, columns = _known()
    where, _, rest = line.rpartition(": ")
    for text, before in ((line, ""), (rest, f"{where}: " if where else "")):
        for pattern, said in patterns:
            if found := pattern.fullmatch(text):
                return before + _fill(found, said, columns)
    return line


def _fill(found: re.Match[str], said: str, columns: dict[str, str]) -> str:
    named = re.sub(
        r"\{\\(\d+)\}", lambda place: columns.get(found[int(place[1])], found[int(place[1])]), said
    )
    return re.sub(r"\\(\d+)", lambda place: found[int(place[1])] or "", named)


@cache
def _known() -> tuple[list[tuple[re.Pattern[str], str]], dict[str, str]]:
    text = (files("registrar") / "words" / "reasons.zh-CN.toml").read_text("utf-8")
    table = tomllib.loads(text)
    return [(re.compile(pattern), said) for pattern, said in table["reasons"]], table["columns"]

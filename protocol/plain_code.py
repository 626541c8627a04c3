"""Plain codes: what institutions print for their own sessions, with a student's number in it.

A capture code (图像采集码) is opaque; these say in words who is meant: as JSON, as a URL's
parameters, as `key=value`, or in the order that an institution names (学号|姓名|院校代码). Anybody
can write one, so none proves who shows it, and booths take them only where the institution wants.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from protocol.capture_code import LONGEST_CODE
from protocol.characters import find_impossible, narrow, remove_unseen

Form = Literal["pattern", "json", "url", "pairs"]
"""How a plain code is written."""

CALLED: Mapping[str, tuple[str, ...]] = {
    "student_no": ("学号", "student_no", "studentno", "student_id", "studentid", "xh"),
    "name": ("姓名", "name", "xm"),
    "institution_code": (
        "院校代码", "学校代码", "institution_code", "institutioncode", "school_code", "yxdm",
    ),
    "capture_code": ("图像采集码", "采集码", "capture_code", "capturecode"),
}  # fmt: skip
"""What each field is called; upper and lower case are one. The short ones are Pinyin initials, as
databases in China have them."""

_FIELDS = {name: field for field, names in CALLED.items() for name in names}

_VALUES = {
    "student_no": r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}",
    "name": r".{1,100}?",
    "institution_code": r"[0-9]{5}",
    "capture_code": r".{8,512}?",
}
"""What stands in each field, in a pattern and otherwise."""

_BETWEEN_PAIRS = re.compile(r"[;&,，；|\s]+")
_PAIR = re.compile(r"([^=:：]{1,20})[=:：](.*)")
_MARK = "plain|"
_KEY = re.compile(r"plain\|([0-9]{5})\|([a-z0-9][a-z0-9_-]{0,31})\|(.{0,100})")


@dataclass(frozen=True, slots=True)
class PlainCode:
    """Who is meant; its repr does not show it, so that no log can."""

    institution_code: str
    student_no: str = field(repr=False)
    name: str = field(repr=False)
    """Empty where the code has none."""

    @property
    def key(self) -> str:
        """The one text for all ways to write this code, by which registrar and roster know it."""
        number = student_no_key(self.student_no)
        return f"{_MARK}{self.institution_code}|{number}|{self.name}"


@dataclass(frozen=True, slots=True)
class Read:
    """What a text was read as."""

    form: Form
    capture_code: str | None = field(repr=False)
    """The capture code that stands in it, which is better than all else; None without one."""
    plain: PlainCode | None


def student_no_key(student_no: str) -> str:
    """Two student numbers with one key are one: files' names may know no upper case."""
    return unicodedata.normalize("NFKC", student_no).casefold()


def parse_key(text: str) -> PlainCode | None:
    """The plain code that a text is the key of; None for every other text."""
    found = _KEY.fullmatch(text)
    return None if found is None else PlainCode(*found.groups())


def check_pattern(pattern: str) -> str:
    """A pattern as it is; raises ValueError, in words, for one by which nobody is found."""
    _compile(pattern)
    return pattern


def read_plain_code(text: str, institution_code: str, pattern: str | None = None) -> Read | None:
    """Read a plain code, in whatever form; None where a text is none.

    `institution_code` is meant where the code names no institution. In `pattern` the names of
    fields stand as in the code, and all else as it is: `学号|姓名|院校代码`.
    """
    if len(text) > LONGEST_CODE:
        return None
    text = text.strip()
    for form, fields in _attempts(text, pattern):
        if fields is not None and (read := _judge(form, fields, institution_code)) is not None:
            return read
    return None


def _attempts(text: str, pattern: str | None) -> Iterable[tuple[Form, Mapping[str, str] | None]]:
    if pattern is not None:
        found = _compile(pattern).fullmatch(text)
        yield "pattern", None if found is None else found.groupdict()
    yield "json", _read_json(text)
    yield "url", _read_url(text)
    yield "pairs", _read_pairs(text)


def _judge(form: Form, fields: Mapping[str, str], institution_code: str) -> Read | None:
    """What the fields say, if each is one: half a code is none."""
    clean = {name: _clean(name, text) for name, text in fields.items()}
    for name, text in clean.items():
        if not re.fullmatch(_VALUES[name], text, re.DOTALL):
            return None
    if code := clean.get("capture_code"):
        return Read(form, code, None) if code.isprintable() else None
    name = clean.get("name", "")
    if "student_no" not in clean or (name and find_impossible(name) is not None):
        return None
    whose = clean.get("institution_code", institution_code)
    return Read(form, None, PlainCode(whose, clean["student_no"], name))


def _clean(name: str, text: str) -> str:
    if name == "capture_code":
        return text.strip()
    text = remove_unseen(text).strip()
    return narrow(text) if name == "name" else unicodedata.normalize("NFKC", text)


def _collect(pairs: Iterable[tuple[str, object]]) -> Mapping[str, str] | None:
    """The fields among pairs; None where there are none, or one is there twice or is no text."""
    fields: dict[str, str] = {}
    for called, value in pairs:
        name = _FIELDS.get(called.strip().casefold())
        if name is None:
            continue
        if name in fields or isinstance(value, bool) or not isinstance(value, str | int):
            return None
        fields[name] = str(value)
    return fields or None


def _read_json(text: str) -> Mapping[str, str] | None:
    if not text.startswith("{"):
        return None
    try:
        pairs = json.loads(text, object_pairs_hook=list)
    except (ValueError, RecursionError):
        return None
    return _collect(pairs)


def _read_url(text: str) -> Mapping[str, str] | None:
    if not re.match(r"https?://", text, re.IGNORECASE):
        return None
    try:
        return _collect(parse_qsl(urlsplit(text).query, keep_blank_values=True, errors="strict"))
    except ValueError:
        return None


def _read_pairs(text: str) -> Mapping[str, str] | None:
    """`key=value`, or `key:value`, of which every part is one: else it is another text."""
    found = [_PAIR.fullmatch(part) for part in _BETWEEN_PAIRS.split(text) if part]
    if not found or None in found:
        return None
    return _collect((each[1], each[2]) for each in found if each is not None)


@lru_cache(maxsize=16)
def _compile(pattern: str) -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, _FIELDS), key=len, reverse=True))
    parts = re.split(f"({names})", pattern, flags=re.IGNORECASE)
    fields = [_FIELDS[part.casefold()] for part in parts[1::2]]
    between = parts[2:-1:2]
    if len(set(fields)) < len(fields):
        raise ValueError("names a field twice")
    if not {"student_no", "capture_code"} & set(fields):
        raise ValueError("names neither 学号 (student_no) nor 图像采集码 (capture_code)")
    if "" in between:
        raise ValueError("has nothing between two of its fields")
    written = re.escape(parts[0])
    for name, after in zip(fields, parts[2::2], strict=True):
        # Not beyond what follows, so that no text takes long to be none.
        char = f"[^{re.escape(after[0])}]" if after else "."
        written += f"(?P<{name}>{char}{{1,{LONGEST_CODE}}}){re.escape(after)}"
    return re.compile(written, re.DOTALL)

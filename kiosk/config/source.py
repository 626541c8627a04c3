"""Reading the configuration file: every error names the file, the line and the key."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from kiosk.config.choice import refusal, suggestion
from kiosk.config.schema import Config
from kiosk.errors import UsageError

INSTALLED = Path("/etc/kiosk/kiosk.toml")
"""Where a booth's configuration lies."""

LONGEST_FILE = 1 << 14
"""Bytes; the example has some 2,000."""

DEEPEST = 8
"""Tables and lists within each other, at most; the configuration's own are three."""

INTEGERS = range(-(1 << 63), 1 << 63)
"""What TOML calls an integer."""

LONGEST_SAID = 500
"""Characters that are said of one key."""

Key = tuple[str, ...]
"""A key's way from the root: `("lamps", "pins", "fill")`."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration and where it came from."""

    config: Config
    file: Path | None
    """None where no file stands: all is default."""
    lines: Mapping[Key, int]
    """The line of each key in the file, from 1."""
    told: frozenset[Key] = frozenset()
    """The keys whose values the registrar says (`kiosk.sync.configuration`)."""


@dataclass(frozen=True, slots=True)
class KeyInForce:
    """One key of the configuration in force."""

    key: str
    value: object
    origin: str
    """`default`, `registrar`, or `file:line`."""


def load(
    path: Path | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    installed: Path = INSTALLED,
) -> Loaded:
    """Read the configuration in force; raises UsageError.

    That is the file `path`, else the one that $KIOSK_CONFIG names, else the one at
    `installed` where it exists, else the built-in defaults.
    """
    if path is None and environ.get("KIOSK_CONFIG"):
        path = Path(environ["KIOSK_CONFIG"])
    if path is None:
        if not _is_there(installed):
            return Loaded(Config(), None, {})
        path = installed
    text = _read(path)
    tables = _parse(path, text)
    lines = _find_lines(text)
    _refuse_odd_numbers(path, tables, lines)
    try:
        config = Config.model_validate(tables, context={"folder": path.absolute().parent})
    except ValidationError as wrong:
        complaints = sorted(
            _complaint(lines, dict(error))
            for error in wrong.errors()
            if error["type"] != "default_factory_not_called"  # what follows from another error
        )
        raise UsageError("\n".join(f"{path}:{line}: {what}" for line, what in complaints)) from None
    return Loaded(config, path, lines)


def describe(loaded: Loaded) -> list[KeyInForce]:
    """Every key with its value in force and where that comes from, in the order of `Config`."""

    def row(key: Key, value: object) -> KeyInForce:
        line = loaded.lines.get(key)
        origin = "default" if line is None else f"{loaded.file}:{line}"
        origin = "registrar" if key in loaded.told else origin
        return KeyInForce(".".join(key), value, origin)

    def rows(section: BaseModel, above: Key) -> Iterator[KeyInForce]:
        for name in type(section).model_fields:
            key, value = (*above, name), getattr(section, name)
            as_json = section.model_dump(mode="json", include={name})[name]
            if isinstance(value, BaseModel):
                yield from rows(value, key)
            elif isinstance(value, dict):
                for part, each in value.items():
                    if isinstance(each, BaseModel):
                        yield from rows(each, (*key, part))
                    else:
                        yield row((*key, part), as_json[part])
            else:
                yield row(key, as_json)

    return list(rows(loaded.config, ()))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return True  # that it cannot be looked at is told as it is read


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST_FILE + 1)
    except OSError as reason:
        way_out = "name another file with --config, or correct $KIOSK_CONFIG"
        if isinstance(reason, PermissionError):
            way_out = "it is the booth's: sudo kiosk …"
        raise UsageError(
            f"{path}: the configuration cannot be read ({reason.strerror}); {way_out}"
        ) from reason
    if len(content) > LONGEST_FILE:
        raise UsageError(f"{path}: longer than {LONGEST_FILE} bytes: this is no configuration")
    try:
        return content.decode()
    except UnicodeDecodeError as reason:
        line = content[: reason.start].count(b"\n") + 1
        raise UsageError(f"{path}:{line}: not UTF-8 text; save the file as UTF-8") from reason


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as reason:
        said = re.fullmatch(r"(.*?) \(at (?:line (\d+), column \d+|end of document)\)", str(reason))
        what, line = (said[1], said[2]) if said else (str(reason), None)
        line = line or str(text.rstrip().count("\n") + 1)
        raise UsageError(f"{path}:{line}: not TOML: {what}") from reason
    except RecursionError:
        raise UsageError(_too_deep(path, text)) from None
    except ValueError:  # Python reads no decimal number of more than 4,300 digits
        line = str(max(enumerate(text.split("\n"), 1), key=lambda row: len(row[1]))[0])
        raise UsageError(
            f"{path}:{line}: a number of too many digits; write a shorter one"
        ) from None
    if _depth(tables) > DEEPEST:
        raise UsageError(_too_deep(path, text))
    return tables


def _too_deep(path: Path, text: str) -> str:
    return (
        f"{path}:{_deepest_line(text)}: tables or lists lie within each other more than {DEEPEST}"
        " deep: no key of the configuration does; take some away"
    )


def _depth(value: object) -> int:
    """How many tables and lists lie within each other, as far as DEEPEST and one more."""
    deepest, level = 0, [value]  # no recursion: the file may be an attack
    while level := [part for whole in level if (parts := _parts(whole)) for part in parts]:
        deepest += 1
        if deepest > DEEPEST:
            break
    return deepest


def _parts(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _deepest_line(text: str) -> int:
    """The line on which a text's brackets lie deepest, or that has the most dots."""
    depth, deepest = 0, (0, 1)
    for number, line in enumerate(text.split("\n"), 1):
        most = depth + line.count(".")
        for sign in line:
            depth += (sign in "[{") - (sign in "]}")
            most = max(most, depth)
        deepest = max(deepest, (most, -number))
    return abs(deepest[1])


def _refuse_odd_numbers(path: Path, tables: object, lines: Mapping[Key, int]) -> None:
    """Refuse what is no integer of TOML's: Python has them of any length."""
    for key, line in lines.items():
        value = tables
        for name in key:
            value = value[name] if isinstance(value, dict) else None
        waiting = [value]
        while waiting:
            part = waiting.pop()
            if isinstance(part, int) and part not in INTEGERS:
                raise UsageError(f"{path}:{line}: {'.'.join(key)}: a number beyond 64 bits")
            if isinstance(part, list):
                waiting += part


def _find_lines(text: str) -> dict[Key, int]:
    """Find each key's line in a valid TOML text.

    tomllib gives no places, but it knows where a statement ends: at the first line up to which
    the text is valid again. What is new there was said since the last such line.
    """
    lines: dict[Key, int] = {}
    all_lines = text.split("\n")
    start = 0
    for end in range(1, len(all_lines) + 1):
        line = all_lines[end - 1].strip()
        if not line or line.startswith("#"):
            # Nothing begins or ends here; and to parse anew for each would be slow.
            if start == end - 1:
                start = end
            continue
        try:
            tables = tomllib.loads("\n".join(all_lines[:end]))
        except tomllib.TOMLDecodeError:
            continue
        for key in _keys(tables):
            lines.setdefault(key, start + 1)
        start = end
    return lines


def _keys(tables: Mapping[str, object], above: Key = ()) -> Iterator[Key]:
    for name, value in tables.items():
        yield (*above, name)
        if isinstance(value, dict):
            yield from _keys(value, (*above, name))


def _complaint(lines: Mapping[Key, int], error: dict[str, Any]) -> tuple[int, str]:
    """Say one of pydantic's errors in the words of the file, with its line."""
    key: Key = tuple(part for part in error["loc"] if isinstance(part, str))
    while key and key not in lines:  # a key that is missing is its table's fault
        key = key[:-1]
    name = ".".join(key) + "".join(f"[{n}]" for n in error["loc"] if isinstance(n, int))
    said = f"{name}: {_reason(key, error)}"
    return lines.get(key, 1), said if len(said) <= LONGEST_SAID else f"{said[:LONGEST_SAID]}…"


def _reason(key: Key, error: dict[str, Any]) -> str:
    given = error["input"]
    match error["type"]:
        case "extra_forbidden":
            allowed = sorted(_section(key[:-1]).model_fields)
            where = f"[{'.'.join(key[:-1])}]" if key[:-1] else "the configuration"
            near = suggestion(key[-1], allowed)
            return f"no such key in {where}{near}; it has {', '.join(allowed)}"
        case "literal_error":
            field = _section(key[:-1]).model_fields[key[-1]]
            return refusal(str(given), map(str, get_args(field.annotation)))
        case "value_error":
            return str(error["ctx"]["error"])
        case "missing":
            return "is missing"
        case _:
            said: str = error["msg"].removeprefix("Input ")
            return f"{said[0].lower()}{said[1:]}; given is {given!r}"


def _section(key: Key) -> type[BaseModel]:
    section: type[BaseModel] = Config
    for name in key:
        field = section.model_fields.get(name)  # None: a name that is free, in a table of them
        kinds = () if field is None else (field.annotation, *get_args(field.annotation))
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                section = kind
    return section

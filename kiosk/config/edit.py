"""Setting keys in the configuration's file, so that its comments and its order stay as they are."""

import re
from collections.abc import Mapping
from pathlib import Path

import durable
from kiosk.config.source import Loaded, load
from kiosk.errors import UsageError

_VALUE = re.compile(
    r"""^(?P<key>\s*[\w."'-]+\s*=\s*)(?P<value>"[^"]*"|\[[^\]#]*\]|[^\s#]+)(?P<rest>\s*(\#.*)?)$"""
)


def set_keys(loaded: Loaded, section: str, values: Mapping[str, str]) -> Path:
    """Set a section's keys to values, as TOML writes them; returns the file.

    Keys that are not there yet come behind the section's title. The file is read again before it
    is kept, so that it is right. Raises UsageError, and leaves it as it was then.
    """
    if loaded.file is None:
        raise UsageError(
            "no configuration file is in force to write to; name one with --config, or make"
            " /etc/kiosk/kiosk.toml (systemd/kiosk.toml is an example)"
        )
    path = loaded.file
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read ({error})") from error
    new: list[str] = []
    for key, value in values.items():
        number = loaded.lines.get((section, key))
        if number is None:
            new.append(f"{key} = {value}")
        else:
            lines[number - 1] = _replace(path, number, lines[number - 1], value)
    if new:
        lines = _insert(lines, section, new)
    _keep(path, "\n".join(lines).encode())
    return path


def _replace(path: Path, number: int, line: str, value: str) -> str:
    """A line with another value; the comment behind it stays in its column, where there is room."""
    found = _VALUE.match(line)
    if found is None:
        raise UsageError(f"{path}:{number}: is written over several lines; set it by hand")
    before, rest = found["key"] + found["value"], found["rest"]
    after = found["key"] + value
    comment = rest.lstrip()
    if not comment:
        return after
    return after.ljust(max(len(before) + len(rest) - len(comment), len(after) + 1)) + comment


def _insert(lines: list[str], section: str, new: list[str]) -> list[str]:
    title = re.compile(rf"^\s*\[\s*{re.escape(section)}\s*\]\s*(#.*)?$")
    for place, line in enumerate(lines):
        if title.match(line):
            return [*lines[: place + 1], *new, *lines[place + 1 :]]
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return [*lines, "", f"[{section}]", *new, ""]


def _keep(path: Path, content: bytes) -> None:
    """Put content in the place of the file, once it reads as a configuration; raises UsageError."""
    trial = path.with_name(f"{path.name}.new")
    try:
        mode = path.stat().st_mode & 0o777
        durable.write_whole(trial, content, mode)
        try:
            load(trial)
        finally:
            trial.unlink(missing_ok=True)
        durable.write_whole(path, content, mode)
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written ({error.strerror}); as root: sudo kiosk … --write"
        ) from error

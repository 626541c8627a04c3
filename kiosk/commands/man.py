"""`kiosk man`: print the manual's page, made from the same text as `--help`."""

import argparse
import re
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.config import Loaded

HELP = "print the manual's page (roff), as `man kiosk` shows it"

FILES = """\
/etc/kiosk/kiosk.toml: the configuration; `kiosk config` prints what is in force.

/etc/kiosk/signing.key: the booth's own key.

/var/lib/kiosk: what the booth keeps: photos that wait to be sent (sealed), the roster,
models, voice, stock, calibration.

/run/kiosk/state.json: how the running booth is.
"""

ENVIRONMENT = """\
KIOSK_CONFIG: the configuration's file, where --config names none.
"""

EXIT_STATUS = """\
0: all is well. 1: a check has failed, or something could not be done. 2: wrong use, or a wrong
configuration. 130: interrupted.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments: none."""


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Print the page."""
    from kiosk import installed_version
    from kiosk.commands.main import make_parser

    print(make_page(make_parser(), installed_version()), end="")
    return 0


def make_page(parser: argparse.ArgumentParser, version: str) -> str:
    """The manual's page of a command line, in roff (man(7))."""
    name = parser.prog
    lines = [
        f'.TH {name.upper()} 1 "" "{name} {_escape(version)}"',
        ".SH NAME",
        f"{name} \\- {_escape(str(parser.description).rstrip('.'))}",
        ".SH SYNOPSIS",
        *_usage(parser),
        ".SH OPTIONS",
        *_arguments(parser),
        ".SH COMMANDS",
        *(line for command in _below(parser) for line in _command(command)),
    ]
    for heading, text in (
        ("EXIT STATUS", EXIT_STATUS),
        ("FILES", FILES),
        ("ENVIRONMENT", ENVIRONMENT),
    ):
        lines += [f".SH {heading}"]
        for paragraph in text.split("\n\n"):
            lines += [".PP", _escape(" ".join(paragraph.split()))]
    return "\n".join(lines) + "\n"


def _command(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield f".SS {_escape(parser.prog)}"
    yield _escape(parser.description or "")
    yield ".PP"
    yield from _usage(parser)
    yield from _arguments(parser)
    for action in _below(parser):
        yield from _command(action)


def _usage(parser: argparse.ArgumentParser) -> Iterator[str]:
    """How it is called, its own name in bold, as one paragraph that is not filled."""
    usage = " ".join(parser.format_usage().split()).removeprefix("usage: ")
    first, *more = textwrap.wrap(usage.removeprefix(parser.prog).strip(), 66) or [""]
    yield ".nf"
    yield f"\\fB{_escape(parser.prog)}\\fR {_escape(first)}"
    yield from (f"    {_escape(line)}" for line in more)
    yield ".fi"


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        said = action.help
        if isinstance(action, argparse._SubParsersAction | argparse._HelpAction):
            continue
        formatter = parser._get_formatter()
        yield ".TP"
        yield f"\\fB{_escape(formatter._format_action_invocation(action))}\\fR"
        yield _escape(formatter._expand_help(action)) if said else "\\&"


def _below(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.values()


def _escape(text: str) -> str:
    """Text that roff takes for text: a backslash, a hyphen to be copied, a dot that begins."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^(?=[.'])", r"\\&", escaped, flags=re.MULTILINE)

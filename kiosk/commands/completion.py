"""`kiosk completion`: print what a shell completes commands by, made from the command line."""

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.config import Loaded

HELP = "print what bash, zsh or fish completes this command by"

SHELLS = ("bash", "zsh", "fish")

FILES = frozenset({"FILE", "IMAGE", "PHOTO", "PICTURE", "FILE.tar.gz"})
"""What arguments are called that name files."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        "Print what a shell completes this command by. install.sh puts it where bash, zsh and fish"
        ' look; to try it: eval "$(kiosk completion bash)".'
    )
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Print the script for a shell."""
    from kiosk.commands.main import make_parser

    print(make_script(make_parser(), args.shell))
    return 0


def make_script(parser: argparse.ArgumentParser, shell: str) -> str:
    """The script for one of SHELLS. Changes the parser: it parses other things then."""
    import shtab

    for action in _actions(parser):
        metavar = action.metavar if isinstance(action.metavar, str) else ""
        if (list_names := _named(action.type)) is not None:
            action.choices = list(list_names())
        elif metavar in FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif metavar.partition("|")[0] in ("DIR", "FOLDER"):
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    script: str = shtab.complete(parser, shell)
    return script


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Every argument of a parser and of those below it."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for told in action._choices_actions:
                action.choices[told.dest].description = told.help  # half a line, as shells show it
            for below in action.choices.values():
                yield from _actions(below)
        else:
            yield action


def _named(type_: object) -> Callable[[], Iterable[str]] | None:
    """What lists the names that an argument of this type takes; None where any text may stand."""
    from kiosk.commands import arguments, bench
    from kiosk.evaluation import BENCHES
    from kiosk.pipeline.specification import specification
    from kiosk.words import available_languages

    listing: Mapping[object, Callable[[], Iterable[str]]] = {
        arguments.background: lambda: specification().background,
        arguments.profile: lambda: specification().profiles,
        arguments.language: available_languages,
        bench.bench_name: lambda: (*BENCHES, bench.ALL),
    }
    return listing.get(type_)

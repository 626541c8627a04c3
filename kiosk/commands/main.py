"""What stands around every command: the command line, the errors in words, the exit status.

The commands' modules import what they need as they run, so that `kiosk --help` loads nothing.
"""

import argparse
import faulthandler
import io
import logging
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from kiosk.commands import FAILED, WRONG_USE
from kiosk.commands.network import leave_network
from kiosk.errors import KioskError, UsageError

if TYPE_CHECKING:
    from kiosk.config import Loaded

COMMANDS = (
    "run",
    "demo",
    "check",
    "standardise",
    "verify",
    "provenance",
    "models",
    "voice",
    "config",
    "pin",
    "stock",
    "sync",
    "resolver",
    "twin",
    "screens",
    "bench",
    "lamps",
    "doctor",
    "status",
    "update",
)
"""Every command, in the order of the help; each is the module of its name beside this one."""

SEE_FACES = frozenset({"check", "standardise", "verify", "twin", "bench"})
"""Commands that load models, and so leave the network at once. `run` and `demo` leave it by
themselves: what needs it is to be begun before."""

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it: 128 and the signal's number."""


class Command(Protocol):
    """A command's module."""

    HELP: str
    """What it does, in half a line."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""
        ...

    def run(self, args: argparse.Namespace, loaded: "Loaded") -> int:
        """Run the command. The exit status; raises KioskError."""
        ...


def main(argv: list[str] | None = None) -> int:
    """Run the command that was typed, and return its exit status."""
    args = _parser().parse_args(argv)
    args.own_process = argv is None
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may be no text
    if not args.verbose and sys.stderr is sys.__stderr__:
        _quieten_libraries()
    logging.basicConfig(
        level=logging.INFO if args.verbose else logging.WARNING,
        format="%(levelname)s %(name)s: %(message)s",
    )
    command: Command = args.command
    try:
        from kiosk.config import load

        if args.command_name in SEE_FACES:
            leave_network(args)
        return command.run(args, load(args.config))
    except UsageError as error:
        print(f"kiosk: {error}", file=sys.stderr)
        return WRONG_USE
    except KioskError as error:
        print(f"kiosk: {error}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        sys.stderr.close()
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Say it, and end."""
        from kiosk import installed_version

        print(f"{parser.prog} {installed_version()}")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kiosk", description="The graduation photo booth.")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration (TOML)")
    parser.add_argument("--verbose", action="store_true", help="say more on standard error")
    parser.add_argument("--version", action=_Version, nargs=0, help="say which kiosk this is")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in COMMANDS:
        command = cast(Command, import_module(f"kiosk.commands.{name.replace('-', '_')}"))
        its_parser = commands.add_parser(name, help=command.HELP, description=command.HELP)
        its_parser.set_defaults(command=command, command_name=name)
        command.add_arguments(its_parser)
    return parser


def _quieten_libraries() -> None:
    """Keep standard error for the booth's own words.

    MediaPipe's native code writes sixty lines to it at each start, and heeds no setting.
    """
    ours = os.fdopen(os.dup(2), "w", buffering=1, errors="backslashreplace")
    with open(os.devnull, "wb") as nothing:  # noqa: PTH123 (a descriptor is wanted)
        os.dup2(nothing.fileno(), 2)
    sys.stderr = ours
    faulthandler.enable(ours)

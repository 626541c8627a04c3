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
from kiosk.commands.booth_user import become_booth_user, keep_to_unit
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
    "wiring",
    "plan",
    "pin",
    "calibrate",
    "stock",
    "enrol",
    "sync",
    "resolver",
    "code",
    "roster",
    "twin",
    "screens",
    "bench",
    "lamps",
    "reader",
    "doctor",
    "status",
    "maintenance",
    "clock",
    "logs",
    "update",
    "export-diagnostics",
    "completion",
    "man",
)
"""Every command, in the order of the help; each is the module of its name beside this one."""

SEE_FACES = frozenset({"check", "standardise", "verify", "twin", "bench", "calibrate"})
"""Commands that load models or look through the camera, and so leave the network at once. `run` and
`demo` leave it by themselves: what needs it is to be begun before."""

AS_TYPED = frozenset(
    {"check", "standardise", "verify", "provenance", "twin", "screens", "bench", "demo", "config"}
    | {"wiring", "plan", "completion", "man", "logs", "update", "export-diagnostics"}
    | {"calibrate", "enrol"}
)
"""Commands that leave the booth's files alone, or need root. As root every other one first becomes
the booth's user, so that no file of the booth's is ever root's."""

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
    args = make_parser().parse_args(argv)
    args.own_process = argv is None
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may be no text
    if not args.verbose and sys.stderr is sys.__stderr__:
        _quieten_libraries()
    logging.basicConfig(
        level=logging.INFO if args.verbose else logging.WARNING,
        format="%(levelname)s %(name)s: %(message)s",
    )
    if _writes_to_journal():
        for handler in logging.getLogger().handlers:
            handler.setFormatter(_JournalLine(handler.formatter))
    command: Command = args.command
    try:
        from kiosk.config import load

        if args.command_name in SEE_FACES:
            leave_network(args)
        keep_to_unit(args.config)
        loaded = load(args.config)
        if args.command_name not in AS_TYPED and become_booth_user(loaded):
            loaded = load(args.config)  # what is the user's own by default is now theirs
        return command.run(args, loaded)
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


def make_parser() -> argparse.ArgumentParser:
    """The command line: what is typed is read by it, and help, manual and completion are of it."""
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


def _writes_to_journal() -> bool:
    """Whether journald reads what this process says (systemd.exec(5), JOURNAL_STREAM)."""
    try:
        error = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{error.st_dev}:{error.st_ino}"


class _JournalLine(logging.Formatter):
    """A line with its priority before it, as journald reads it (sd-daemon(3))."""

    def __init__(self, line: logging.Formatter | None) -> None:
        super().__init__()
        self._line = line or logging.Formatter()

    def format(self, record: logging.LogRecord) -> str:
        """The line; without a priority `journalctl --priority` finds nothing."""
        priority = 3 if record.levelno >= logging.ERROR else 4
        if record.levelno < logging.WARNING:
            priority = 6
        return f"<{priority}>{self._line.format(record)}"


def _quieten_libraries() -> None:
    """Keep standard error for the booth's own words.

    MediaPipe's native code writes sixty lines to it at each start, and heeds no setting.
    """
    ours = os.fdopen(os.dup(2), "w", buffering=1, errors="backslashreplace")
    with open(os.devnull, "wb") as nothing:  # noqa: PTH123 (a descriptor is wanted)
        os.dup2(nothing.fileno(), 2)
    sys.stderr = ours
    faulthandler.enable(ours)

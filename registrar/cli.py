"""The command `registrar`: its parser, and how a command's errors become exit statuses."""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from registrar.commands import (
    audit,
    backup,
    bench,
    booth,
    configure,
    doctor,
    erase,
    export,
    openapi,
    results,
    roster,
    schedule,
    serve,
    staff,
    student,
    vault,
)
from registrar.errors import RegistrarError, UsageError

COMMANDS = (
    serve,
    staff,
    booth,
    configure,
    roster,
    schedule,
    student,
    export,
    results,
    vault,
    audit,
    backup,
    erase,
    doctor,
    openapi,
    bench,
)


def data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder where the registrar keeps everything: systemd's, or the person's own."""
    if state := environ.get("STATE_DIRECTORY"):
        return Path(state)
    home = environ.get("XDG_STATE_HOME")
    return (Path(home) if home else Path.home() / ".local" / "state") / "registrar"


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 1 for a failed check, 2 for wrong use."""
    arguments = _parser().parse_args(argv)
    try:
        status: int = arguments.command(arguments)
    except UsageError as error:
        print(f"registrar: {error}", file=sys.stderr)
        return 2
    except RegistrarError as error:
        print(f"registrar: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    data = argparse.ArgumentParser(add_help=False)
    data.add_argument(
        "--data",
        type=Path,
        default=data_folder(),
        metavar="DIR",
        help="where everything is kept (default: %(default)s)",
    )
    parser = argparse.ArgumentParser(
        prog="registrar", description="Takes in, shows and exports the booths' photos."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(commands, data)
    return parser

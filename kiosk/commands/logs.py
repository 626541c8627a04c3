"""`kiosk logs`: what booth, resolver and sync have written, in order."""

import argparse
import os
import shutil
import sys
from typing import TYPE_CHECKING

from kiosk.errors import KioskError

if TYPE_CHECKING:
    from kiosk.config import Loaded

HELP = "show what booth, resolver and sync have written: no names, no codes, no pictures"

UNITS = ("kiosk", "kiosk-resolver", "kiosk-sync", "kiosk-maintenance")
"""The booth's services."""

MORE = """\
The same by hand: journalctl -u kiosk -u kiosk-sync … Lines of systemd itself are among them:
starts, ends and why. Who is neither root nor in the group systemd-journal sees nothing: sudo kiosk
logs."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = MORE
    parser.add_argument(
        "--unit", action="append", metavar="NAME", help=f"only these of {', '.join(UNITS)}; also"
        " registrar",
    )  # fmt: skip
    parser.add_argument(
        "--since", metavar="TIME", help='as "2026-06-01 08:00", "2h ago", "yesterday" (default: the'
        " last 200 lines)",
    )  # fmt: skip
    parser.add_argument("-f", "--follow", action="store_true", help="go on as lines come")
    parser.add_argument("-n", "--lines", type=int, metavar="N", help="at most so many")
    parser.add_argument(
        "--faults", action="store_true", help="only what is a warning, an error or worse"
    )


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Become journalctl. Raises KioskError where there is no journal."""
    if shutil.which("journalctl") is None:
        raise KioskError(
            "there is no systemd on this machine, and so no journal; a booth that is started by"
            " hand writes to its terminal: kiosk --verbose run"
        )
    sys.stdout.flush()
    command = make_command(args)
    os.execvp(command[0], command)


def make_command(args: argparse.Namespace) -> list[str]:
    """The call of journalctl: ours are other defaults than its own."""
    command = ["journalctl", "--no-hostname", "--output=short-iso"]
    command += [f"--unit={name}" for name in args.unit or UNITS]
    lines = args.lines if args.lines is not None else None if args.since else 200
    if lines is not None:
        command.append(f"--lines={lines}")
    if args.since:
        command.append(f"--since={args.since}")
    if args.follow:
        command.append("--follow")
    if args.faults:
        command.append("--priority=warning")
    if not sys.stdout.isatty():
        command.append("--no-pager")
    return command

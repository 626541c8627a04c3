"""`kiosk doctor`: try each part of the booth, and say what to do about what is wrong."""

import argparse
import sys
from typing import TYPE_CHECKING

from kiosk.commands import FAILED
from kiosk.commands.arguments import add_json
from kiosk.commands.network import leave_network
from kiosk.commands.output import print_findings, print_json, print_remark

if TYPE_CHECKING:
    from kiosk.config import Loaded

HELP = "try each part of the booth, and say what to do about what is wrong"

MORE = """\
A booth that runs has camera, lamps and reader to itself: of these it is said then what the booth
tells. To try them for real, let the student at hand finish, and stop it:

  sudo kiosk maintenance on && sudo systemctl stop kiosk
  sudo kiosk doctor
  sudo systemctl start kiosk && sudo kiosk maintenance off

Exit status: 0 where nothing fails, 1 where something does, 2 for wrong use."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = MORE
    add_json(parser)


def count(number: int, what: str) -> str:
    """So many of it, in words."""
    return f"{number or 'no'} {what}{'s' * (number != 1)}"


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Do every check; fails where one did."""
    from rich.console import Console
    from rich.progress import track

    from kiosk.health import NETWORKED, THOROUGH, look_around

    site = look_around(loaded.config, thorough=True)
    heard = {check: check(site) for check in NETWORKED}
    leave_network(args)  # the camera sees who stands there
    findings = []
    progress = Console(stderr=True)
    for check in track(
        THOROUGH, "trying", transient=True, console=progress, disable=not sys.stderr.isatty()
    ):
        for found in heard[check] if check in heard else check(site):
            findings.append(found)
            if args.json:
                print_json(found.as_json())
    failed = [found for found in findings if found.verdict == "fail"]
    if not args.json:
        print_findings(findings, spare_parts=True)
        warned = sum(found.verdict == "warn" for found in findings)
        print_remark(f"kiosk: {count(len(failed), 'fault')}, {count(warned, 'warning')}")
    return FAILED if failed else 0

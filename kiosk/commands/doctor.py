"""`kiosk doctor`: check everything that the booth needs."""

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kiosk.commands import FAILED
from kiosk.commands.arguments import add_json
from kiosk.commands.output import outcome, print_json, print_table

if TYPE_CHECKING:
    from kiosk.config import Loaded
    from kiosk.health import Finding

HELP = "check everything that the booth needs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_json(parser)


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Do every check; fails where one did."""
    from rich.console import Console
    from rich.progress import track

    from kiosk.health import CHECKS

    checks = track(CHECKS, "checking", transient=True, console=Console(stderr=True))
    return print_findings([check(loaded.config) for check in checks], json_lines=args.json)


def print_findings(findings: Iterable["Finding"], *, json_lines: bool) -> int:
    """Print what checks found, and return the exit status."""
    findings = list(findings)
    if json_lines:
        for found in findings:
            print_json({"check": found.check, "ok": found.ok, "says": found.says})
    else:
        print_table(("check", "", "says"), ((f.check, outcome(f.ok), f.says) for f in findings))
    return FAILED if any(found.ok is False for found in findings) else 0

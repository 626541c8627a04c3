"""`kiosk status`: say how the booth's outbox, roster and disk stand."""

import argparse
from typing import TYPE_CHECKING

from kiosk.commands.arguments import add_json
from kiosk.commands.doctor import print_findings

if TYPE_CHECKING:
    from kiosk.config import Loaded

HELP = "say how the booth's outbox, roster and disk stand"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_json(parser)


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Do the checks that ask nobody and open nothing."""
    from kiosk.health import CHECKS

    checks = [check for check in CHECKS if check.at_rest]
    return print_findings([check(loaded.config) for check in checks], json_lines=args.json)

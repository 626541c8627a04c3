"""`kiosk status`: say on one screen how the booth is, and disturb nothing."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kiosk.commands import FAILED
from kiosk.commands.arguments import add_json
from kiosk.commands.output import print_findings, print_json, print_verdict

if TYPE_CHECKING:
    from kiosk.config import Loaded
    from kiosk.health import Finding

HELP = "say on one screen how the booth is; ends with 0 where all is well, 1 where a fault is"

UNTOLD_WHILE_WELL = frozenset({"configuration", "keys", "models", "owners"})
"""Checks that take a line of the screen only where something is wrong."""

MORE = """\
The first line is for monitoring: OK, WARNING or FAULT, and what is not well. Exit status: 0 where
the booth serves (WARNING, too: somebody is to come, and not at once), 1 for a fault, 2 for wrong
use. It opens no device and asks nobody; `kiosk doctor` tries each part."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = MORE
    add_json(parser)


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Do the checks that ask nobody and open nothing."""
    from kiosk.health import STATUS, look_around

    site = look_around(loaded.config, thorough=False)
    findings = [found for check in STATUS for found in check(site)]
    failed = any(found.verdict == "fail" for found in findings)
    if args.json:
        from dataclasses import asdict

        told = None if site.running is None else asdict(site.running)
        rows = [found.as_json() for found in findings]
        print_json({"ok": not failed, "findings": rows, "told": told})
    else:
        print_verdict(summarize(loaded.config.sync.booth_id, findings))
        print_findings(choose_told(findings), spare_parts=False)
    return FAILED if failed else 0


def choose_told(findings: Sequence["Finding"]) -> list["Finding"]:
    """What takes a line of the screen."""
    wrong = ("warn", "fail")
    return [f for f in findings if f.verdict in wrong or f.check not in UNTOLD_WHILE_WELL]


def summarize(booth: str, findings: Sequence["Finding"]) -> str:
    """The line for monitoring: the worst there is, and the names of what is not well."""
    for verdict, word in (("fail", "FAULT"), ("warn", "WARNING")):
        if named := [found.check for found in findings if found.verdict == verdict]:
            return f"{word}: booth {booth}: {', '.join(dict.fromkeys(named))}"
    return f"OK: booth {booth}: all is well"

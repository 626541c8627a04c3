"""`registrar doctor`: look whether everything is there, whole and in time; 1 where it is not."""

import argparse
from pathlib import Path

from registrar.commands.parsers import Subparsers

NEWEST = 200
"""Photos that are opened unless told otherwise: under a second of the vault's processor."""


def add_to(commands: Subparsers, data: argparse.ArgumentParser) -> None:
    """Declare the command and its arguments; `data` declares the data folder."""
    parser = commands.add_parser("doctor", parents=[data], help="look whether everything is well")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", help="open every photo (3 ms each)")
    which.add_argument(
        "--newest", type=_count, default=NEWEST, metavar="N", help="open so many (%(default)s)"
    )
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="TLS: when it ends")
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what is found, a line each."""
    from datetime import UTC, datetime

    from registrar.doctor import examine

    newest = None if arguments.all else arguments.newest
    well = True
    for finding in examine(arguments.data, newest, arguments.certificate, datetime.now(UTC)):
        well = well and finding.is_well
        print(f"{'ok   ' if finding.is_well else 'WRONG'} {finding.name}: {finding.said}")
    return 0 if well else 1


def _count(text: str) -> int:
    if not text.isdecimal() or int(text[:12]) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: give a number from 1")
    return int(text)

"""`registrar results`: take in what the national comparison says of photos."""

import argparse
import sys
from pathlib import Path

from registrar.commands import imported
from registrar.commands.parsers import Subparsers


def add_to(commands: Subparsers, data: argparse.ArgumentParser) -> None:
    """Declare the command and its action; `data` declares the data folder."""
    actions = commands.add_parser(
        "results", help="take in what the national comparison says of photos"
    ).add_subparsers(required=True, metavar="ACTION")
    import_ = actions.add_parser(
        "import", parents=[data], help="import a file's results, row by row"
    )
    imported.add_file(import_)
    import_.add_argument("--institution", metavar="CODE", help="of this institution's only")
    import_.set_defaults(command=import_results)


def import_results(arguments: argparse.Namespace) -> int:
    """Import a file's results; 1 where rows were left out."""
    import getpass
    from datetime import UTC, datetime

    from registrar.store import Store

    path: Path = arguments.file
    with imported.open_table(path) as sheet:
        done = Store(arguments.data).results.import_file(
            sheet, getpass.getuser(), datetime.now(UTC), arguments.institution
        )
    for line, reason in done.left_out:
        print(f"registrar: {path}:{line}: {reason}", file=sys.stderr)
    left_out = f", {done.left_out_count} rows left out" if done.left_out_count else ""
    print(f"{path}: {done.passed} passed, {done.failed} failed, {done.same} as before{left_out}")
    return 1 if done.left_out_count else 0

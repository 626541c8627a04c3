"""`registrar export`: write the approved photos as files."""

import argparse
import getpass
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from registrar.commands.parsers import Subparsers


def add_to(commands: Subparsers, data: argparse.ArgumentParser) -> None:
    """Declare the command and its arguments; `data` declares the data folder."""
    parser = commands.add_parser(
        "export", parents=[data], help="write the approved photos as files"
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--institution", metavar="CODE", help="of this institution only")
    parser.add_argument("--college", metavar="NAME", help="of this college only")
    for option, which in (("--from", "first_day"), ("--to", "last_day")):
        parser.add_argument(
            option, dest=which, type=_day, metavar="YYYY-MM-DD", help="by the day it was taken"
        )
    parser.set_defaults(command=export)


def export(arguments: argparse.Namespace) -> int:
    """Write each student's photo, with progress on stderr; 1 where some were left out."""
    from rich.console import Console
    from rich.progress import Progress

    from registrar.export import LIST, Request
    from registrar.export_folder import export_photos
    from registrar.exportable import Selection, count_exportable
    from registrar.keys import Keys
    from registrar.settings import Settings
    from registrar.store import Store

    store = Store(arguments.data)
    vault = Keys.of(store).vault
    selection = Selection(
        arguments.institution, arguments.college, arguments.first_day, arguments.last_day
    )
    named_by = Settings.read(arguments.data).names
    request = Request(selection, named_by, getpass.getuser(), datetime.now(UTC))
    total, _ = count_exportable(store.database, selection, request.at)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("photos", total=total)
        done = export_photos(
            store, vault, arguments.folder, request, lambda: progress.advance(task)
        )
    for reason in done.left_out:
        print(f"registrar: left out: {reason}", file=sys.stderr)
    waiting = f"; {done.waiting} more wait to be reviewed" if done.waiting else ""
    print(f"{arguments.folder}: {done.photos} photos and {LIST}{waiting}")
    return 1 if done.left_out else 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: YYYY-MM-DD") from error

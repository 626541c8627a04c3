"""`registrar roster`: say who is to be photographed."""

import argparse
import sys
from pathlib import Path

from registrar.commands.parsers import Subparsers


def add_to(commands: Subparsers, data: argparse.ArgumentParser) -> None:
    """Declare the command and its actions; `data` declares the data folder."""
    actions = commands.add_parser("roster", help="say who is to be photographed").add_subparsers(
        required=True, metavar="ACTION"
    )

    import_ = actions.add_parser("import", parents=[data], help="add or change records")
    import_.add_argument("file", type=Path, metavar="FILE.csv")
    import_.set_defaults(command=import_roster)

    list_ = actions.add_parser("list", parents=[data], help="list the records")
    list_.set_defaults(command=list_roster)


def import_roster(arguments: argparse.Namespace) -> int:
    """Add a CSV file's records and change those with the same id."""
    from registrar.roster import read_csv
    from registrar.store import Store

    records = read_csv(
        arguments.file, lambda remark: print(f"registrar: {remark}", file=sys.stderr)
    )
    done = Store(arguments.data).records.import_records(records)
    print(f"{arguments.file}: {done.new} new, {done.changed} changed, {done.same} as before")
    return 0


def list_roster(arguments: argparse.Namespace) -> int:
    """Print the records as a table."""
    from rich.console import Console
    from rich.table import Table

    from registrar.store import Store

    table = Table("record_id", "student_no", "name", "institution", "college", "photo")
    for record, has_photo in Store(arguments.data).records.all():
        table.add_row(
            record.record_id,
            record.student_no,
            record.name,
            f"{record.institution} ({record.institution_code})",
            record.college,
            "yes" if has_photo else "no",
        )
    Console().print(table)
    return 0

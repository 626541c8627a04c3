"""`registrar roster`: say who is to be photographed."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from registrar.commands import imported
from registrar.commands.parsers import Subparsers

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from registrar.records import ImportResult


def add_to(commands: Subparsers, data: argparse.ArgumentParser) -> None:
    """Declare the command and its actions; `data` declares the data folder."""
    actions = commands.add_parser("roster", help="say who is to be photographed").add_subparsers(
        required=True, metavar="ACTION"
    )

    import_ = actions.add_parser("import", parents=[data], help="add or change records")
    imported.add_file(import_)
    imported.add_trial(import_)
    import_.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="CALLED=COLUMN",
        help="what the file calls a column; remembered by the import (CALLED= forgets it)",
    )
    import_.add_argument(
        "--institution",
        metavar="CODE",
        help="refuse rows of any other, and remember columns' names for its lists alone",
    )
    import_.set_defaults(command=import_roster)

    list_ = actions.add_parser("list", parents=[data], help="list the records")
    list_.set_defaults(command=list_roster)


def import_roster(arguments: argparse.Namespace) -> int:
    """Add a file's records and change those with the same id; 1 where rows were left out."""
    import getpass
    from datetime import UTC, datetime

    from registrar import audit, column_names, refusals, roster_import
    from registrar.keys import read_signing_key
    from registrar.roster_ahead import publish_noted
    from registrar.roster_publisher import RosterPublisher
    from registrar.roster_reading import COLUMNS, Refused, judge_roster
    from registrar.store import Store

    path: Path = arguments.file
    whose: str | None = arguments.institution
    named = column_names.parse_named(arguments.column, COLUMNS)
    with imported.open_table(path) as sheet:
        store = Store(arguments.data)
        with store.database.connection() as db:
            known = column_names.remembered(db, whose)
        judged = judge_roster(sheet, whose, {**known, **named})
        imported.tell_remarks(judged.remarks)
        records = store.records
        refused: tuple[Refused, ...] = ()
        if arguments.dry_run or arguments.partial or arguments.report is not None:
            preview = roster_import.preview_import(records, judged, whose)
            done, refused = preview.result, preview.refused
        if arguments.report is not None:
            refusals.write_report(arguments.report, refused)
        if arguments.dry_run or arguments.partial:
            imported.tell_refused(path, refused)

        def note(db: "Connection", done: "ImportResult") -> None:
            at, user = datetime.now(UTC), getpass.getuser()
            counts = {"new": done.new, "changed": done.changed}
            audit.append(db, at, "command", "roster.import", "roster", user=user, **counts)
            column_names.remember(db, whose, named, "command", at)

        if not arguments.dry_run:
            done = roster_import.import_roster(
                records,
                judged,
                partial=arguments.partial,
                note=note,
                institution_code=whose,
            )
    would = "would be " if arguments.dry_run else ""
    left_out = f", {len(refused)} {would}left out" if refused else ""
    print(f"{path}: {would}{done.new} new, {done.changed} changed, {done.same} as before{left_out}")
    if not arguments.dry_run:
        database, objects = store.database, store.objects
        publish_noted(database, RosterPublisher(database, objects, read_signing_key(store)))
    return 1 if refused else 0


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

"""`registrar schedule`: say which colleges are photographed where and when."""

import argparse
from pathlib import Path

from registrar.commands import imported
from registrar.commands.parsers import Subparsers


def add_to(commands: Subparsers, data: argparse.ArgumentParser) -> None:
    """Declare the command and its actions; `data` declares the data folder."""
    actions = commands.add_parser(
        "schedule", help="say which colleges are photographed where and when"
    ).add_subparsers(required=True, metavar="ACTION")

    import_ = actions.add_parser(
        "import", parents=[data], help="replace the schedule of each institution that a file names"
    )
    imported.add_file(import_)
    import_.add_argument(
        "--institution",
        metavar="CODE",
        help="whose rows are that name none (default: the one institution on the roster)",
    )
    imported.add_trial(import_)
    import_.set_defaults(command=import_schedule)

    list_ = actions.add_parser("list", parents=[data], help="list the slots, in China's time")
    list_.add_argument("--institution", metavar="CODE", help="of this institution only")
    list_.set_defaults(command=list_schedule)


def import_schedule(arguments: argparse.Namespace) -> int:
    """Import a table of slots; 1 where rows were left out."""
    import getpass
    from datetime import UTC, datetime

    from registrar import audit, refusals, schedule
    from registrar.schedule_reading import judge_schedule
    from registrar.store import Store

    path: Path = arguments.file
    with imported.open_table(path) as sheet:
        database = Store(arguments.data).database
        code: str | None = arguments.institution
        if code is None:
            with database.connection() as db:
                code = schedule.only_institution(db)
        judged = judge_schedule(sheet, code)
    preview = schedule.preview_schedule(database, judged)
    imported.tell_remarks(preview.remarks)
    if arguments.report is not None:
        refusals.write_report(arguments.report, judged.refused)
    if not (arguments.dry_run or arguments.partial):
        judged.check_all_good()
    imported.tell_refused(path, judged.refused)
    done = preview.result
    if not arguments.dry_run:
        done = schedule.import_schedule(
            database,
            judged,
            partial=arguments.partial,
            note=lambda db, done: audit.append(
                db,
                datetime.now(UTC),
                "command",
                "schedule.import",
                "schedule",
                user=getpass.getuser(),
                institutions=sorted(judged.slots()),
                new=done.new,
                removed=done.removed,
            ),
        )
    would = "would be " if arguments.dry_run else ""
    left_out = f", {len(judged.refused)} rows {would}left out" if judged.refused else ""
    print(f"{path}: {would}{done.new} new, {done.removed} removed, {done.same} as before{left_out}")
    return 1 if judged.refused else 0


def list_schedule(arguments: argparse.Namespace) -> int:
    """Print the slots as a table."""
    from rich.console import Console
    from rich.table import Table

    from protocol.schedule import SHANGHAI
    from registrar.schedule import all_slots
    from registrar.store import Store

    table = Table("institution", "date", "time", "place", "colleges")
    with Store(arguments.data).database.connection() as db:
        for code, slot in all_slots(db, arguments.institution):
            starts, ends = slot.starts_at.astimezone(SHANGHAI), slot.ends_at.astimezone(SHANGHAI)
            times = f"{starts:%H:%M}-{ends:%H:%M}"
            table.add_row(
                code, f"{starts:%Y-%m-%d}", times, slot.place, "、".join(slot.colleges) or "-"
            )
    Console().print(table)
    return 0

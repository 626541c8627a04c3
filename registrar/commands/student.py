"""`registrar student`: look at one student, and permit them another photo."""

import argparse
import getpass
from typing import TYPE_CHECKING

from registrar.commands.parsers import Subparsers
from registrar.errors import UsageError

if TYPE_CHECKING:
    from registrar.students import History


def add_to(commands: Subparsers, data: argparse.ArgumentParser) -> None:
    """Declare the command and its actions; `data` declares the data folder."""
    actions = commands.add_parser(
        "student", help="look at a student, permit another photo"
    ).add_subparsers(required=True, metavar="ACTION")

    show = actions.add_parser(
        "show", parents=[data], help="find students by name, number, code or receipt"
    )
    show.add_argument("text", metavar="TEXT")
    show.set_defaults(command=show_students)

    permit = actions.add_parser(
        "permit", parents=[data], help="permit one more photo of a student, for a reason"
    )
    permit.add_argument("record", metavar="RECORD_ID")
    permit.add_argument("reason", metavar="REASON")
    permit.set_defaults(command=permit_photo)

    past = actions.add_parser("history", parents=[data], help="tell what happened to a student")
    past.add_argument("record", metavar="RECORD_ID")
    past.set_defaults(command=tell_history)


def show_students(arguments: argparse.Namespace) -> int:
    """Print the students who are found, as a table; 1 where there are none."""
    from rich.console import Console
    from rich.table import Table

    from registrar.store import Store
    from registrar.students import MOST_FOUND, search

    with Store(arguments.data).database.connection() as db:
        found = search(db, arguments.text)
    if not found:
        raise UsageError(f"{arguments.text}: no student has this name, number or code")
    table = Table("record_id", "student_no", "name", "institution", "college")
    for record in found:
        where = f"{record.institution} ({record.institution_code})"
        table.add_row(record.record_id, record.student_no, record.name, where, record.college)
    Console().print(table)
    if len(found) == MOST_FOUND:
        print(f"the first {MOST_FOUND}; say more of the name or number")
    return 0


def permit_photo(arguments: argparse.Namespace) -> int:
    """Permit one more photo of a student."""
    from datetime import UTC, datetime

    from registrar.store import Store

    permits = Store(arguments.data).permits
    permits.give(arguments.record, arguments.reason, getpass.getuser(), datetime.now(UTC))
    print(f"record {arguments.record}: one more photo will be taken")
    return 0


def tell_history(arguments: argparse.Namespace) -> int:
    """Print what has happened to a student, the newest first."""
    from registrar.store import Store
    from registrar.students import history

    with Store(arguments.data).database.connection() as db:
        found = history(db, arguments.record)
    if found is None:
        raise UsageError(f"record {arguments.record}: is not in the roster")
    for line in describe_history(found):
        print(line)
    return 0


def describe_history(found: "History") -> list[str]:
    """A student's history, a line for each thing."""
    from protocol.envelope import short_number

    lines = [f"{found.record.record_id}\t{found.record.student_no}\t{found.record.name}"]
    for photo in found.photos:
        why = "" if photo.refusal is None else f" ({photo.refusal})"
        number = short_number(photo.submission_id)
        taken = f"{photo.taken_at.astimezone():%Y-%m-%d %H:%M}"
        lines.append(f"photo {number}\t{taken}\t{photo.booth_id}\t{photo.state}{why}")
        for said in photo.said:
            note = f": {said.note}" if said.note else ""
            lines.append(
                f"  {said.verdict} by {said.reviewer}, {said.at.astimezone():%Y-%m-%d %H:%M}{note}"
            )
        if photo.comparison is not None:
            passed, remark = photo.comparison
            lines.append(
                f"  national comparison {'passed' if passed else 'failed'} {remark}".rstrip()
            )
        for told in photo.told:
            stands = "sent" if told.sent_at else "waits" if told.next_at else "given up"
            lines.append(f"  notice by {told.channel}: {stands} {told.fault or ''}".rstrip())
    for permit in found.permits:
        used = "open" if permit.photo is None else f"used by {short_number(permit.photo)}"
        given = f"{permit.given_at.astimezone():%Y-%m-%d %H:%M}"
        lines.append(f"permit\t{given}\t{permit.given_by}\t{used}\t{permit.reason}")
    return lines

"""`registrar student`: look at one student, permit them another photo, grant them a rule."""

import argparse
import getpass
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from registrar.commands.parsers import Subparsers
from registrar.errors import UsageError

if TYPE_CHECKING:
    from registrar.roster import Record
    from registrar.store import Store
    from registrar.students import History, PastPhoto

MORE = """\
WHO is a name or number, or how it begins, or a whole capture code, record id or receipt's number;
"-" reads it from standard input, so that it stands in no list of processes and no shell's history.
Every look is noted in the audit log: who asked, and whose record was shown."""


def add_to(commands: Subparsers, data: argparse.ArgumentParser) -> None:
    """Declare the command and its actions; `data` declares the data folder."""
    actions = commands.add_parser(
        "student", help="look at a student, permit another photo, grant a rule"
    ).add_subparsers(required=True, metavar="ACTION")

    def declare(name: str, command: Any, help_: str) -> argparse.ArgumentParser:
        parser = actions.add_parser(name, parents=[data], help=help_, epilog=MORE)
        parser.add_argument("who", metavar="WHO")
        parser.set_defaults(command=command)
        return parser

    show = declare("show", show_students, "find students by name, number, code or receipt")
    show.add_argument("--json", action="store_true", help="print JSON")

    permit = declare("permit", permit_photo, "permit one more photo of a student, for a reason")
    permit.add_argument("reason", metavar="REASON")

    past = declare("history", tell_history, "tell what happened to a student")
    past.add_argument("--json", action="store_true", help="print JSON")

    grant = declare("grant", grant_rule, "excuse a student from rules, for faith or health")
    grant.add_argument("grant", metavar="WHAT", help="headwear, eyes, mouth or posture")
    grant.add_argument("reason", metavar="REASON", nargs="?", default="")
    grant.add_argument("--withdraw", action="store_true", help="take it back")


def show_students(arguments: argparse.Namespace) -> int:
    """Print the students who are found, as a table; 1 where there are none."""
    from registrar.store import Store
    from registrar.students import MOST_FOUND

    found = _find(Store(arguments.data), _read_who(arguments.who), "student.show")
    if arguments.json:
        _print_json([_describe_record(record) for record in found])
        return 0
    from rich.console import Console
    from rich.table import Table

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
    from registrar.store import Store

    store = Store(arguments.data)
    record = _find_one(store, _read_who(arguments.who))
    store.permits.give(record.record_id, arguments.reason, getpass.getuser(), datetime.now(UTC))
    print(f"record {record.record_id}: one more photo will be taken")
    return 0


def grant_rule(arguments: argparse.Namespace) -> int:
    """Excuse a student from rules, or no more."""
    from registrar.store import Store

    store, by, at = Store(arguments.data), getpass.getuser(), datetime.now(UTC)
    record = _find_one(store, _read_who(arguments.who))
    if arguments.withdraw:
        store.grants.withdraw(record.record_id, arguments.grant, by, at)
        print(f"record {record.record_id}: {arguments.grant} is granted no more")
        return 0
    store.grants.give(record.record_id, arguments.grant, arguments.reason, by, at)
    print(f"record {record.record_id}: {arguments.grant} is granted; booths know after a sync")
    return 0


def tell_history(arguments: argparse.Namespace) -> int:
    """Print what has happened to a student, the newest first."""
    from registrar.audit import append
    from registrar.store import Store
    from registrar.students import history

    store = Store(arguments.data)
    record = _find_one(store, _read_who(arguments.who))
    with store.database.transaction() as db:
        found = history(db, record.record_id)
        append(db, datetime.now(UTC), getpass.getuser(), "student.history", record.record_id)
    if found is None:
        raise UsageError(f"record {record.record_id}: is not in the roster")
    if arguments.json:
        _print_json(describe_as_json(found, datetime.now(UTC)))
        return 0
    for line in describe_history(found, datetime.now(UTC)):
        print(line)
    return 0


# ---- who is meant ----


def _read_who(who: str) -> str:
    """What was typed, or a line of standard input. Raises UsageError where there is none."""
    text = sys.stdin.readline() if who == "-" else who
    if not text.strip():
        raise UsageError("nobody is named: give a name, number, code, record id or receipt")
    return text.strip()


def _find(store: "Store", text: str, action: str) -> "list[Record]":
    """Find students, and note who looked and whose records were shown, never what was typed: that
    may be a code.
    """
    from registrar.audit import append
    from registrar.students import search

    by, at = getpass.getuser(), datetime.now(UTC)
    with store.database.transaction() as db:
        found = search(db, text)
        for record in found:
            append(db, at, by, action, record.record_id)
        if not found:
            append(db, at, by, action, "nobody")
    if not found:
        raise UsageError("no student has this name, number or code")
    return found


def _find_one(store: "Store", text: str) -> "Record":
    """Find the one student who is meant: by the whole record id first. Raises UsageError."""
    from registrar.students import search

    with store.database.connection() as db:
        found = search(db, text)
    whole = [record for record in found if text in (record.record_id, record.capture_code)]
    if len(whole) == 1:
        return whole[0]
    if not found:
        raise UsageError(f"{_quote(text)}: no student has this name, number or code")
    if len(found) > 1:
        raise UsageError(f"{len(found)} students are so named; registrar student show tells which")
    return found[0]


def _quote(text: str) -> str:
    """What a fault names: only what was typed as a record id, never half a code."""
    return f"record {text}" if len(text) <= 40 else "this text"


# ---- in words, and as JSON ----


def describe_history(found: "History", now: datetime) -> list[str]:
    """A student's history, a line for each thing."""
    from protocol.envelope import short_number

    lines = [f"{found.record.record_id}\t{found.record.student_no}\t{found.record.name}"]
    if found.bar is not None:
        lines.append(f"stands\t{found.bar}")
    if (until := found.waits_until(now)) is not None:
        lines.append(f"waits\tuntil {until.astimezone():%Y-%m-%d %H:%M}")
    for photo in found.photos:
        lines += _describe_photo(photo)
    for past in found.standardisations:
        at = f"{past.earliest.astimezone():%Y-%m-%d %H:%M}"
        lines.append(f"standardisation\t{at}\t{past.booth_id}\t{past.outcome}")
    for permit in found.permits:
        used = "open" if permit.photo is None else f"used by {short_number(permit.photo)}"
        given = f"{permit.given_at.astimezone():%Y-%m-%d %H:%M}"
        lines.append(f"permit\t{given}\t{permit.given_by}\t{used}\t{permit.reason}")
    for grant in found.grants:
        given = f"{grant.given_at.astimezone():%Y-%m-%d %H:%M}"
        lines.append(f"grant\t{given}\t{grant.given_by}\t{grant.name}\t{grant.reason}")
    return lines


def _describe_photo(photo: "PastPhoto") -> list[str]:
    from protocol.envelope import short_number

    why = "" if photo.refusal is None else f" ({photo.refusal})"
    number = short_number(photo.submission_id)
    taken = f"{photo.taken_at.astimezone():%Y-%m-%d %H:%M}"
    lines = [f"photo {number}\t{taken}\t{photo.booth_id}\t{photo.state}{why}"]
    for said in photo.said:
        note = f": {said.note}" if said.note else ""
        lines.append(
            f"  {said.verdict} by {said.reviewer}, {said.at.astimezone():%Y-%m-%d %H:%M}{note}"
        )
    if photo.comparison is not None:
        passed, remark = photo.comparison
        lines.append(f"  national comparison {'passed' if passed else 'failed'} {remark}".rstrip())
    for told in photo.told:
        stands = "sent" if told.sent_at else "waits" if told.next_at else "given up"
        lines.append(f"  notice by {told.channel}: {stands} {told.fault or ''}".rstrip())
    return lines


def describe_as_json(found: "History", now: datetime) -> dict[str, Any]:
    """A student's history for a program; without capture code, identity number or address."""
    import dataclasses

    def plain(value: Any) -> Any:
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {
                field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)
            }
        if isinstance(value, tuple):
            return [plain(each) for each in value]
        if isinstance(value, datetime):
            return value.isoformat()
        return value if value is None or isinstance(value, bool | int | float) else str(value)

    return {
        "record": _describe_record(found.record),
        "stands": found.bar,
        "photos": plain(found.photos),
        "permits": plain(found.permits),
        "grants": plain(found.grants),
        "standardisations": plain(found.standardisations),
        "waits_until": plain(found.waits_until(now)),
    }


def _describe_record(record: "Record") -> dict[str, str]:
    names = ("record_id", "student_no", "name", "institution_code", "institution", "college")
    return {name: getattr(record, name) for name in names}


def _print_json(value: Any) -> None:
    import json

    print(json.dumps(value, ensure_ascii=False, indent=1))

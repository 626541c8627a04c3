"""`kiosk roster`: how the roster stands that the booth serves from without network."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kiosk.commands import FAILED
from kiosk.commands.arguments import add_json
from kiosk.commands.output import print_json

if TYPE_CHECKING:
    from kiosk.config import Loaded

HELP = "say how the roster stands that the booth serves from without network"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(metavar="ACTION", dest="action", required=True)
    status = actions.add_parser(
        "status",
        help="print its edition, number, age and entries, and whether it is whole and signed",
        description=(
            "Print the roster's edition and number, when the registrar made it, how many entries it"
            " has, what the last sync said, and whether all of it is there and signed. It names"
            " nobody. Fails where there is none, or it is damaged."
        ),
    )
    add_json(status)


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Print how the roster stands; fails where there is none, or it is damaged."""
    found = _look(loaded)
    if args.json:
        print_json(found)
    else:
        for name, value in found.items():
            print(f"{name.replace('_', ' '):14} {'–' if value is None else value}")
    return 0 if found["fault"] is None else FAILED


def _look(loaded: "Loaded") -> dict[str, Any]:
    from kiosk.errors import SyncError
    from kiosk.sync.clock import describe_span
    from kiosk.sync.enrolment import read_enrolment
    from kiosk.sync.last_sync import read_last_sync
    from kiosk.sync.roster import read_roster
    from kiosk.sync.roster_index import RosterIndex

    sync, institution = loaded.config.sync, loaded.config.booth.institution_code
    key = read_enrolment(sync).registrar_verify_key
    found: dict[str, Any] = dict.fromkeys(
        ("institution", "edition", "number", "issued_at", "age", "entries", "signature")
    )
    found |= {"institution": institution, "last_sync": None, "last_fault": None, "fault": None}
    if (last := read_last_sync(sync.roster)) is not None:
        found["last_sync"] = _said(datetime.fromtimestamp(last.at, UTC))
        found["last_fault"] = last.fault
    try:
        roster = read_roster(sync.roster, key, institution)
        if roster is None:
            found["fault"] = "none is here yet: sudo kiosk sync"
            return found
        age = datetime.now(UTC) - roster.issued_at
        found |= {
            "issued_at": _said(roster.issued_at),
            "age": describe_span(max(age.total_seconds(), 0.0)),
            "entries": len(roster),
        }
        if isinstance(roster, RosterIndex):
            found["edition"] = roster.head.edition.hex()[:16]
            found["number"] = roster.head.number
            roster.check()
    except SyncError as error:
        found |= {"signature": "does not hold", "fault": str(error)}
        return found
    found["signature"] = "holds"
    return found


def _said(at: datetime) -> str:
    return at.isoformat(timespec="seconds")

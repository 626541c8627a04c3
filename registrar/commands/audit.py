"""`registrar audit`: show the audit log, verify it, and sign how far it goes."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from registrar.commands.parsers import Subparsers
from registrar.errors import UsageError

if TYPE_CHECKING:
    from registrar.audit_chain import SignedHead
    from registrar.store import Store


def add_to(commands: Subparsers, data: argparse.ArgumentParser) -> None:
    """Declare the command and its actions; `data` declares the data folder."""
    actions = commands.add_parser(
        "audit", help="show and verify who did what with photos and students"
    ).add_subparsers(required=True, metavar="ACTION")

    show = actions.add_parser("show", parents=[data], help="print entries, oldest first")
    show.add_argument("--subject", default="", help="of this one only, say 'record 1234'")
    show.add_argument("--actor", default="", help="by this one only")
    show.add_argument(
        "--last", type=_count, default=100, metavar="N", help="at most so many (default: 100)"
    )
    show.set_defaults(command=show_entries)

    verify = actions.add_parser(
        "verify", parents=[data], help="tell the first entry that does not hold"
    )
    verify.add_argument(
        "--head", type=Path, metavar="FILE", help="what `audit head` printed: the log goes as far"
    )
    verify.set_defaults(command=verify_entries)

    head = actions.add_parser(
        "head", parents=[data], help="print, signed, how far the log goes; keep it elsewhere"
    )
    head.set_defaults(command=print_head)


def show_entries(arguments: argparse.Namespace) -> int:
    """Print the newest entries, a line each."""
    from registrar.audit import page
    from registrar.store import Store

    with Store(arguments.data).database.connection() as db:
        found = page(db, arguments.last, subject=arguments.subject, actor=arguments.actor)
    for entry in reversed(found):
        said = (entry.number, entry.at, entry.actor, entry.action, entry.subject, entry.detail)
        print(*said, sep="\t")
    return 0


def verify_entries(arguments: argparse.Namespace) -> int:
    """Verify every entry; 1 where one does not hold."""
    from registrar.audit import last_entry, verify_log
    from registrar.store import Store

    store = Store(arguments.data)
    head = None if arguments.head is None else _read_head(store, arguments.head)
    with store.database.connection() as db:
        fault, last = verify_log(db, head), last_entry(db)
    if fault is not None:
        print(f"registrar: audit: entry {fault.number} {fault.why}", file=sys.stderr)
        return 1
    number = 0 if last is None else last.number
    signed = "" if head is None else f", and those to {head.number} are the ones that were signed"
    print(f"audit: {number} entries hold{signed}")
    return 0


def print_head(arguments: argparse.Namespace) -> int:
    """Print the signed head, one line of JSON."""
    from datetime import UTC, datetime

    from registrar.audit import last_entry
    from registrar.audit_chain import sign_head
    from registrar.keys import read_signing_key
    from registrar.store import Store

    store = Store(arguments.data)
    with store.database.connection() as db:
        last = last_entry(db)
    print(sign_head(last, datetime.now(UTC), read_signing_key(store)).model_dump_json())
    return 0


def _read_head(store: "Store", path: Path) -> "SignedHead":
    """Read a head that this registrar has signed. Raises UsageError."""
    from pydantic import ValidationError

    from protocol.signing import is_signed
    from registrar.audit_chain import SignedHead
    from registrar.keys import read_signing_key

    try:
        head = SignedHead.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise UsageError(f"{path}: is not what `registrar audit head` prints") from error
    if not is_signed(head, read_signing_key(store).verify_key):
        raise UsageError(f"{path}: was signed by another registrar, or changed")
    return head


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r}: give a number from 1 to 1000000")
    return int(text)

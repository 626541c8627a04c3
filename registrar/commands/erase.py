"""`registrar erase`, `registrar retention` and `registrar sweep`: what is to be held no more."""

import argparse
import getpass
import sys
from datetime import UTC, datetime

from registrar.commands.parsers import Subparsers
from registrar.errors import UsageError

_BEYOND = (
    "what it cannot reach: exports and sticks, backups, mails and calls that went to the student or"
    " the institution; entries of the audit log from before, which name the record's id; until its"
    " base is made anew, a line of the roster that only who has the capture code can read; an"
    " object store that keeps versions; the database server's archive of its log"
)


def add_to(commands: Subparsers, data: argparse.ArgumentParser) -> None:
    """Declare the commands and their arguments; `data` declares the data folder."""
    erase = commands.add_parser("erase", parents=[data], help="erase all that is held of a student")
    erase.add_argument("record_id", metavar="RECORD_ID")
    erase.add_argument("--yes", action="store_true", help="do not ask")
    erase.set_defaults(command=erase_record)

    retention = commands.add_parser(
        "retention", parents=[data], help="remove what is older than [retention] says"
    )
    does = retention.add_mutually_exclusive_group(required=True)
    does.add_argument("--dry-run", action="store_true", help="only tell what would go")
    does.add_argument("--run", action="store_true", help="remove it, for good")
    retention.set_defaults(command=keep_rules)

    sweep = commands.add_parser(
        "sweep", parents=[data], help="remove what killed processes have left in the object store"
    )
    sweep.set_defaults(command=sweep_objects)


def erase_record(arguments: argparse.Namespace) -> int:
    """Erase a student, and say what went and what this cannot reach."""
    from registrar.erasure import digest_record, erase
    from registrar.keys import read_signing_key
    from registrar.store import Store

    record_id: str = arguments.record_id
    if not arguments.yes and not _agrees(record_id):
        raise UsageError("nothing was erased; say --yes where nobody is to be asked")
    store = Store(arguments.data)
    key = read_signing_key(store)
    done = erase(store, record_id, key, "command", datetime.now(UTC), user=getpass.getuser())
    print(
        f"erased: the record, {done.photos} photos, {done.reviews} reviews, {done.notices} notices;"
        f" in the audit log as {digest_record(record_id, key)}"
    )
    print("registrar: booths hear it with the next delta of the roster", file=sys.stderr)
    print(f"registrar: {_BEYOND}", file=sys.stderr)
    return 0


def keep_rules(arguments: argparse.Namespace) -> int:
    """Remove what is too old, or tell what would go."""
    from registrar.keys import read_signing_key
    from registrar.retention import count_due, run_retention
    from registrar.settings import FILE, Settings
    from registrar.store import Store

    rules = Settings.read(arguments.data).retention
    if rules.refused_photos_days is None and rules.students_days is None:
        print(f"retention: everything is kept: [retention] in {arguments.data / FILE} says nothing")
        return 0
    store, now = Store(arguments.data), datetime.now(UTC)
    if arguments.dry_run:
        with store.database.connection() as db:
            found = count_due(db, rules, now)
    else:
        found = run_retention(store, rules, read_signing_key(store), now)
    would = "would go" if arguments.dry_run else "gone"
    for due in found:
        print(f"{due.rule} = {due.days}: {due.records} records and {due.photos} photos {would}")
        if due.waiting:
            print(
                f"registrar: {due.waiting} photos are as old and stay: nobody has reviewed them;"
                " review them",
                file=sys.stderr,
            )
    return 0


def sweep_objects(arguments: argparse.Namespace) -> int:
    """Remove objects that no row names."""
    from registrar import standardisations, uploads
    from registrar.desk import tried_files
    from registrar.store import Store

    store, now = Store(arguments.data), datetime.now(UTC).timestamp()
    swept = store.photos.sweep(now)
    tried_files.sweep(store.objects, now)
    with store.database.transaction() as db:
        uploads.sweep(db, now)
        standardisations.sweep(db, now)
    print(f"sweep: {swept} objects removed that no photo names")
    return 0


def _agrees(record_id: str) -> bool:
    if not sys.stdin.isatty():
        return False
    print(f"All that is held of record {record_id} goes, for good.", file=sys.stderr)
    return input("The record's id once more: ").strip() == record_id

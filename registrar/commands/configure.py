"""`registrar configure`: what an institution's booths take from here."""

import argparse
import getpass
from datetime import UTC, datetime

from registrar.commands.parsers import Subparsers, institution_code
from registrar.errors import UsageError

MORE = """\
NAME=VALUE sets something, NAME= says nothing of it any more; without either it is printed. Booths
take it with their next sync, what they show from their next start on, and only where their own file
leaves it out. Names: support_phone, support_hours, receipt_url, most_bytes_a_second,
standardisations_a_day, wait_hours, resubmissions (how many refused photos are replaced without
asking; 2 where nothing is said), and of the schedule early, late and wrong_place: admit, wait or
turn_away those who come so (admit where nothing is said)."""


def add_to(commands: Subparsers, data: argparse.ArgumentParser) -> None:
    """Declare the command and its arguments; `data` declares the data folder."""
    parser = commands.add_parser(
        "configure",
        parents=[data],
        help="say what an institution's booths take from here",
        epilog=MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "institution", metavar="INSTITUTION", type=institution_code, help="its code, five digits"
    )
    parser.add_argument("settings", metavar="NAME=VALUE", nargs="*")
    parser.set_defaults(command=configure)


def configure(arguments: argparse.Namespace) -> int:
    """Set what was typed, all or nothing, or print what is set."""
    from registrar.configuration import set_for_booths, settings_of
    from registrar.schedule import slots_of
    from registrar.store import Store

    code: str = arguments.institution
    wanted = [_split(text) for text in arguments.settings]
    store, by = Store(arguments.data), getpass.getuser()
    with store.database.transaction() as db:
        for name, value in wanted:
            set_for_booths(db, code, name, value, by, datetime.now(UTC))
    with store.database.connection() as db:
        said = settings_of(db, code).model_dump(exclude_none=True)
        slots = len(slots_of(db, code))
    for name, value in said.items():
        print(f"{name}={value}")
    print(f"schedule: {slots} times")
    return 0


def _split(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise UsageError(f"{text}: give NAME=VALUE")
    return name.strip(), value.strip()

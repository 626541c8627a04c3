"""`registrar booth`: enrol, list and remove booths."""

import argparse
import getpass
import re
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from registrar.commands.parsers import PORT, Subparsers, institution_code
from registrar.errors import StoreError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from nacl.signing import SigningKey

    from protocol.report import BoothReport


def add_to(commands: Subparsers, data: argparse.ArgumentParser) -> None:
    """Declare the command and its actions; `data` declares the data folder."""
    actions = commands.add_parser("booth", help="enrol and remove booths").add_subparsers(
        required=True, metavar="ACTION"
    )

    add = actions.add_parser(
        "add", parents=[data], help="enrol a booth; prints what goes into its configuration"
    )
    add.add_argument("name", metavar="NAME", type=_booth_id)
    own = add.add_mutually_exclusive_group()
    own.add_argument("--key", metavar="BASE64", help="the booth's public key, if it has one")
    own.add_argument(
        "--signing-key-file",
        type=Path,
        metavar="FILE",
        help="where to write a new booth's signing key (default: NAME.signing.key)",
    )
    add.add_argument(
        "--url",
        default=f"http://127.0.0.1:{PORT}/",
        help="how the booth reaches the registrar (default: %(default)s)",
    )
    add.add_argument(
        "--institution",
        metavar="CODE",
        type=institution_code,
        help="whose staff see the booth, beside those who are for all institutions",
    )
    add.set_defaults(command=add_booth)

    code = actions.add_parser(
        "code", parents=[data], help="make a one-time code by which a booth enrols itself"
    )
    code.add_argument("name", metavar="NAME", type=_booth_id)
    code.add_argument(
        "--institution", metavar="CODE", type=institution_code, help="as with registrar booth add"
    )
    code.set_defaults(command=offer_booth)

    list_ = actions.add_parser("list", parents=[data], help="list the booths")
    list_.set_defaults(command=list_booths)

    accept = actions.add_parser(
        "accept", parents=[data], help="take photos signed with a booth's former keys, too"
    )
    accept.add_argument("name", metavar="NAME")
    accept.set_defaults(command=accept_former_keys)

    remove = actions.add_parser("remove", parents=[data], help="serve a booth no more")
    remove.add_argument("name", metavar="NAME")
    remove.set_defaults(command=remove_booth)


def add_booth(arguments: argparse.Namespace) -> int:
    """Enrol a booth by its own key, or by a new one that is written for it."""
    from registrar.enrolment import enrol_booth
    from registrar.keys import Keys, parse_verify_key
    from registrar.store import Store

    store = Store(arguments.data)
    keys = Keys.of(store)
    if arguments.key is not None:
        try:
            verify_key = parse_verify_key(arguments.key)
        except UsageError as error:
            raise UsageError(f"--key: {error}") from error
        enrolment = enrol_booth(
            store, keys, arguments.url, arguments.name, verify_key, arguments.institution
        )
        print(enrolment.toml(None), end="")
        return 0
    path: Path = arguments.signing_key_file or Path(f"{arguments.name}.signing.key")
    if arguments.name in store.booths.served():
        raise UsageError(
            f"booth {arguments.name}: is enrolled already; "
            f"remove it first: registrar booth remove {arguments.name}"
        )
    signing_key = _write_signing_key(path)
    enrolment = enrol_booth(
        store, keys, arguments.url, arguments.name, signing_key.verify_key, arguments.institution
    )
    print(enrolment.toml(path.name), end="")
    print(
        f"registrar: bring {path} to the booth, beside its configuration, and delete it here",
        file=sys.stderr,
    )
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        print(
            f"registrar: {path}: its file system keeps no permissions: who can read it can pass"
            " for the booth. Keep the stick with you until then; at the booth:"
            f" chmod 600 {path.name}",
            file=sys.stderr,
        )
    return 0


def offer_booth(arguments: argparse.Namespace) -> int:
    """Print a code that is good once, for a day, and what to type at the booth."""
    from datetime import UTC, datetime

    from registrar.enrolment import offer_enrolment
    from registrar.keys import Keys
    from registrar.store import Store

    store = Store(arguments.data)
    Keys.of(store)  # they are what the booth will be told
    name, by, now = arguments.name, getpass.getuser(), datetime.now(UTC)
    with store.database.transaction() as db:
        code = offer_enrolment(db, name, by, now, arguments.institution)
    print(code)
    print(f"registrar: at the booth, within a day: sudo kiosk enrol URL {code}", file=sys.stderr)
    return 0


def list_booths(arguments: argparse.Namespace) -> int:
    """Print the booths with their keys, and then those by which they were served once."""
    from protocol.keys import encode_key
    from registrar.store import Store

    store = Store(arguments.data)
    reports = store.booths.reports()
    for booth_id, key in store.booths.served().items():
        said = f"\t{describe_report(*reports[booth_id])}" if booth_id in reports else ""
        print(f"{booth_id}\t{encode_key(bytes(key))}{said}")
    for former in store.booths.former_keys():
        said = "former key, accepted" if former.accepted else "former key"
        print(f"{former.booth_id}\t{encode_key(bytes(former.key))}\t{said}")
    return 0


def describe_report(received_at: "datetime", report: "BoothReport") -> str:
    """How a booth stood when it reported last, in half a line."""
    said = [f"{received_at.astimezone():%Y-%m-%d %H:%M}", report.version, report.doing]
    said += [f"fault: {', '.join(report.faults)}"] if report.faults else []
    said += [f"low: {', '.join(report.low)}"] if report.low else []
    for number, what in (
        (report.waiting, "waiting"),
        (report.refused, "refused"),
        (report.set_aside, "set aside"),
    ):
        said += [f"{number} {what}"] if number else []
    return "; ".join(said)


def accept_former_keys(arguments: argparse.Namespace) -> int:
    """Take photos that were signed with a booth's former keys."""
    from registrar.store import Store

    number = Store(arguments.data).booths.accept_former_keys(arguments.name)
    print(f"booth {arguments.name}: photos signed with its former keys are taken ({number})")
    return 0


def remove_booth(arguments: argparse.Namespace) -> int:
    """Serve a booth no more."""
    from registrar.store import Store

    Store(arguments.data).booths.remove(arguments.name)
    print(f"booth {arguments.name}: is served no more; its photos stay")
    return 0


def _booth_id(text: str) -> str:
    from protocol.wire import BOOTH_ID

    if not re.fullmatch(BOOTH_ID, text):
        raise argparse.ArgumentTypeError(
            f"{text!r}: a booth's name has 1 to 32 letters, digits, - and _"
        )
    return text


def _write_signing_key(path: Path) -> "SigningKey":
    """Make a signing key in a new file that only its owner reads."""
    from nacl.signing import SigningKey

    from durable import write_new
    from protocol.keys import encode_key

    signing_key = SigningKey.generate()
    try:
        write_new(path, encode_key(bytes(signing_key)).encode() + b"\n")
    except FileExistsError as error:
        raise UsageError(f"{path}: is there already; name another file") from error
    except OSError as error:
        raise StoreError(f"{path}: cannot be written ({error.strerror})") from error
    return signing_key

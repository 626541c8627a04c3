"""`kiosk provenance`: say what a photo's record says, or check it."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands import FAILED
from kiosk.commands.arguments import add_json
from kiosk.commands.output import print_json
from kiosk.errors import UsageError

if TYPE_CHECKING:
    from nacl.signing import VerifyKey

    from kiosk.config import Config, Loaded

HELP = "say what was done to a photo's capture, or check it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    kinds = parser.add_subparsers(required=True, metavar="show|verify", dest="what")
    show = kinds.add_parser("show", help="say what a record says; nothing is checked")
    show.add_argument("record", type=Path, metavar="RECORD.json")
    add_json(show)
    verify = kinds.add_parser("verify", help="check that a booth made a photo, and as recorded")
    verify.add_argument("photo", type=Path, metavar="PHOTO.jpg")
    verify.add_argument(
        "record",
        type=Path,
        nargs="?",
        metavar="RECORD.json",
        help="default: the photo's name, with .provenance.json for .jpg",
    )
    verify.add_argument(
        "--key",
        metavar="BASE64",
        help="the booth's public key, as registrar booth list prints it (default: this booth's)",
    )
    add_json(verify)


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Show or verify, as asked."""
    return _show(args) if args.what == "show" else _verify(args, loaded.config)


def _show(args: argparse.Namespace) -> int:
    from kiosk.pipeline.photo.provenance import describe_record, read_record

    record = read_record(args.record)
    if args.json:
        print_json(record.model_dump(mode="json"))
    else:
        rows = list(describe_record(record))
        wide = max(len(thing) for thing, _ in rows)
        for thing, words in rows:
            print(f"{thing:<{wide}}  {words}")
    return 0


def _verify(args: argparse.Namespace, config: "Config") -> int:
    from kiosk.pipeline.photo.provenance import check_record, read_photo, read_record, record_path

    path = args.record or record_path(args.photo)
    jpeg, record = read_photo(args.photo), read_record(path)
    reasons = check_record(record, jpeg, _booth_key(args.key, config))
    if args.json:
        print_json(
            {
                "file": str(args.photo),
                "record": str(path),
                "verdict": "fail" if reasons else "pass",
                "reasons": reasons,
            }
        )
    else:
        made = f"{record.booth_id} made it on {record.made_at.isoformat(' ', 'seconds')}"
        print(f"{args.photo}: {'; '.join(reasons) or f'the record holds: {made}'}")
    return FAILED if reasons else 0


def _booth_key(given: str | None, config: "Config") -> "VerifyKey":
    """The public key of the booth that is to have signed: the one given, else this booth's."""
    from kiosk.sync.keys import parse_booth_verify_key, read_signing_key

    if given is not None:
        try:
            return parse_booth_verify_key(given)
        except UsageError as error:
            raise UsageError(f"--key {error}") from error
    try:
        return read_signing_key(config.sync.signing_key_file).verify_key
    except UsageError as error:
        raise UsageError(f"{error}; or give the booth's public key: --key BASE64") from error

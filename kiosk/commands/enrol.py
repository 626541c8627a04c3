"""`kiosk enrol`: have the registrar serve this booth, by a one-time code from its page."""

import argparse
from typing import TYPE_CHECKING

from kiosk.commands import FAILED
from kiosk.commands.output import print_remark
from kiosk.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.config import Loaded, SyncSettings

HELP = "have the registrar serve this booth, by a one-time code from its page"

MORE = """\
Whoever looks after the registrar makes a code on its page of booths, good for a day, and tells it
to you. The booth makes its key, if it has none, and puts what it learns under [sync] into the
configuration. What stands there already stays, and it is told what to put in its place;
--replace puts it there. Cut off, it may be typed again with the same code."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = MORE
    parser.add_argument("url", metavar="URL", help="the registrar's, as https://photo.example.edu/")
    parser.add_argument("code", metavar="CODE", help="as XXXX-XXXX-XXXX-XXXX")
    parser.add_argument(
        "--replace", action="store_true", help="write over what stands under [sync] already"
    )


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Enrol, and write what was learnt, or print what to write."""
    from kiosk.config.edit import set_keys
    from kiosk.sync.enrolling import enrol
    from kiosk.sync.keys import make_signing_key, read_signing_key
    from protocol.keys import encode_key

    settings = loaded.config.sync
    path = settings.signing_key_file
    key = read_signing_key(path) if path.exists() else make_signing_key(path)
    _hand_key_over(settings)
    answer = enrol(args.url, args.code, key)
    learnt = {
        "registrar": args.url,
        "booth_id": answer.booth_id,
        "registrar_public_key": encode_key(answer.registrar_public_key),
        "registrar_verify_key": encode_key(answer.registrar_verify_key),
    }
    print_remark(f"kiosk: the registrar serves this booth as {answer.booth_id}")
    now = {key: str(getattr(settings, key)) for key in learnt}
    now["registrar"], learnt["registrar"] = _url(now["registrar"]), _url(args.url)
    new = {key: value for key, value in learnt.items() if now[key] != value}
    written = [key for key in new if ("sync", key) in loaded.lines]
    if written and not args.replace:
        places = ", ".join(f"{key} (line {loaded.lines['sync', key]})" for key in written)
        print_remark(f"kiosk: {loaded.file}: has another {places} already, and stays as it is")
        return _print(learnt, "or type this again with --replace; then")
    try:
        file = set_keys(loaded, "sync", {key: f'"{value}"' for key, value in new.items()})
    except UsageError as error:
        print_remark(f"kiosk: {error}")
        return _print(learnt, "and then")
    print_remark(
        f"kiosk: written into {file}; sudo systemctl restart kiosk kiosk-resolver takes it"
    )
    return 0


def _hand_key_over(settings: "SyncSettings") -> None:
    """What root has made is the booth's user's, whose the state folder is."""
    import durable

    if settings.outbox.parent.is_dir():
        durable.hand_over(settings.signing_key_file, settings.outbox.parent)


def _url(text: str) -> str:
    return text.rstrip("/") + "/"


def _print(learnt: "Mapping[str, str]", way_out: str) -> int:
    print("[sync]")
    for key, value in learnt.items():
        print(f'{key} = "{value}"')
    print_remark(f"kiosk: put these lines there, {way_out}, sudo systemctl restart kiosk")
    return FAILED

"""`kiosk maintenance`: take the booth out of service once nobody is served, or put it back."""

import argparse
import os
import pwd
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, sleep
from typing import TYPE_CHECKING

from kiosk.commands import FAILED
from kiosk.commands.output import print_remark
from kiosk.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from kiosk.config import Loaded
    from kiosk.health import Site

HELP = "take the booth out of service once nobody is served (on), or put it back (off)"

MORE = """\
`on` lets the student at hand finish, and waits for it; then the screen says that the booth is being
looked after. It stays so over a restart, until `off`, or until it is ended in the staff's menu on
the screen. `status` (or nothing) says how it stands: it ends with 1 while it is on."""

LOOK_AGAIN = 0.5
"""Seconds between two looks at what the booth tells."""

MOST_SECONDS_TO_HEAR = 15.0
"""Seconds within which a booth that runs has noticed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = MORE
    parser.add_argument("what", nargs="?", choices=("on", "off", "status"), default="status")
    parser.add_argument("--why", metavar="TEXT", default="", help="is told by kiosk status")
    parser.add_argument(
        "--no-wait", action="store_true", help="do not wait until nobody is served any more"
    )


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Write or remove the file by which the booth knows, and wait until it has heeded it."""
    from kiosk.health import look_around
    from kiosk.upkeep import maintenance

    config = loaded.config
    path = maintenance.maintenance_path(config.sync.outbox)
    try:
        if args.what == "status":
            return _say_how_it_stands(path)
        if args.what == "on":
            maintenance.begin(path, _typist(), args.why)
        else:
            maintenance.end(path)
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be changed ({error.strerror}); kiosk doctor tells of disk and owners"
        ) from error
    on: bool = args.what == "on"

    def look() -> "Site":
        return look_around(config, thorough=False)

    if look().life in (None, "gone"):
        when = "will be out of service when it is started" if on else "is not in maintenance"
        print_remark(f"kiosk: the booth does not run; it {when}")
        return 0
    if args.no_wait:
        return 0
    return _wait_until_drained(look) if on else _wait_until_back(look)


def _say_how_it_stands(path: "Path") -> int:
    from kiosk.upkeep.maintenance import read_maintenance

    begun = read_maintenance(path)
    if begun is None:
        print("off: the booth is in service, unless a fault stops it (kiosk status)")
        return 0
    since = "" if begun.since is None else f" since {begun.since.astimezone():%Y-%m-%d %H:%M}"
    by, why = f", by {begun.by}" if begun.by else "", f": {begun.why}" if begun.why else ""
    print(f"on{since}{by}{why}")
    return FAILED


def _wait_until_drained(look: Callable[[], "Site"]) -> int:
    """Wait for as long as the student takes: each stage of a visit has its bound."""
    said = ""
    while True:
        site = look()
        told = site.running
        if told is None:
            print_remark("kiosk: the booth does not answer any more: kiosk status")
            return FAILED
        if told.drained:
            print_remark("kiosk: nobody is served; the booth is out of service. To end it:")
            print_remark("kiosk:   kiosk maintenance off")
            return 0
        if told.doing == "serves" and said != told.stage:
            said = told.stage
            print_remark(f"kiosk: waits for the student at hand ({said.replace('_', ' ')})")
        sleep(LOOK_AGAIN)


def _wait_until_back(look: Callable[[], "Site"]) -> int:
    until = monotonic() + MOST_SECONDS_TO_HEAR
    while monotonic() < until:
        told = look().running
        if told is not None and not told.maintenance:
            if told.stopped_by is not None:
                print_remark(f"kiosk: out of maintenance, but not in service: {told.stopped_by}")
                print_remark("kiosk:   kiosk status")
                return FAILED
            print_remark("kiosk: the booth is in service again")
            return 0
        sleep(LOOK_AGAIN)
    print_remark("kiosk: the booth does not answer: kiosk status")
    return FAILED


def _typist() -> str:
    """Who types this, also by sudo."""
    if name := os.environ.get("SUDO_USER"):
        return name
    with suppress(KeyError):
        return pwd.getpwuid(os.getuid()).pw_name
    return str(os.getuid())

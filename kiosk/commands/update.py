"""`kiosk update`: take another release; the one before comes back where it does not serve."""

import argparse
import os
import signal
from typing import TYPE_CHECKING, NoReturn

from kiosk.commands import FAILED
from kiosk.commands.output import print_remark, print_table
from kiosk.errors import UsageError

if TYPE_CHECKING:
    from kiosk.config import Loaded
    from kiosk.release.installed import Installed, Places
    from kiosk.release.offer import Offer
    from kiosk.release.worksite import Worksite

HELP = "take another release, or go back to the one before"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--from", dest="source", metavar="FOLDER|URL", help="where releases lie")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--to", metavar="VERSION", help="this one, be it older or given up before")
    what.add_argument(
        "--check", action="store_true", help="only say whether there is a newer one (status 1)"
    )
    what.add_argument("--rollback", action="store_true", help="take the one before back")
    what.add_argument("--list", action="store_true", help="name the releases that are here")


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Choose, bring, try, and say how it went; fails where the booth is as before."""
    from kiosk.release.installed import Places, read_installed

    places = Places()
    if args.list:
        return print_releases(read_installed(places.root))
    if args.check:
        return check(args.source or loaded.config.update.source, places)
    if os.geteuid() != 0:
        raise UsageError("only root may change what is installed: sudo kiosk update")
    for ending in (signal.SIGHUP, signal.SIGTERM):  # the line broke: put away what is begun
        signal.signal(ending, interrupt)
    site = open_worksite(places, loaded)
    if args.rollback:
        return roll_back(site)
    return update(site, args.source or loaded.config.update.source, args.to)


def update(site: "Worksite", address: str, wanted: str | None) -> int:
    """Take a release from a source into force."""
    from kiosk.release.installed import read_installed
    from kiosk.release.obtain import obtain
    from kiosk.release.offer import choose, look
    from kiosk.release.signed import read_release_keys
    from kiosk.release.source import open_source
    from kiosk.release.worksite import locked, require_current

    keys = read_release_keys(site.places.keys)
    source = open_source(address)
    with locked(site.places):
        installed = read_installed(site.places.root)
        current = require_current(installed)
        offer = look(source, keys, site.places)
        version = choose(offer, installed, current, wanted)
        if version is None:
            print(f"{current} is in force; {said_of(offer)}")
            return 0
        obtain(site, source, offer, keys, version)
        return take(site, version, current)


def roll_back(site: "Worksite") -> int:
    """Take the release before into force, which is still here."""
    from kiosk.release.installed import read_installed
    from kiosk.release.worksite import locked, require_current

    with locked(site.places):
        installed = read_installed(site.places.root)
        current = require_current(installed)
        if installed.previous is None or installed.previous not in installed.releases:
            raise UsageError(
                "there is no release before: take one by name, kiosk update --to VERSION"
            )
        return take(site, installed.previous, current)


def take(site: "Worksite", version: str, current: str) -> int:
    """Take a release that is here into force."""
    from kiosk.release.errors import ReleaseError
    from kiosk.release.try_out import examine, try_out

    if not site.machine.has_booth():
        raise UsageError("this machine has no kiosk.service: run the new release's install.sh")
    examine(site, version, current)
    try_out(site, version, current)
    print(f"{version} is in force; back to {current}: sudo kiosk update --rollback")
    try:
        site.machine.refresh(site.places.release(version))
    except ReleaseError as error:
        print_remark(f"kiosk: the units and scripts outside the releases are as before: {error}")
        return FAILED
    return 0


def check(address: str, places: "Places") -> int:
    """Say whether the source has a release that is newer."""
    from kiosk.release.installed import read_installed
    from kiosk.release.manifest import parse_version
    from kiosk.release.offer import look
    from kiosk.release.signed import read_release_keys
    from kiosk.release.source import open_source

    offer = look(open_source(address), read_release_keys(places.keys), places)
    current = read_installed(places.root).current
    print(f"{current or 'none'} is in force; {said_of(offer)}")
    newer = current is None or parse_version(offer.newest) > parse_version(current)
    return FAILED if newer else 0


def print_releases(installed: "Installed") -> int:
    """Name the releases on this machine, and what each is."""
    rows = []
    for version in installed.releases:
        trial, failed = installed.trial, installed.failed
        told = []
        if version == installed.current:
            told.append("in force")
        if version == installed.previous:
            told.append("the one before")
        if trial and trial.version == version:
            told.append(f"on trial, {trial.tries} starts begun")
        if failed and failed.version == version:
            told.append(f"given up at {failed.at}: {failed.reason}")
        rows.append((version, ", ".join(told)))
    print_table(("release", ""), rows)
    return 0


def said_of(offer: "Offer") -> str:
    """What the source has, and since when nothing else was published."""
    from datetime import UTC, datetime

    from kiosk.release.offer import describe_age

    age = describe_age(offer.index, datetime.now(UTC))
    return f"the newest there is {offer.newest}, as published {age}"


def open_worksite(places: "Places", loaded: "Loaded") -> "Worksite":
    """This machine, with its configured booth."""
    from pathlib import Path

    from kiosk.release.errors import ReleaseError
    from kiosk.release.machine import DebianMachine, is_forgetful
    from kiosk.release.worksite import Worksite
    from kiosk.upkeep.maintenance import maintenance_path
    from kiosk.upkeep.told_state import DEFAULT_PLACE

    if is_forgetful(places.root, Path("/proc/mounts").read_text()):
        raise ReleaseError(
            f"{places.root}: the root is read-only: make it writable, update, and turn it back:"
            f" sudo {places.current}/install.sh --writable && sudo reboot; sudo kiosk update;"
            f" sudo {places.current}/install.sh --read-only && sudo reboot"
        )
    return Worksite(
        machine=DebianMachine(),
        places=places,
        maintenance=maintenance_path(loaded.config.sync.outbox),
        told_state=DEFAULT_PLACE,
        say=print_remark,
    )


def interrupt(_number: int, _frame: object) -> NoReturn:
    """End as after Ctrl-C."""
    raise KeyboardInterrupt

"""`kiosk clock`: say what speaks for the booth's clock; by staff's word, that it is right."""

import argparse
from typing import TYPE_CHECKING

from kiosk.commands import FAILED
from kiosk.commands.output import print_remark
from kiosk.errors import UsageError

if TYPE_CHECKING:
    from kiosk.config import Loaded
    from kiosk.sync.clock import Now, ToldTime

HELP = "say what speaks for the booth's clock, or that it is right (confirm)"

MORE = """\
`confirm` is for a booth that reaches neither its registrar nor network time: look at a watch, set
the clock (sudo timedatectl set-time 'YYYY-MM-DD HH:MM:SS'), and confirm it. That holds until the
machine starts anew, or the registrar is heard again; the booth notes it in its log. Without it the
command says how the clock stands: it ends with 1 while no photo can be taken for it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = MORE
    parser.add_argument("what", nargs="?", choices=("status", "confirm"), default="status")


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Note staff's word, and print how the clock stands."""
    from kiosk.sync.clock import keep_staffs_word, read_clocks, read_staffs_word, read_told_time

    roster, now = loaded.config.sync.roster, read_clocks()
    if args.what == "confirm":
        try:
            keep_staffs_word(roster, now)
        except OSError as error:
            raise UsageError(
                f"{roster}: your word cannot be kept beside it ({error.strerror}); kiosk doctor"
                " tells of disk and owners"
            ) from error
    return _say_how_it_stands(now, read_told_time(roster), read_staffs_word(roster))


def _say_how_it_stands(now: "Now", told: "ToldTime | None", word: "ToldTime | None") -> int:
    from datetime import datetime

    from kiosk.sync.clock import describe_span, find_clock_fault
    from protocol.schedule import SHANGHAI

    if (wrong := find_clock_fault(now, told, None, word=word)) is not None:
        print_remark(f"kiosk: {wrong}")
        return FAILED
    print(f"{datetime.fromtimestamp(now.wall, SHANGHAI):%Y-%m-%d %H:%M:%S} in China")
    for whose, heard in (("the registrar's time", told), ("staff's word", word)):
        if heard is not None and heard.boot == now.boot:
            print(f"{whose}: heard {describe_span(now.since_boot - heard.since_boot)} ago")
    if now.witness != "unknown":
        print(f"this machine: {now.witness} vouches for it")
    return 0

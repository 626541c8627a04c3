"""`kiosk calibrate`: set camera and lamps by a grey card, step by step, on the booth itself."""

import argparse
import select
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from kiosk.commands import FAILED
from kiosk.commands.arguments import add_json
from kiosk.commands.output import print_findings, print_json, print_remark
from kiosk.errors import KioskError, UsageError

if TYPE_CHECKING:
    from kiosk.config import Loaded
    from kiosk.health import Finding
    from kiosk.health.calibrate import Round
    from kiosk.health.calibrating import Calibrating
    from kiosk.upkeep.calibration import Calibration

HELP = "set camera and lamps by a grey card, step by step, and keep what was measured"

MORE = """\
The booth must not run:

  sudo kiosk maintenance on && sudo systemctl stop kiosk
  sudo kiosk calibrate --write
  sudo systemctl start kiosk && sudo kiosk maintenance off

lamps   each lamp up its steps: what it gives on card and backdrop, its curve, its lag, bands
colour  exposure, gain and colour gains; with --chart the colours of a chart of 24 patches
plate   whether the plate of the empty booth can be taken
all     all of these, and the focus

You need a grey card (18 %) on a stand, for `all` a printed page, and the booth empty. Calibrate
after the camera, the lens or a lamp was exchanged, and once a year. What was measured is kept
beside the outbox (calibration.json): the booth lights by it from its next start, and kiosk doctor
compares the lamps with it. Ctrl-C leaves the lamps dark, and all as it was. Exit status: 0 where
every step ends well, 1 where one fails, 2 for wrong use."""

READY = "then press Enter"

PROMPTS: Mapping[str, str] = {
    "nothing": "Leave the place before the camera empty, and the curtain shut as for a visit",
    "card": "Put the grey card where the eyes will be, square to the lens, and step aside",
    "chart": "Put the chart of 24 patches there, dark skin at the upper left, and step aside",
    "page": "Put a printed page where the eyes will be, and focus on it",
}

STOPPING = frozenset({"camera", "lamps", "card", "exposure", "colours", "response"})
"""What must end well before anything else can be told."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = MORE
    add_json(parser)
    parser.add_argument(
        "target",
        nargs="?",
        choices=("lamps", "colour", "plate", "all"),
        default="all",
        help="what to calibrate (default: all)",
    )
    parser.add_argument("--chart", action="store_true", help="look at a chart of 24 patches, too")
    parser.add_argument(
        "--auto", action="store_true", help="ask nothing: the grey card stands there already"
    )
    parser.add_argument(
        "--write", action="store_true", help="write what was found into the configuration's file"
    )
    parser.add_argument(
        "--even-if-worse", action="store_true", help="keep it even if the last one was better"
    )


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Do the steps, print what to write into the configuration, and keep what was measured."""
    from kiosk.health import look_around
    from kiosk.health.calibrate import CHART, COURSES
    from kiosk.health.calibrating import begin
    from kiosk.upkeep.calibration import calibration_path, read_calibration, write_calibration

    if not (args.auto or sys.stdin.isatty()):
        raise UsageError(
            "calibrate asks for the card to be put up: run it in a terminal, or --auto"
        )
    path = calibration_path(loaded.config.sync.outbox)
    try:
        last = read_calibration(path)
    except KioskError as error:
        print_remark(f"kiosk: {error}")
        last = None
    course = (*COURSES[args.target], *((CHART,) if args.chart else ()))
    site = look_around(loaded.config, thorough=True)
    findings: list[Finding] = []
    with begin(site, last) as calibrating:
        for found in _do_rounds(calibrating, course, auto=args.auto):
            findings.append(found)
            if args.json:
                print_json(found.as_json())
            else:
                print_findings([found], spare_parts=True)
        result = calibrating.result()
    if _stops(findings):
        print_remark("kiosk: nothing is kept or written; mend this, and calibrate again")
        return FAILED
    if last is not None and not may_replace(last, result, args):
        return FAILED
    write_calibration(path, result)
    print_remark(f"kiosk: kept in {path}; the booth lights by it from its next start")
    if not result.lamps:
        print_remark("kiosk: the lamps were not measured so; next: kiosk calibrate lamps")
    if args.target in ("colour", "all"):
        _tell_settings(loaded, result, write=args.write)
    return FAILED if any(found.verdict == "fail" for found in findings) else 0


def may_replace(last: "Calibration", result: "Calibration", args: argparse.Namespace) -> bool:
    """Whether the last calibration goes; one that was better only if somebody says so."""
    worse = result.find_worse(last)
    if not worse:
        return True
    print_remark(f"kiosk: this calibration is worse than that of {last.at:%Y-%m-%d}: {worse}")
    if args.even_if_worse:
        return True
    if not args.auto:
        with suppress(EOFError):
            return input("Keep it all the same? [y/N] ").strip().lower() in ("y", "yes")
    print_remark("kiosk: the last one stays; calibrate again, or --even-if-worse")
    return False


def _do_rounds(
    calibrating: "Calibrating", course: "Sequence[Round]", *, auto: bool
) -> "Iterator[Finding]":
    from kiosk.health.calibrate_colour import sharpness

    for number, (before, steps) in enumerate(course):
        if auto and calibrating.site.twin is None and before != "card" and number > 0:
            print_remark(f"kiosk: left out, since nobody is asked: {PROMPTS[before].lower()}")
            continue
        if not auto:
            if before == "page":
                calibrating.light_for_visit()
                _show_until_enter(PROMPTS[before], lambda: sharpness(calibrating))
            else:
                _ask(PROMPTS[before])
        _put_up(calibrating, before)
        for step in steps:
            for found in step(calibrating):
                yield found
                if _stops([found]):
                    return


def _put_up(calibrating: "Calibrating", before: str) -> None:
    """On the twin nobody else puts cards up. A page it has none: the card serves."""
    from kiosk.twin.wires import Card

    twin = calibrating.site.twin
    if twin is not None:
        cards = {"nothing": Card.NONE, "chart": Card.CHART}
        twin.wires.card = cards.get(before, Card.GREY)


def _stops(findings: "Sequence[Finding]") -> bool:
    return any(found.verdict == "fail" and found.check in STOPPING for found in findings)


def _ask(prompt: str) -> None:
    try:
        input(f"\n{prompt}; {READY}. ")
    except EOFError:
        raise UsageError("nobody pressed Enter; the booth is as it was") from None


def _show_until_enter(prompt: str, sharpness: Callable[[], float]) -> None:
    """Show how sharp the picture is, again and again, with the best so far."""
    print(f"\n{prompt}: turn the ring for the largest number; {READY}.")
    best = 0.0
    while not select.select([sys.stdin], [], [], 0)[0]:
        now = sharpness()
        best = max(best, now)
        print(f"\r  sharpness {now:.3f}, the best was {best:.3f} ", end="", flush=True)
    sys.stdin.readline()
    print()


def _tell_settings(loaded: "Loaded", result: "Calibration", *, write: bool) -> None:
    """Print the lines of the configuration that follow, or write them."""
    from kiosk.config.edit import set_keys

    red, blue = result.colour_gains
    values = {
        "exposure_time": f"{result.exposure_time:_}",
        "analogue_gain": f"{result.analogue_gain}",
        "colour_gains": f"[{red}, {blue}]",
    }
    if write:
        path = set_keys(loaded, "camera", values)
        print_remark(f"kiosk: written into {path}; sudo systemctl restart kiosk takes it")
        return
    print("[camera]")
    for key, value in values.items():
        print(f"{key} = {value}")
    print_remark(
        "kiosk: these lines belong into the configuration; with --write they are put there"
    )

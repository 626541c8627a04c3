"""`kiosk bench`: measure speed and quality against a peer in the same run."""

import argparse
from typing import TYPE_CHECKING

from kiosk.commands import FAILED
from kiosk.commands.arguments import add_json, one_of
from kiosk.commands.output import outcome, print_json, print_remark, print_table
from kiosk.errors import KioskError, UsageError

if TYPE_CHECKING:
    from kiosk.config import Loaded
    from kiosk.evaluation.rows import Row

HELP = "measure speed and quality against a peer in the same run"

ALL = "all"
"""The name that stands for every bench, one after another."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("bench", type=bench_name, metavar="X")
    parser.add_argument("--quick", action="store_true", help="a smaller sample")
    parser.add_argument(
        "--visits", type=_visits, metavar="N", help="soak: how many students to send"
    )
    parser.add_argument(
        "--seeds", type=_seeds, metavar="N", help="visits: how often each is played, 1 to 100"
    )
    parser.add_argument("--people", nargs="+", metavar="NAME", help="visits: whom to play")
    parser.add_argument("--temperaments", nargs="+", metavar="NAME", help="visits: how they are")
    parser.add_argument(
        "--peers", action="store_true", default=None, help="matting: others' too (make peers)"
    )
    add_json(parser)


def _seeds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 100):
        raise argparse.ArgumentTypeError(f"{text} is no number from 1 to 100")
    return int(text)


def _visits(text: str) -> int:
    from kiosk.evaluation import LEAST_VISITS

    if not (text.isascii() and text.isdigit() and LEAST_VISITS <= int(text[:7]) <= 100_000):
        raise argparse.ArgumentTypeError(f"{text} is no number from {LEAST_VISITS} to 100000")
    return int(text)


def bench_name(text: str) -> str:
    """The name of a bench, or ALL."""
    from kiosk.evaluation import BENCHES

    return one_of(text, (*BENCHES, ALL))


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Run one bench or all, and tell their rows; fails where one misses its goal or cannot run."""
    from kiosk import evaluation

    for option, bench in evaluation.OPTIONS.items():
        if getattr(args, option) is not None and args.bench != bench:
            raise UsageError(f"--{option}: only {bench} takes it; leave it out")
    if args.bench != ALL:
        return _measure(args.bench, args, loaded)
    status = 0
    for bench in evaluation.BENCHES:
        if not args.json:
            print(f"{bench}:")
        try:
            status = max(status, _measure(bench, args, loaded))
        except KioskError as error:
            print_remark(f"kiosk: {bench}: {error}")
            status = FAILED
    return status


def _measure(bench: str, args: argparse.Namespace, loaded: "Loaded") -> int:
    from kiosk import evaluation

    given = ((option, getattr(args, option)) for option in evaluation.OPTIONS)
    more = {option: value for option, value in given if value is not None}
    rows = list(evaluation.run(bench, loaded.config, quick=args.quick, **more))
    if args.json:
        for row in rows:
            print_json(row.as_json())
    else:
        _print_for_people(rows)
        if args.quick:
            print("a quick sample: figures are rougher than without --quick")
    return FAILED if any(row.ok is False for row in rows) else 0


def _print_for_people(rows: "list[Row]") -> None:
    print_table(
        ("row", "value", "unit", "goal", "baseline", ""),
        (
            (
                row.row,
                f"{row.value:.3g}",
                row.unit,
                "" if row.goal is None else f"{row.goal:g}",
                "" if row.baseline is None else f"{row.baseline:.3g}",
                "" if row.ok is None else outcome(row.ok),
            )
            for row in rows
        ),
    )

"""`kiosk bench`: measure speed and quality against a peer in the same run."""

import argparse
from typing import TYPE_CHECKING

from kiosk.commands import FAILED
from kiosk.commands.arguments import add_json, one_of
from kiosk.commands.output import outcome, print_json, print_table

if TYPE_CHECKING:
    from kiosk.config import Loaded

HELP = "measure speed against a peer in the same run"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("bench", type=_bench_name, metavar="X")
    parser.add_argument("--quick", action="store_true", help="a smaller sample")
    add_json(parser)


def _bench_name(text: str) -> str:
    from kiosk.evaluation import BENCHES

    return one_of(text, BENCHES)


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Run one bench and tell its rows; fails where one misses its goal."""
    from kiosk import evaluation

    rows = list(evaluation.run(args.bench, loaded.config, quick=args.quick))
    if args.json:
        for row in rows:
            print_json(row.as_json())
    else:
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
        if args.quick:
            print("a quick sample: figures are rougher than without --quick")
    return FAILED if any(row.ok is False for row in rows) else 0

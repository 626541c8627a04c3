"""`kiosk wiring`: what hangs on which pin, as a table or a drawing, from the configuration."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands.arguments import add_json
from kiosk.commands.output import print_json, print_table
from kiosk.commands.pictures import write_drawing

if TYPE_CHECKING:
    from kiosk.config import Loaded

HELP = "say which pin goes where, or draw the wiring, from the configuration"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--out", type=Path, metavar="FILE.svg", help="draw it to this file")
    add_json(parser)


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Print every connection of the header; or draw the whole wiring."""
    from kiosk.drawing.wiring import connections

    if args.out is not None:
        from kiosk.drawing.wiring_drawing import draw_wiring

        return write_drawing(args.out, draw_wiring(loaded.config).to_svg("Wiring of the booth"))
    found = connections(loaded.config)
    if args.json:
        for one in found:
            row = {"part": one.part, "gpio": one.gpio, "pin": one.pin, "ground": one.ground}
            print_json(row)
    else:
        rows = (
            (c.part, c.gpio, str(c.pin), "" if c.ground is None else str(c.ground)) for c in found
        )
        print_table(("part", "GPIO (BCM)", "pin of the header", "its ground"), rows)
    return 0

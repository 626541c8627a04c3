"""`kiosk plan`: where everything stands, drawn to scale, with the configured screen."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands.pictures import write_drawing

if TYPE_CHECKING:
    from kiosk.config import Loaded

HELP = "draw to scale where lens, screen, reader, keys and lamps stand"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--out", type=Path, metavar="FILE.svg", required=True, help="to this file")


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Draw it."""
    from kiosk.drawing.plan import draw_plan

    return write_drawing(args.out, draw_plan(loaded.config).to_svg("Where things stand"))

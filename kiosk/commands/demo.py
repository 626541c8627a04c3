"""`kiosk demo`: one whole visit on the twin."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands.network import leave_network

if TYPE_CHECKING:
    from kiosk.config import Loaded

HELP = "run one whole visit on the twin, and leave its traces in DIR"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--headless", action="store_true", help="without a window")
    parser.add_argument("--out", type=Path, default=Path("demo"), metavar="DIR")
    parser.add_argument("--subject", default="lin", metavar="NAME|PHOTO.jpg")
    parser.add_argument("--seed", type=int, default=1)
    behaviour = parser.add_mutually_exclusive_group()
    behaviour.add_argument("--temperament", metavar="NAME", help="how the student is")
    behaviour.add_argument("--script", type=Path, metavar="FILE", help="what the student does")


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Run the visit, and say how it ended."""
    from kiosk.demo.visit_demo import Demo

    behaviour = args.script or args.temperament
    if args.headless:
        os.environ["SDL_VIDEODRIVER"] = "dummy"
    demo = Demo(args.out, loaded.config, args.subject, args.seed, behaviour, headless=args.headless)
    return demo.run(lambda: leave_network(args))

"""`kiosk lamps off`: put every lamp out, whatever lit it."""

import argparse
from typing import TYPE_CHECKING

from kiosk.commands import FAILED

if TYPE_CHECKING:
    from kiosk.config import Loaded

HELP = "put the lamps out, where a booth that ended left them lit"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("level", choices=("off",), help="what to set them to")


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Claim the lamps, which makes them dark, and let them go, which leaves them so.

    The unit does this after the booth, however it ended: hardware PWM and a PCA9685 keep their
    level when the process that set it is killed.
    """
    if loaded.config.camera.kind == "twin":
        return 0  # simulated lamps are lit by nobody but their booth

    from kiosk.lighting.lamps import Lamps

    with Lamps.open(loaded.config.lamps) as lamps:
        return FAILED if lamps.missing else 0

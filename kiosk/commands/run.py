"""`kiosk run`: serve students."""

import argparse
import signal
import sys
from typing import TYPE_CHECKING

from kiosk.commands import RESTART
from kiosk.commands.network import leave_network
from kiosk.errors import UsageError

if TYPE_CHECKING:
    from kiosk.config import Loaded

HELP = "serve students, on the camera that is configured"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--twin", action="store_true", help="in a simulated booth; play the student with the mouse"
    )
    parser.add_argument("--subject", metavar="NAME|PHOTO.jpg", help="who stands in the twin")


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Serve until stopped."""
    from uuid import uuid4

    from kiosk.booth.assembly import Simulation, open_parts
    from kiosk.booth.loop import Booth
    from kiosk.booth.registrar_link import open_link
    from kiosk.sync.configuration import with_configuration
    from kiosk.twin import Posture, Twin

    config = with_configuration(loaded).config
    # systemd stops a unit with SIGTERM: the lamps shall go out, and the camera be let go of.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if args.subject is not None and not args.twin:
        raise UsageError("--subject is who stands in the twin: add --twin")
    if args.twin:
        from kiosk.demo.play import play

        return play(config, args.subject or "lin", lambda: leave_network(args))
    leave_network(args)
    link = open_link(config, uuid4)
    twin = None
    if config.camera.kind == "twin":
        twin = Twin("lin", config.lamps.pins, seed=0)
        twin.wires.posture = Posture()
    with open_parts(config, link, Simulation(twin=twin)) as parts:
        booth = Booth(parts)
        booth.run()
    return RESTART if booth.restarts else 0

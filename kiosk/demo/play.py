"""The twin played by hand: a booth in a window, and buttons for what the student does."""

from collections.abc import Callable
from contextlib import ExitStack
from uuid import uuid4

from kiosk.booth.assembly import Simulation, open_parts
from kiosk.booth.loop import Booth
from kiosk.booth.registrar_link import open_link
from kiosk.config import Config
from kiosk.demo.subject import subject_source
from kiosk.demo.town import TownProcess
from kiosk.files import private_folder
from kiosk.twin import Twin, played

PLAYED_SIZE = (594, 1056)
"""The booth's screen in a window on a desk."""


def play(config: Config, subject: str, leave_network: Callable[[], None]) -> int:
    """Open a booth on the twin whose student is played with the mouse, until it is closed.

    Its registrar and its one student's record last as long as it does. Raises UsageError.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(private_folder())
        town = stack.enter_context(TownProcess(folder, config, headless=False))
        town.deliver()  # the roster
        leave_network()
        screen = town.config.display.model_copy(update={"fullscreen": False, "size": PLAYED_SIZE})
        config = town.config.model_copy(update={"display": screen})
        twin = Twin(subject_source(subject, folder, config), config.lamps.pins, seed=0)
        poses = twin.wires.poses
        strip = played.make_strip(poses)
        actor = played.PlayedActor(twin.student(town.capture_code, played.PLAYED), strip, poses)
        simulation = Simulation(twin, actor, strip=strip)
        with open_parts(config, open_link(config, uuid4), simulation) as parts:
            Booth(parts).run()
        town.deliver()
        held = town.held()
        print(
            "No photo was approved."
            if held is None
            else f"The registrar held the photo ({len(held[1]):,} bytes); it went with the window."
        )
    return 0

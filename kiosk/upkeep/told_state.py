"""What the running booth tells of itself, in a file that `kiosk status` reads: no names, no pixels.

Times are seconds since the machine's start: nobody sets that clock, and the file's folder is
emptied as the machine starts.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from json import dumps
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

import durable

FILE = "state.json"

DEFAULT_PLACE = Path("/run/kiosk") / FILE
"""Where the booth's unit tells its state."""

TELL_EVERY = 3.0
"""Seconds after which it is told anew, whether something has changed or not."""

STALE = 15.0
"""Seconds after which a state that was not told anew is a stuck booth's: a picture of the screen
takes 33 ms, and the slowest thing that the loop itself does is to open the window."""

READABLE = 0o644
"""Whoever logs in may ask how the booth is."""

Life = Literal["running", "stuck", "gone"]
"""Of the process that told: it tells on; it lives and tells no more; it has ended."""


@dataclass(frozen=True, slots=True)
class ToldState:
    """The booth at one moment."""

    version: str
    """The kiosk's."""
    pid: int
    started: float
    at: float
    """When this was told."""
    since: float
    """Since when it does what it is `doing`."""
    stage: str
    """The visit's."""
    stopped_by: str | None = None
    """The fault that the screen shows instead of the stage's own screen."""
    at_rest: bool = True
    """Whether nobody is served, and nothing is left to be done for whoever was."""
    maintenance: bool = False
    faults: tuple[str, ...] = ()
    """Every fault by its name, whether it stops the booth or not."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why a fault is there, in words for staff, where its part says so; by the fault's name."""
    lamps: Mapping[str, float] = field(default_factory=dict)
    """The level of each lamp that is there, 0 to 1."""
    lamps_missing: tuple[str, ...] = ()
    lamps_held_back: str = ""
    """Why the lamps are held below their limits, in words for staff."""
    lamps_do: str = "rest"
    """What the lamps do: kiosk.booth.lamp_phases' Phase."""
    light_notices: tuple[str, ...] = ()
    """What following faces has shown of the lamps: `swapped`, `weak key_left`."""
    day: str = ""
    """The local date that is counted, as 2026-06-01."""
    visits_today: int = 0
    photos_today: int = 0
    reflections_today: Mapping[str, int] = field(default_factory=dict)
    """How many people mirrored what: `lens key_left`, `skin fill`, `lens room_left`."""

    @property
    def doing(self) -> Literal["waits", "serves", "stopped", "maintenance"]:
        """What it does, as staff ask it."""
        if self.stage != "idle":
            return "serves"
        if self.maintenance:
            return "maintenance"
        return "waits" if self.stopped_by is None else "stopped"

    @property
    def drained(self) -> bool:
        """Whether it is out of service for maintenance, and nobody is served any more."""
        return self.doing == "maintenance" and self.at_rest


def since_boot() -> float:
    """Seconds since the machine was started, asleep or awake."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def place_to_tell(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Where this process tells its state: the folder that systemd made for it, if it did."""
    folder = environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    return Path(folder) / FILE if folder else None


def place_to_ask(environ: Mapping[str, str] = os.environ) -> Path:
    """Where a booth's state is found by who asks."""
    return place_to_tell(environ) or DEFAULT_PLACE


def tell_state(path: Path, state: ToldState) -> None:
    """Write the state, in the place of the one before; raises OSError."""
    durable.write_whole(path, dumps(asdict(state), ensure_ascii=False).encode(), READABLE)


def read_told_state(path: Path) -> ToldState | None:
    """Read what was told last; None where nothing was, or it cannot be read."""
    try:
        return _STATE.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


_STATE = TypeAdapter(ToldState)


def find_life(state: ToldState, now: float, proc: Path = Path("/proc")) -> Life:
    """Whether the booth that told lives, and tells on; `now` is in seconds since the start."""
    if not (proc / str(state.pid)).exists():
        return "gone"
    # A state from the future is one of before the machine was started.
    return "running" if -1.0 <= now - state.at <= STALE else "stuck"

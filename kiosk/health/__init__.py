"""What `kiosk doctor` and `kiosk status` look at: each check is one function of a module here.

To add one: a function under `@check` in the module that it belongs to, and its name below.
"""

from kiosk.health.board import door
from kiosk.health.calibration import calibration
from kiosk.health.devices import loudspeaker, reader, screen
from kiosk.health.exchange import (
    clock,
    configuration,
    keys,
    outbox,
    owners,
    registrar,
    roster,
    sync,
)
from kiosk.health.finding import Check, Finding, Verdict, check, find
from kiosk.health.machine import disk, heat, power, release, services, stock, time_sync
from kiosk.health.sight import camera
from kiosk.health.site import Site, look_around
from kiosk.health.software import fonts, models, screens, voice
from kiosk.health.told import booth, light, reflections, today

__all__ = [
    "NETWORKED",
    "STATUS",
    "THOROUGH",
    "Check",
    "Finding",
    "Site",
    "Verdict",
    "check",
    "find",
    "look_around",
]

STATUS: tuple[Check, ...] = (
    booth,
    today,
    camera,
    light,
    reflections,
    calibration,
    reader,
    door,
    outbox,
    sync,
    roster,
    configuration,
    clock,
    keys,
    disk,
    heat,
    power,
    models,
    stock,
    owners,
    release,
)
"""What `status` tells: each asks nobody, opens no device and reads no large file."""

THOROUGH: tuple[Check, ...] = (
    booth,
    camera,
    light,
    reflections,
    calibration,
    reader,
    door,
    screen,
    screens,
    loudspeaker,
    voice,
    fonts,
    models,
    registrar,
    keys,
    outbox,
    sync,
    roster,
    configuration,
    clock,
    time_sync,
    disk,
    owners,
    services,
    heat,
    power,
    stock,
    release,
)
"""What `doctor` does, in the order in which it is told."""

NETWORKED: tuple[Check, ...] = (registrar,)
"""Those of them that ask over the network, before who does the others leaves it."""

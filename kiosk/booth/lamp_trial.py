"""Each lamp tried before the camera: how much light it adds, so that a dead one shows.

A lamp whose pin obeys may be dark all the same: its driver, its fuse or its LEDs know no way to say
so, and the camera sees it.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from kiosk.camera.frame import Frame, Picture
from kiosk.errors import CameraFault
from kiosk.lighting.lamps import FADE
from kiosk.pipeline.light import to_linear

TRIED = 0.5
"""The level at which a lamp is tried: well seen, and the nearest to the backdrop does not clip."""

DEAD = 0.002
"""Light added below which a lamp is dark: half an 8-bit code of the brightest channel."""

WORN = 0.7
"""Share of its light below which a lamp is to be exchanged: L70, by which LED lamps' lives are told
(IES LM-80, TM-21)."""

RISE = 0.15 + 1 / FADE
"""Seconds that a lamp may take to fade all the way, and a driver with an analogue input to follow
its module's filter, roughly."""

PATIENCE = 3.0
"""Seconds within which the light of one lamp must settle."""

ALIKE = 0.01
"""Share of the light by which two frames under settled lamps differ at most."""

PAIR = ("key_left", "key_right")
"""Lamps that are mounted alike, and so give alike."""


class GivesPreviews(Protocol):
    """The camera, at work."""

    @property
    def fault(self) -> str | None:
        """Why no frames come."""
        ...

    def newest(self) -> Frame | None:
        """Take the newest frame, if there is one."""
        ...


class Settable(Protocol):
    """The lamps."""

    @property
    def levels(self) -> dict[str, float]:
        """The level of each lamp that is there."""
        ...

    def set(self, levels: Mapping[str, float]) -> None:
        """Set lamps to levels."""
        ...


def try_lamps(
    camera: GivesPreviews,
    lamps: Settable,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> dict[str, float]:
    """The light that each lamp adds at level TRIED: the picture's mean, 1 is full scale.

    All end as they were. `clock` is the frames' own. Raises CameraFault.
    """
    rest = lamps.levels
    out = dict.fromkeys(rest, 0.0)
    added: dict[str, float] = {}
    try:
        lamps.set(out)
        dark = _settled_light(camera, clock, sleep)
        for name in rest:
            lamps.set(out | {name: TRIED})
            added[name] = _settled_light(camera, clock, sleep) - dark
    finally:
        lamps.set(rest)
    return added


def find_worn(added: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    """Lamps that give less than WORN, each with the share that it gives still; dead ones have 0.

    What is compared with is `before`, the light that lamps added when they were new, and for what
    that does not name the other lamp of its pair.
    """
    worn: dict[str, float] = {}
    for name, light in added.items():
        pair = max((added.get(one, 0.0) for one in PAIR), default=0.0) if name in PAIR else 0.0
        whole = before.get(name, pair)
        if light < DEAD:
            worn[name] = 0.0
        elif light < WORN * whole:
            worn[name] = light / whole
    return worn


def next_preview(
    camera: GivesPreviews, since: float, clock: Callable[[], float], sleep: Callable[[float], None]
) -> Frame:
    """Wait for a frame that was taken after `since`; raises CameraFault."""
    sleep(max(since - clock(), 0.0))
    until = clock() + PATIENCE
    while clock() < until:
        frame = camera.newest()
        if frame is not None and frame.time >= since:
            return frame
        if camera.fault is not None:
            raise CameraFault(camera.fault)
        sleep(0.02)
    raise CameraFault(f"the camera gave no frame in {PATIENCE:.0f} s: check its cable")


def _settled_light(
    camera: GivesPreviews, clock: Callable[[], float], sleep: Callable[[float], None]
) -> float:
    """The light of two frames in a row that show the same; raises CameraFault where none do."""
    since, until = clock() + RISE, clock() + PATIENCE
    before: float | None = None
    while clock() < until:
        frame = next_preview(camera, since, clock, sleep)
        light, since = _light(frame.preview), frame.time + 1e-3
        if before is not None and abs(light - before) <= ALIKE * max(light, before, DEAD):
            return (light + before) / 2
        before = light
    raise CameraFault(
        "the light does not settle: somebody moves before the camera, or a lamp flickers"
    )


def _light(picture: Picture) -> float:
    """The mean linear light of the brightest channel."""
    return float(to_linear(np.ascontiguousarray(picture[::4, ::4])).mean((0, 1)).max())

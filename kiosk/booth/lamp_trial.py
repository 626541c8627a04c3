"""Each lamp tried before the camera: how much light it adds, so that a dead one shows.

A lamp whose pin obeys may be dark all the same: its driver, its fuse or its LEDs know no way to say
so, and the camera sees it.
"""

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from kiosk.camera.frame import Frame, Picture
from kiosk.errors import CameraFault
from kiosk.lighting.lamps import FADE
from kiosk.pipeline.light import to_linear
from kiosk.upkeep.measures import banding
from kiosk.upkeep.response_measures import are_keys_crossed

TRIED = 0.5
"""The duty cycle at which a lamp is tried: well seen, and the nearest to the backdrop does not
clip."""

DEAD = 0.002
"""Light added below which a lamp is dark: half an 8-bit code of the brightest channel."""

WEAK = 0.8
"""Share of its light when calibrated below which a lamp is told: its diffuser wants wiping, or it
ages."""

WORN = 0.7
"""Share of its light below which a lamp is to be exchanged: L70, by which LED lamps' lives are told
(IES LM-80, TM-21). Against the other of its pair, too: these may differ by more than 20 %."""

BANDED = 0.04
"""Share of a lamp's light by which bands are told here, at one level and without more gain."""

RISE = 0.15 + 1 / FADE
"""Seconds that a lamp may take to fade all the way, and a driver with an analogue input to follow
its module's filter, roughly."""

PATIENCE = 3.0
"""Seconds within which the light of one lamp must settle."""

ALIKE = 0.01
"""Share of the light by which two frames under settled lamps differ at most."""

FLICKERS, FLICKER = 8, 0.3
"""Frames that are averaged where no two are alike, and the share of the light that they may be
apart: bands that wander do so."""

PAIR = ("key_left", "key_right")
"""Lamps that are mounted alike, and so give alike."""

BESIDE = 1 / 3
"""Share of the picture's width, left and right, that is looked at: what is between may be a card,
or a stool."""

ROOM_CHANGED, ROOM_GREW, LEAST_ROOM = 0.1, 2.0, 0.01
"""Share by which the room's light changes while lamps are tried, and times by which it is more than
when the booth was calibrated, from which on a window is told; less than LEAST_ROOM matters to
nobody."""

ONE_SIDED = 0.4
"""Logarithm of the room's left by its right light from which on it comes from a side."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What was seen of the lamps, one after the other. Light is linear, 1 is full scale."""

    added: Mapping[str, float]
    """What each adds at TRIED: the mean beside the place, of the brightest channel."""
    sides: Mapping[str, float]
    """Which side each lights more: above 0 the picture's left, as a logarithm."""
    bands: Mapping[str, float]
    """How deep each lamp's bands are, as a share of its light."""
    room: float
    """What is there without them."""
    room_change: float
    """By what share that changed meanwhile."""
    room_side: float
    """Which side it lights more."""

    @property
    def keys_crossed(self) -> bool:
        """Whether each key lamp lights the other's side."""
        if any(self.added.get(name, 0.0) < DEAD for name in PAIR):
            return False
        left, right = (self.sides[name] for name in PAIR)
        return are_keys_crossed(left, right) is True

    def find_window(self, before: float | None) -> str:
        """What the room's light does that lamps cannot follow; "" where nothing.

        `before` is the room's light when the booth was calibrated.
        """
        side = "left" if self.room_side > 0 else "right"
        where = f", from the picture's {side}" if abs(self.room_side) > ONE_SIDED else ""
        if self.room < LEAST_ROOM:
            return ""
        if self.room_change > ROOM_CHANGED:
            return f"the room's light changed by {self.room_change:.0%} meanwhile{where}"
        if before is not None and self.room > ROOM_GREW * max(before, LEAST_ROOM):
            return f"the room gives {self.room / max(before, 1e-6):.1f} × its light then{where}"
        return f"the room's light comes from one side{where}" if where else ""


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

    @property
    def moving(self) -> threading.Event:
        """Set while a level is still on its way."""
        ...

    def set(self, levels: Mapping[str, float]) -> None:
        """Set lamps to levels."""
        ...


def try_lamps(
    camera: GivesPreviews,
    lamps: Settable,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    *,
    bands: bool = False,
) -> Trial:
    """Light one lamp after the other, at TRIED, and see what each does; with `bands` fully, too.

    `lamps` are driven by duty cycle, and all end as they were. `clock` is the frames' own. Raises
    CameraFault.
    """
    rest = lamps.levels
    out = dict.fromkeys(rest, 0.0)
    added: dict[str, float] = {}
    sides: dict[str, float] = {}
    deepest: dict[str, float] = {}

    def look(levels: Mapping[str, float]) -> tuple[_Light, Picture]:
        lamps.set(levels)
        wait_for_lamps(lamps, clock, sleep)
        return _settled_light(camera, clock, sleep)

    try:
        dark, _ = look(out)
        for name in rest:
            seen, picture = look(out | {name: TRIED})
            light = seen - dark
            added[name], sides[name] = light.mean, light.side
            if bands and light.mean >= DEAD:
                _, full = look(out | {name: 1.0})
                deepest[name] = banding(picture, full) or 0.0
        later, _ = look(out)
    finally:
        lamps.set(rest)
    change = abs(later.mean - dark.mean) / max(later.mean, dark.mean, 1e-6)
    return Trial(added, sides, deepest, dark.mean, change, dark.side)


def wait_for_lamps(
    lamps: Settable, clock: Callable[[], float], sleep: Callable[[float], None]
) -> None:
    """Wait until lamps have faded to where they were set, for PATIENCE at most."""
    until = clock() + PATIENCE
    while lamps.moving.is_set() and clock() < until:
        sleep(0.02)


def find_worn(added: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    """Lamps that give too little, each with the share that it gives still; dead ones have 0.

    Too little is less than WEAK of `before`, the light that lamps added when they were calibrated,
    and for what that does not name less than WORN of the other lamp of its pair.
    """
    worn: dict[str, float] = {}
    for name, light in added.items():
        pair = max((added.get(one, 0.0) for one in PAIR), default=0.0) if name in PAIR else 0.0
        least = WEAK * before[name] if name in before else WORN * pair
        if light < DEAD:
            worn[name] = 0.0
        elif light < least:
            worn[name] = light / before.get(name, pair)
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


@dataclass(frozen=True, slots=True)
class _Light:
    """The mean linear light of the brightest channel, beside the place."""

    left: float
    right: float

    def __sub__(self, other: "_Light") -> "_Light":
        return _Light(self.left - other.left, self.right - other.right)

    @property
    def mean(self) -> float:
        return (self.left + self.right) / 2

    @property
    def side(self) -> float:
        return math.log(max(self.left, 1e-6) / max(self.right, 1e-6))


def _settled_light(
    camera: GivesPreviews, clock: Callable[[], float], sleep: Callable[[float], None]
) -> tuple[_Light, Picture]:
    """The light of two frames in a row that show the same, and the later one.

    Where it flickers it is the mean of FLICKERS frames. Raises CameraFault where it does not
    settle.
    """
    since, until = clock() + RISE, clock() + PATIENCE
    seen: list[_Light] = []
    while clock() < until:
        frame = next_preview(camera, since, clock, sleep)
        since = frame.time + 1e-3
        seen.append(_light(frame.preview))
        last = seen[-2:]
        if len(last) == 2 and _are_alike(last, ALIKE):
            return _mean(last), frame.preview
        last = seen[-FLICKERS:]
        if len(last) == FLICKERS and _are_alike(last, FLICKER):
            return _mean(last), frame.preview
    raise CameraFault(
        "the light does not settle: somebody moves before the camera, or a lamp flickers"
    )


def _are_alike(lights: list[_Light], share: float) -> bool:
    means = [light.mean for light in lights]
    return max(means) - min(means) <= share * max(*means, DEAD)


def _mean(lights: list[_Light]) -> _Light:
    count = len(lights)
    return _Light(sum(one.left for one in lights) / count, sum(one.right for one in lights) / count)


def _light(picture: Picture) -> _Light:
    wide = round(picture.shape[1] * BESIDE)
    sides = (picture[::4, :wide:4], picture[::4, -wide::4])
    left, right = (to_linear(np.ascontiguousarray(side)).mean((0, 1)) for side in sides)
    channel = int((left + right).argmax())
    return _Light(float(left[channel]), float(right[channel]))

"""Where the lamps of a booth may stand that was not built like the others, and what else shines.

Each place is a light group of its own, so that whoever has its pictures chooses the places later.
"""

import math

from scene import CAMERA, RIG, Lamp, Rig

HEAD = (0.0, 0.0, -0.05)
"""What all lamps for the face look at."""

KEYS = ((45.0, 1.5, -0.25), (50.0, 1.3, 0.12), (38.0, 1.4, 0.42), (55.0, 1.2, -0.1))
"""Azimuth in degrees, distance and height in m, from the eyes: the first as hardware.md has it,
others as rooms are too narrow or shelves too high for it. Left and right have the same."""

FILLS = (0.15, 0.30)
"""Heights above the lens, m: hardware.md allows 0.3."""

DAYLIGHT = (0.92, 0.97, 1.0)
WINDOWS = {
    "left": ((-1.7, -0.7, 0.25), 1.0, 1.4),
    "right": ((1.7, -0.7, 0.25), 1.0, 1.4),
    "front_left": ((-1.25, -1.7, 1.0), 0.9, 0.9),
    "front_right": ((1.3, -1.9, 0.3), 0.8, 1.2),
}
"""Where a window's middle is, its width and height: a curtain that was not drawn."""

SCREEN = (0.345, 0.194)
"""Width and height of 15.6 inches, m."""


def power(beam: float, at: tuple[float, float, float], to: tuple[float, float, float] = HEAD):
    """The watts of a lamp that gives a white card, turned to it where the eyes are, `beam` light.

    A Lambertian lamp's radiance is P / (pi A), so the card's is P cos / (pi d)^2, `cos` being that
    of the angle at which the light leaves the lamp.
    """
    far = math.hypot(*at)
    aim = [b - a for a, b in zip(at, to, strict=True)]
    leaves = -sum(a * b for a, b in zip(aim, at, strict=True)) / far / math.hypot(*aim)
    return beam * (math.pi * far) ** 2 / leaves


def lamp(
    at: tuple[float, float, float],
    size: float,
    beam: float,
    height: float | None = None,
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0),
    to: tuple[float, float, float] = HEAD,
) -> Lamp:
    """A lamp with as much power as its beam asks for: who hangs one farther away takes more."""
    return Lamp(at, to, size, power(beam, at, to), height, colour)


def _key(azimuth: float, far: float, height: float, side: int) -> Lamp:
    flat = math.sqrt(far**2 - height**2)
    angle = math.radians(azimuth)
    at = (side * flat * math.sin(angle), -flat * math.cos(angle), height)
    return lamp(at, 0.5, 0.52)


def placements() -> Rig:
    """All of them by name, the usual places first; the room has no lamp."""
    rig: Rig = {}
    for name, side in (("key_left", -1), ("key_right", 1)):
        rig[f"{name}_0"] = RIG[name]
        for i, place in enumerate(KEYS, 1):
            rig[f"{name}_{i}"] = [_key(*place, side)]
    rig["fill_0"] = RIG["fill"]
    for i, height in enumerate(FILLS, 1):
        rig[f"fill_{i}"] = [lamp((0.0, -CAMERA, height), 0.28, 0.22)]
    rig["backdrop"] = RIG["backdrop"]
    for name, (at, width, height) in WINDOWS.items():
        rig[f"window_{name}"] = [lamp(at, width, 0.35, height, DAYLIGHT)]
    down = (0.35, -0.45, 0.0)
    rig["ceiling"] = [lamp((0.35, -0.45, 1.5), 0.6, 0.1, colour=(1.0, 0.97, 0.92), to=down)]
    low = (0.0, -CAMERA, -0.05 - SCREEN[1] / 2)
    # 250 cd/m2, where a key lamp of 0.24 m2 has 3820 (hardware.md).
    rig["screen"] = [lamp(low, SCREEN[0], 0.0105, SCREEN[1], (0.95, 0.98, 1.0))]
    return rig


def stands_for(source: str) -> str:
    """Which lamp of a rigged booth a place is one for (kiosk/twin/lamp_rig.py)."""
    if source == "ceiling":
        return "window"
    lamps = ("key_left", "key_right", "fill", "window")
    return next((lamp for lamp in lamps if source.startswith(lamp)), source)

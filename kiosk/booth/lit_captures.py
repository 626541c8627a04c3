"""Lamps and camera in step: the plate of the empty booth, and the person with the backdrop unlit.

Whoever sets a lamp waits until pictures show it, and not for a fixed time: how many frames a camera
has under way differs from one to the next.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from kiosk.camera.frame import Frame, Picture
from kiosk.pipeline.cutout.plate import Plate, make_plate

log = logging.getLogger(__name__)

FRAME_PATIENCE = 2.0
"""Seconds within which a frame must come."""

SETTLING_FRAMES = 20
"""Frames within which pictures must show what the lamps were set to: 0.67 s at 30 a second, of
which lamps fade for 5, and 4 must be alike."""

SAME_LIGHT = 0.01
"""Share of the light by which two frames under the same lamps differ at most, on average."""

LIGHT_LEFT = 0.85
"""Share of the codes beside the person that is left at most when the backdrop's lamp is out: in the
twin 0.70, since the key lamps light it too."""

AVERAGED = 3
"""Frames that are averaged for each picture of a plate."""

STIRRED = 0.06
"""How far the empty booth's second picture may be from its first, at any place, as a share of the
brightest; more, and somebody was there."""

BACKDROP = "backdrop"
"""The lamp that lights the backdrop alone."""


class TakesPictures(Protocol):
    """What takes pictures; raises CameraFault."""

    def capture(self, count: int, timeout: float) -> list[Frame]:
        """Take the next frames with their main pictures."""
        ...


class Dimmable(Protocol):
    """What lights them."""

    @property
    def levels(self) -> dict[str, float]:
        """The level of each lamp that is there."""
        ...

    def set(self, levels: Mapping[str, float]) -> None:
        """Set lamps to levels."""
        ...


def capture_unlit(camera: TakesPictures, lamps: Dimmable, lit: Picture) -> Picture | None:
    """Take the picture with the backdrop's lamp out, and light it again.

    `lit` is one with the lamp on. None where the booth has no such lamp, or its going out cannot
    be seen. Raises CameraFault.
    """
    rest = lamps.levels
    if rest.get(BACKDROP, 0) <= 0:
        return None
    bright = _corner_light(lit)
    lamps.set({BACKDROP: 0.0})
    try:
        before: Picture | None = None
        for _ in range(SETTLING_FRAMES):
            picture = _take_picture(camera)
            if (
                _corner_light(picture) < LIGHT_LEFT * bright
                and before is not None
                and _same_light(before, picture)
            ):
                return picture
            before = picture
    finally:
        lamps.set({BACKDROP: rest[BACKDROP]})
    log.warning("lamp %s: its going out was not seen", BACKDROP)
    return None


def capture_plate(
    camera: TakesPictures,
    lamps: Dimmable,
    working: Mapping[str, float],
    go_on: Callable[[], bool],
    at: float,
) -> Plate | None:
    """Take the plate of the empty booth, a lamp at a time at its level of `working`.

    None where `go_on` no longer says so, the light does not settle, or something stirs. It leaves
    the lamps as they were. Raises CameraFault.
    """
    rest = lamps.levels
    names = [name for name in rest if working.get(name, 0) > 0]
    out = dict.fromkeys(rest, 0.0)
    taken: list[list[Picture]] = []
    lights = [out | {name: working[name]} for name in names]
    # The first light comes again at the end: what it shows then has to be what it showed before.
    # Without lamps that is the room's.
    turns = [out, *lights, *(lights or [out])[:1]]
    try:
        for levels in turns:
            lamps.set(levels)
            pictures = _take_settled(camera)
            if pictures is None or not go_on():
                return None
            taken.append(pictures)
    finally:
        lamps.set(rest)
    if _has_stirred(taken[1 if lights else 0][0], taken[-1][0]):
        return None
    lit = {n: (working[n], pictures) for n, pictures in zip(names, taken[1:-1], strict=True)}
    return make_plate(taken[0], lit, at)


def _take_picture(camera: TakesPictures) -> Picture:
    picture = camera.capture(1, FRAME_PATIENCE)[0].image
    if picture is None:
        raise AssertionError("a capture gives main pictures")
    return picture


def _take_settled(camera: TakesPictures) -> list[Picture] | None:
    """Take frames that all show the same light; None where it does not settle."""
    alike: list[Picture] = []
    for _ in range(SETTLING_FRAMES):
        picture = _take_picture(camera)
        if alike and not _same_light(alike[-1], picture):
            alike = []
        alike.append(picture)
        # The first of them may still show what was before.
        if len(alike) > AVERAGED:
            return alike[1:]
    return None


def _same_light(one: Picture, other: Picture) -> bool:
    means = float(one[::4, ::4].mean()), float(other[::4, ::4].mean())
    return abs(means[0] - means[1]) <= SAME_LIGHT * max(*means, 8.0)


def _corner_light(picture: Picture) -> float:
    """The light of the upper corners, where nothing but the backdrop is."""
    rows, columns = picture.shape[0] // 8, picture.shape[1] // 8
    corners = picture[:rows, :columns], picture[:rows, -columns:]
    return float(np.mean([corner.mean() for corner in corners]))


def _has_stirred(one: Picture, other: Picture) -> bool:
    small = [p[::8, ::8].astype(np.float32).mean(2) for p in (one, other)]
    blocks = [p[: p.shape[0] // 8 * 8, : p.shape[1] // 8 * 8] for p in small]
    means = [p.reshape(p.shape[0] // 8, 8, p.shape[1] // 8, 8).mean((1, 3)) for p in blocks]
    return bool(np.abs(means[0] - means[1]).max() > STIRRED * max(float(means[0].max()), 8.0))

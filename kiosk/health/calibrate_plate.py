"""The step of `kiosk calibrate` that sees whether the plate of the empty booth can be taken.

Nothing of it is kept but how well it went: the booth takes its own, again and again.
"""

from collections.abc import Iterator

import numpy as np

from kiosk.booth.lit_captures import capture_plate
from kiosk.camera.frame import Picture
from kiosk.health.calibrating import Calibrating
from kiosk.health.finding import Finding
from kiosk.pipeline.hue import BLOCK, is_light_blue
from kiosk.pipeline.light import to_linear
from kiosk.upkeep import measures

EMPTY_SHARE = 0.95
"""Share of the upper half, in blocks, that has the backdrop's hue where nobody is before it."""

OFF_PLATE, NOISY_PLATE = 0.03, 0.05
"""Shares of the light beyond which a plate is told: its sum against a picture under all lamps, and
one pixel against its neighbours."""

MAIN_PATIENCE = 5.0
"""Seconds that a main picture has to come."""


def see_plate(calibrating: Calibrating) -> Iterator[Finding]:
    """Whether the plate can be taken, and how well it explains the booth under all lamps."""
    site, lamps, camera = calibrating.site, calibrating.lamps, calibrating.camera
    if not lamps.levels:
        return
    calibrating.light_for_visit()
    empty = calibrating.look_unclipped()
    if site.config.booth.backdrop == "light-blue" and not _is_empty(empty):
        yield Finding(
            "plate", "fail", "somebody or something is before the backdrop", "leave it empty"
        )
        return
    calibrating.look()
    levels = lamps.levels
    plate = capture_plate(camera, lamps, levels, lambda: True, site.clock())
    if plate is None:
        yield Finding(
            "plate",
            "fail",
            "it cannot be taken: the light does not settle, or something stirs",
            "keep daylight off, shut the curtain, and see that nothing hangs loose",
        )
        return
    calibrating.light_for_visit()
    calibrating.look()
    picture = camera.capture(1, MAIN_PATIENCE)[0].image
    if picture is None:
        raise AssertionError("a capture gives main pictures")
    whole = dict.fromkeys(plate.lamps, 0.0) | levels
    wanted, seen = plate.at(whole)[..., 1], to_linear(picture)[..., 1]
    told = picture.max(2) < 250
    if told.mean() < 0.5:
        yield Finding(
            "plate", "warn", "the backdrop is too bright to be told", "kiosk calibrate colour"
        )
        return
    apart = (seen - wanted)[told] / max(float(seen[told].mean()), 1e-3)
    off, noise = abs(float(np.median(apart))), float(np.percentile(np.abs(apart), 68))
    even = measures.darkest_corner(empty)
    calibrating.found["plate"] = {
        "off": round(off, 4), "noise": round(noise, 4), "darkest": round(even, 4)
    }  # fmt: skip
    says = f"taken; off by {off:.1%}, noise {noise:.1%}, darkest corner {even:.0%}"
    if off > OFF_PLATE or noise > NOISY_PLATE:
        way_out = "see that nothing moves and no daylight comes in; then kiosk calibrate plate"
        yield Finding("plate", "warn", says, way_out)
    else:
        yield Finding("plate", "ok", says)


def _is_empty(picture: Picture) -> bool:
    upper = to_linear(np.ascontiguousarray(picture[: len(picture) // 2]))
    rows, columns = upper.shape[0] // BLOCK, upper.shape[1] // BLOCK
    blocks = upper[: rows * BLOCK, : columns * BLOCK]
    means = blocks.reshape(rows, BLOCK, columns, BLOCK, 3).mean((1, 3))
    return bool(is_light_blue(means).mean() >= EMPTY_SHARE)

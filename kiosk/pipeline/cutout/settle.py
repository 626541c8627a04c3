"""No speck left: what floats off the person fades, and pin-holes in them close, as far as an eye
would see them on the new background.

A strand's brightest pixels, or a gap of two pixels in a curl, are told by the picture and may be
true; on a plain background, as dots, they are read as dirt.
"""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.cutout.cutout import Cutout
from kiosk.pipeline.light import Linear, to_linear, to_srgb
from kiosk.pipeline.mask import Mask
from kiosk.pipeline.specification import Codes

LEVELS = (34, 40, 46)
"""Codes off the background, of the worst channel, from which an eye sees something, more or less:
what is a speck at any of them is one. A JPEG may move a pixel from one to the next."""

MOST_AREA = 24
"""Pixels of 480 × 640 that a speck has at most; what is larger has a form."""

FADED, CLOSED = 28, 52
"""Codes off the background to which specks fade, and pin-holes are closed: a JPEG's noise beyond
LEVELS. What was there already goes STEP further."""

STEP = 10
"""Codes by which a speck that is still seen after it was settled goes further."""

NEIGHBOURS = 5
"""Side, in pixels, of the square whose colours fill a pin-hole that has none of its own."""


def settle(cutout: Cutout, shown: Picture, background: Codes) -> Cutout:
    """Take the specks that `shown`, a photo of this cut-out, has on its `background`.

    The same cut-out comes back where it has none.
    """
    off = _codes_off(shown, background)
    most = max(MOST_AREA * off.size // (480 * 640), 1)
    floating, holes = np.zeros(off.shape, bool), np.zeros(off.shape, bool)
    for level in LEVELS:
        floating |= _small(off > level, 8, most)
        holes |= _small(off <= level, 4, most)
    floating &= cutout.alpha > 0
    holes &= (cutout.alpha < 1) & ~floating
    if not floating.any() and not holes.any():
        return cutout
    alpha, colour = cutout.alpha.copy(), cutout.colour.copy()
    _fill_colours(cutout, colour, holes)
    for where, target in ((floating, FADED), (holes, CLOSED)):
        alpha[where] = _towards(alpha[where], colour[where], background, target)
    return replace(cutout, alpha=alpha, colour=colour)


def _small(mask: Mask, connectivity: int, most: int) -> Mask:
    """The connected parts of a mask that have `most` pixels or fewer."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=connectivity
    )
    small = stats[:, cv2.CC_STAT_AREA] <= most
    small[0] = False
    return np.asarray(small[labels])


def _fill_colours(cutout: Cutout, colour: Linear, holes: Mask) -> None:
    """Where next to nothing of the person was found, their colour is the neighbours'."""
    bare = holes & (cutout.alpha < 0.05)
    if bare.any():
        side = (NEIGHBOURS, NEIGHBOURS)
        share = np.maximum(cv2.blur(cutout.alpha, side), np.float32(1e-4))
        colour[bare] = (cv2.blur(cutout.colour * cutout.alpha[..., None], side) / share[..., None])[
            bare
        ]


def _towards(
    alpha: NDArray[np.float32], colour: NDArray[np.float32], background: Codes, target: int
) -> NDArray[np.float32]:
    """Alpha at which n pixels would be off the background by the target, or by STEP more than now.

    `colour` is n × 3, linear light.
    """
    plain = to_linear(np.array(background, np.uint8))
    steps = np.linspace(0, 1, 33, dtype=np.float32)
    cover = steps[None, :, None]
    off = _codes_off(to_srgb(colour[:, None] * cover + plain * (1 - cover)), background)
    now = np.take_along_axis(off, np.rint(alpha * 32).astype(np.intp)[:, None], 1)[:, 0]
    if target == FADED:
        dimmer = off <= np.minimum(now - STEP, target).clip(0)[:, None]
        most = steps[-1 - dimmer[:, ::-1].argmax(1)]
        return np.asarray(np.minimum(alpha, most), np.float32)
    further = off >= np.maximum(now + STEP, target)[:, None]
    # Whoever wears the background's colour is never far enough off it.
    least = np.where(further.any(1), steps[further.argmax(1)], np.float32(0.9))
    return np.asarray(np.maximum(alpha, least), np.float32)


def _codes_off(picture: Picture, background: Codes) -> NDArray[np.int16]:
    """How far each pixel is off the background, in codes of its worst channel."""
    red, green, blue = (
        np.abs(picture[..., i].astype(np.int16) - code) for i, code in enumerate(background)
    )
    return np.asarray(np.maximum(np.maximum(red, green), blue), np.int16)

"""Rim light: what of the backdrop's light the person's outermost hair has taken on.

Pale and fine hair lets light through, and shines at a grazing angle: the further out, the more it
has of what lies behind it. That grows from the depth of the hair to its edge, where it can be seen,
and beyond, where it would be taken for the backdrop itself.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.cutout.push_pull import push_pull
from kiosk.pipeline.cutout.symmetric import Scalars, dot
from kiosk.pipeline.light import Linear
from kiosk.pipeline.mask import Mask

NEAR, DEEP = (2.0, 4.0), (6.0, 12.0)
"""Pixels inside the edge of what is wholly the person, between which colours are compared."""

LENS_SHARE = 0.018
"""Share of the backdrop's light that the edge has more than the depth by the lens's blur alone: the
twin's people with dark, dense hair have 0.006 to 0.019."""

GROWTH = 5.0
"""Times what the edge has more than the depth: what strands have that hardly cover anything. On
three of the twin's people with long or pale hair it is 4 to 7."""

MOST_SHARE = 0.6
"""Share of the backdrop's light that a strand has at most."""

COLOURED = 0.3
"""Share of the backdrop's strongest channel by which its weakest is below that, from which it is
coloured: before a grey wall, light that comes through hair is paler hair. The booth's has 0.87."""

PLACE_SIDE = 4
"""Pixels, along each side, of what counts as one place."""

UNLIKE_HUES = (0.08, 0.16)
"""Squared sine of the angle between the person's colour and the backdrop's, in linear light, from
which the backdrop's light is told from more of the person's own, and from which it surely is. Grey
hair before the booth's light blue has 0.32, before a grey wall next to 0."""


def measure_rim(seen: Linear, backdrop: Linear, whole: Mask, face: Mask, where: Mask) -> Scalars:
    """Measure which share of the backdrop's light strands have that hardly cover it.

    It is told for each pixel of `where`.
    `whole` is where only the person is; the face, which is no hair, tells nothing.
    """
    depth = cv2.distanceTransform(whole.astype(np.uint8), cv2.DIST_L2, 5)
    near, deep = (
        _colours_of(seen, (depth >= low) & (depth <= high) & ~face)[where].T
        for low, high in (NEAR, DEEP)
    )
    behind = backdrop[where].T
    more = near - deep
    # Of a gain of the person's own colour, and a share of the backdrop's light: the second.
    own, both, other = dot(deep, deep) + 1e-6, dot(deep, behind), dot(behind, behind)
    apart = own * other - both**2
    share = (dot(behind, more) * own - both * dot(deep, more)) / np.maximum(apart, 1e-9)
    low, high = UNLIKE_HUES
    coloured = behind.min(0) < (1 - COLOURED) * behind.max(0)
    told = coloured * ((apart / (own * other) - low) / (high - low)).clip(0, 1)
    return np.asarray((GROWTH * (share - LENS_SHARE)).clip(0, MOST_SHARE) * told, np.float32)


def _colours_of(seen: Linear, ring: Mask) -> NDArray[np.float32]:
    """The colours within a ring, continued smoothly into all else."""
    height, width = ring.shape
    weight = ring.astype(np.float32)[..., None]
    size = (-(-width // PLACE_SIDE), -(-height // PLACE_SIDE))
    weighed = np.concatenate([weight, seen * weight], axis=2)
    places = np.asarray(cv2.resize(weighed, size, interpolation=cv2.INTER_AREA), np.float32)
    return np.asarray(cv2.resize(push_pull(places), (width, height)), np.float32)

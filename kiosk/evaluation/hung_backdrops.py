"""Backdrops as rooms have them: textured, moved since the plate was taken, wrinkled, grey.

Each is a factor by which the light of the twin's even backdrop is multiplied.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Controls
from kiosk.pipeline.mask import SoftMask
from kiosk.pipeline.specification import Size
from kiosk.twin.light_stage import Light

Factor = NDArray[np.float32]
"""Height × width × 3: by what the backdrop's light is multiplied; 1 leaves it as it is."""

_Field = NDArray[np.float32]
"""Height × width, without a unit."""


@dataclass(frozen=True, slots=True)
class Hung:
    """A backdrop as it hangs behind the person, and as it hung when the plate was taken."""

    now: Factor
    plate: Factor
    shadow: SoftMask | None = None
    """How much of the left key lamp the person hides from the backdrop."""


Hang = Callable[[Light, SoftMask, np.random.Generator], Hung]
"""Hangs a backdrop, by chance from a generator: of the even one's light under the working lamps,
and of how much of each pixel the person covers."""

PLASTER, PLASTER_SPOTS = 0.02, (0.8, 4.0)
"""A painted wall: the standard deviation of its brightness, a share, beyond twice which there is
nothing, and the smallest and largest spots' standard deviations, px: structure of 2 to 12 px."""

THREADS, WEAVE = (5.0, 6.0), 0.01
"""Woven cloth: px from one thread to the next, across and along, and by what share of the light
they differ."""

MOVED = (2.0, 1.0)
"""Px to the right and down by which a backdrop has moved since the plate was taken."""

OTHER_DAY, OTHER_COLOUR = 0.03, (1.02, 1.0, 0.98)
"""By what share its brightness differs from place to place since, and how its colour does."""

FOLDS, FOLD_DEPTHS, FOLD_WIDTHS = 9, (0.04, 0.15), (6.0, 30.0)
"""Folds of a wrinkled backdrop: how many, between which shares of the light they differ from crest
to trough, and between which standard deviations, px."""

FOLDS_MOVE = 8.0
"""Standard deviation, px, of how far each fold has moved since the plate was taken."""

SHADOW_AT, SHADOW_BLUR = (45.0, 20.0), 12.0
"""Px to the right and down of the person where the shadow lies that the left key lamp casts of
somebody near the backdrop, and the standard deviation of its penumbra."""

# Measured on 10 pictures of the Face Research Lab London Set (DeBruine & Jones 2017), in linear
# light: upper corners have 0.80 of the light of the upper edge's middle (0.70 to 0.86), the sides'
# light grows to 1.42 of that by 0.6 of the height (1.31 to 1.83), left and right differ by 5 %.
# The lens of the twin takes 5 % of the corners' part.
GREY_LIGHT = (0.53, 0.55, 0.55)
"""Linear light that a picture has of a studio's grey wall at the upper edge's middle."""

GREY_SIDES, GREY_DOWN, GREY_ASIDE = 0.16, 0.42, 0.05
"""Shares of that light: lost at the sides, won at 0.6 of the height, and won from left to right."""


def hang_plaster(even: Light, cover: SoftMask, rng: np.random.Generator) -> Hung:
    """A painted wall, which the plate knows as it is."""
    wall = _coloured(1 + _draw_plaster(_size(even), rng))
    return Hung(wall, wall)


def hang_on_another_day(even: Light, cover: SoftMask, rng: np.random.Generator) -> Hung:
    """The same wall, moved and lit otherwise since the plate was taken."""
    size = _size(even)
    texture = 1 + _draw_plaster(size, rng)
    lit_otherwise = 1 + OTHER_DAY * _draw_spots(size, size[0] / 5, rng)
    now = _coloured(_move(texture, *MOVED) * lit_otherwise) * np.array(OTHER_COLOUR, np.float32)
    return Hung(now, _coloured(texture))


def hang_wrinkled_cloth(even: Light, cover: SoftMask, rng: np.random.Generator) -> Hung:
    """A cloth whose folds have moved since, and the person's own shadow on it."""
    size = _size(even)
    weave = 1 + _draw_weave(size, rng)
    now, before = _draw_folds(size, rng)
    shadow = cv2.GaussianBlur(_move(cover, *SHADOW_AT), (0, 0), SHADOW_BLUR)
    moved = _move(weave, *MOVED)
    return Hung(_coloured(moved * now), _coloured(weave * before), np.asarray(shadow, np.float32))


def hang_grey_wall(even: Light, cover: SoftMask, rng: np.random.Generator) -> Hung:
    """A studio's plain grey wall with the gradient of its lamps."""
    width, height = _size(even)
    x, y = np.linspace(-1, 1, width)[None, :], np.linspace(0, 1, height)[:, None]
    down = 1 + GREY_DOWN * np.sin(np.minimum(y / 0.6, 1) * np.pi / 2)
    share = (1 - GREY_SIDES * x**2) * down * (1 + GREY_ASIDE / 2 * x)
    wall = share[..., None] * np.array(GREY_LIGHT) / Controls().analogue_gain
    factor = np.asarray(wall / np.maximum(even, 1e-3), np.float32)
    return Hung(factor, factor)


def _size(light: Light) -> Size:
    return light.shape[1], light.shape[0]


def _coloured(field: _Field) -> Factor:
    return np.repeat(field[..., None].astype(np.float32), 3, axis=2)


def _move(field: _Field, right: float, down: float) -> _Field:
    motion = np.array([[1, 0, right], [0, 1, down]], np.float64)
    size = field.shape[1], field.shape[0]
    return np.asarray(cv2.warpAffine(field, motion, size, borderMode=cv2.BORDER_REPLICATE))


def _draw_spots(size: Size, spot: float, rng: np.random.Generator) -> _Field:
    """Soft spots of a standard deviation in px, of mean 0 and variance 1."""
    width, height = size
    # Large spots need no fine picture.
    step = max(int(spot / 8), 1)
    small = rng.standard_normal((-(-height // step), -(-width // step)), np.float32)
    soft = cv2.resize(cv2.GaussianBlur(small, (0, 0), spot / step), size)
    return np.asarray((soft - soft.mean()) / soft.std(), np.float32)


def _draw_plaster(size: Size, rng: np.random.Generator) -> _Field:
    fine, coarse = PLASTER_SPOTS
    grain = rng.standard_normal((size[1], size[0]), np.float32)
    band = cv2.GaussianBlur(grain, (0, 0), fine) - cv2.GaussianBlur(grain, (0, 0), coarse)
    return np.asarray((PLASTER * band / band.std()).clip(-2 * PLASTER, 2 * PLASTER), np.float32)


def _draw_weave(size: Size, rng: np.random.Generator) -> _Field:
    """Threads over and under each other, none quite straight."""
    width, height = size
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    wander = [_draw_spots(size, 20.0, rng) for _ in THREADS]
    across, along = (
        np.sin(2 * np.pi * (place / pitch) + 0.6 * bend)
        for place, pitch, bend in zip((x, y), THREADS, wander, strict=True)
    )
    return np.asarray(WEAVE * (across + along), np.float32)


def _draw_folds(size: Size, rng: np.random.Generator) -> tuple[_Field, _Field]:
    """Folds as they hang now, and as they hung before: bright on one side, dark on the other."""
    width, height = size
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    now, before = np.ones_like(x), np.ones_like(x)
    for _ in range(FOLDS):
        lean, wide = rng.uniform(-0.6, 0.6), rng.uniform(*FOLD_WIDTHS)
        depth = rng.uniform(*FOLD_DEPTHS) * rng.choice((-1, 1))
        bend = 12 * np.sin(y / 150 + rng.uniform(0, 2 * np.pi))
        place = (x - rng.uniform(0, width)) * np.cos(lean) + (y - height / 2) * np.sin(lean) + bend
        for field, moved in ((now, 0.0), (before, rng.normal(0, FOLDS_MOVE))):
            t = (place - moved) / wide
            field *= 1 + np.float32(depth / 2) * t * np.exp((1 - t**2) / 2)
    return now, before

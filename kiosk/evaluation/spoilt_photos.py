"""Photos spoilt as a careless cut-out spoils them, each in one way, from hardly seen to plain."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import Linear, to_linear, to_srgb
from kiosk.pipeline.mask import Mask, SoftMask
from kiosk.pipeline.specification import Codes

OLD_BACKDROPS: tuple[Codes, ...] = ((118, 120, 124), (205, 204, 200), (62, 84, 70))
"""Backdrops, sRGB, of which something may be left: a grey wall, a white one, a green cloth."""

STRENGTHS = {"hardly seen": 1 / 3, "seen": 2 / 3, "plain": 1.0}
"""How much a photo is spoilt, by name."""

MOST_BITS = 36
"""Bits of a photo that is plainly sprinkled or pierced, of 1 to LARGEST_BIT px."""

LARGEST_BIT = 20

SPRINKLED = (2, 30)
"""Pixels off the person between which islands float."""

PIERCED = 5
"""Pixels within the outline from which pin-holes are."""

TOOTH_WIDTH, TOOTH_DEPTH = 2.0, 1.0
"""Standard deviation, in px, of the blur that makes teeth of noise, and of how deep they then are
in a photo that is plainly jagged."""

WIDEST_BAND = 2
"""Pixels by which a plain band of the old backdrop is too wide; a band that is hardly seen is none
too wide, but the old backdrop's light is in it."""


@dataclass(frozen=True, slots=True)
class CleanPhoto:
    """A true photo, and what it is laid of."""

    name: str
    alpha: SoftMask
    own: Linear
    """The light that the person alone gives, times alpha."""
    chin: float
    """The chin's row."""

    def lay(self, colour: Codes) -> Picture:
        """The photo on a plain background."""
        return _lay(self.own, self.alpha, colour)


Spoil = Callable[[CleanPhoto, Codes, float, np.random.Generator], Picture]
"""Spoils a photo on a background of a colour, by a strength of STRENGTHS."""


def sprinkle_islands(
    clean: CleanPhoto, colour: Codes, strength: float, rng: np.random.Generator
) -> Picture:
    """Leave bits of an old backdrop near hair and shoulders."""
    nearest, farthest = SPRINKLED
    away = _distance(clean.alpha < 0.02)
    bits = _bits((away >= nearest) & (away <= farthest), strength, rng)
    old = to_linear(_old_backdrop(rng))
    cover = np.float32(0.5 + strength / 2) * bits[..., None]
    return to_srgb(to_linear(clean.lay(colour)) * (1 - cover) + old * cover)


def pierce(clean: CleanPhoto, colour: Codes, strength: float, rng: np.random.Generator) -> Picture:
    """Let the background through hair and clothes, in bits; the face stays whole."""
    depth = _distance(clean.alpha > 0.98)
    rows = np.arange(depth.shape[0])[:, None]
    within = (depth >= PIERCED) & ((rows > clean.chin) | (depth <= 5 * PIERCED))
    alpha = clean.alpha * (1 - np.float32(0.85 + 0.15 * strength) * _bits(within, strength, rng))
    return _relay(clean, alpha, colour)


def jag(clean: CleanPhoto, colour: Codes, strength: float, rng: np.random.Generator) -> Picture:
    """Cut teeth into the shoulders' outline."""
    noise = cv2.GaussianBlur(rng.standard_normal(clean.alpha.shape), (0, 0), TOOTH_WIDTH)
    shift = noise / noise.std() * TOOTH_DEPTH * strength
    cut = _cover(_signed_distance(clean.alpha) + shift)
    rows = np.arange(cut.shape[0])[:, None]
    return _relay(clean, np.where(rows > clean.chin, cut, clean.alpha), colour)


def leave_band(
    clean: CleanPhoto, colour: Codes, strength: float, rng: np.random.Generator
) -> Picture:
    """Leave the old backdrop's light along the outline."""
    old = to_linear(_old_backdrop(rng))
    seen = clean.own + (1 - clean.alpha[..., None]) * old
    width = round((WIDEST_BAND + 1) * strength) - 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width + 1,) * 2)
    alpha = np.asarray(cv2.dilate(clean.alpha, kernel), np.float32)
    return _lay(seen * alpha[..., None], alpha, colour)


WAYS: dict[str, Spoil] = {
    "islands": sprinkle_islands,
    "pin-holes": pierce,
    "saw-teeth": jag,
    "old backdrop": leave_band,
}
"""Every way in which a photo may be spoilt, by its name."""


def _lay(own: Linear, alpha: SoftMask, colour: Codes) -> Picture:
    plain = to_linear(np.array(colour, np.uint8))
    return to_srgb(np.asarray(own + (1 - alpha[..., None]) * plain, np.float32))


def _relay(clean: CleanPhoto, alpha: SoftMask, colour: Codes) -> Picture:
    """Lay the person's own colour with another alpha; where there was none, the nearest."""
    solid = clean.alpha > 0.5
    own = clean.own / np.maximum(clean.alpha, 0.5)[..., None]
    _, labels = cv2.distanceTransformWithLabels(
        (~solid).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    places = np.flatnonzero(solid)
    nearest = np.zeros(int(labels.max()) + 1, np.intp)
    nearest[labels.ravel()[places]] = places
    full = own.reshape(-1, 3)[nearest[labels]]
    more = np.maximum(alpha - clean.alpha, 0)[..., None]
    kept = np.minimum(alpha / np.maximum(clean.alpha, np.float32(1e-3)), 1)[..., None]
    return _lay(np.asarray(clean.own * kept + full * more, np.float32), alpha, colour)


def _old_backdrop(rng: np.random.Generator) -> NDArray[np.uint8]:
    return np.array(OLD_BACKDROPS[rng.integers(len(OLD_BACKDROPS))], np.uint8)


def _distance(mask: Mask) -> NDArray[np.float32]:
    return np.asarray(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5), np.float32)


def _signed_distance(alpha: SoftMask) -> NDArray[np.float32]:
    """Each pixel's distance to the outline in px, positive within the person."""
    edge = (alpha > 0.02) & (alpha < 0.98)
    away = _distance(alpha > 0.5) - _distance(alpha <= 0.5)
    # At the outline alpha itself tells where within a pixel it runs.
    return np.where(edge, np.where(np.abs(away) <= 1, alpha - 0.5, away), away).astype(np.float32)


def _cover(distance: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much of a pixel lies within an outline at this distance from its middle."""
    return np.asarray((distance + 0.5).clip(0, 1), np.float32)


def _bits(where: Mask, strength: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Bits of 1 to LARGEST_BIT pixels in a mask, as many as the strength says."""
    bits = np.zeros(where.shape, np.float32)
    height, width = where.shape
    places = np.argwhere(where)
    for y, x in rng.choice(places, round(MOST_BITS * strength)).tolist():
        grown: list[tuple[int, int]] = [(y, x)]
        for _ in range(int(rng.integers(LARGEST_BIT))):
            row, column = grown[int(rng.integers(len(grown)))]
            grown.append((row + int(rng.integers(-1, 2)), column + int(rng.integers(-1, 2))))
        for row, column in grown:
            if 0 <= row < height and 0 <= column < width and where[row, column]:
                bits[row, column] = 1
    return bits

"""Props: what a rule forbids, put onto a portrait, so that there are enough negatives to count.

A wig is another portrait's hair; hats, masks, hands, dark glasses, shine and shadows are drawn with
the picture's own light. They are no photographs of such things: what catches these has still to be
held against real ones.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import to_linear, to_srgb
from kiosk.pipeline.look.patch import EYES, Points

Share = NDArray[np.float32]
"""H x W, 0 to 1: how much of a px is covered."""

_BROWS = (336, 296, 334, 293, 300, 107, 66, 105, 63, 70)
_CHEEKS = 454, 234
_TOP = 10
_JAW = (
    454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
    148, 176, 149, 150, 136, 172, 58, 132, 93, 234,
)  # fmt: skip
_NOSE_BRIDGE, _IRIS, _BELOW_EYE = 197, 468, 50


class _Head:
    """A face's own axes, in T, from between its eyes."""

    def __init__(self, points: Points) -> None:
        left, right = (points[list(eye)].mean(0) for eye in EYES)
        self._points, self._across = points, left - right
        self.up = np.array([self._across[1], -self._across[0]])
        self.middle = (left + right) / 2
        self.t = float(np.hypot(*self._across))

    def at(self, right: float, up: float) -> NDArray[np.float64]:
        """The px of the point that lies so far to the picture's right and up."""
        return np.asarray(self.middle + right * self._across + up * self.up)

    def of(self, index: int) -> tuple[float, float]:
        """How far to the right and up a mesh point lies."""
        off = (self._points[index] - self.middle) / self.t**2
        return float(off @ self._across), float(off @ self.up)

    @property
    def half(self) -> float:
        """Half of the face's width."""
        return max(abs(self.of(cheek)[0]) for cheek in _CHEEKS)


def _cover(picture: Picture, outline: list[NDArray[np.float64]], soft: float) -> Share:
    mask = np.zeros(picture.shape[:2], np.float32)
    cv2.fillPoly(mask, [np.rint(np.array(outline)).astype(np.int32)], 1.0)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(soft, 0.5)), np.float32)


def _white(picture: Picture) -> float:
    """Linear light of the picture's brightest fiftieth."""
    return float(np.percentile(to_linear(np.ascontiguousarray(picture[::4, ::4])), 98))


def put_on_wig(patch: Picture, donor: Picture, hair: Share) -> Picture:
    """Put a donor's hair on a head; both are patches of `coverage.cut_out_head`."""
    cover = np.asarray(cv2.GaussianBlur(np.clip(1.2 * hair, 0, 1), (0, 0), 1.0))[..., None]
    return np.asarray(np.rint(patch * (1 - cover) + donor * cover), np.uint8)


def put_on_hat(picture: Picture, points: Points, rng: np.random.Generator) -> Picture:
    """Put on a cap of knit or cloth in some colour, down to somewhere above the brows."""
    head, white = _Head(points), _white(picture)
    half = head.half + 0.15
    low = max(head.of(brow)[1] for brow in _BROWS) + float(rng.uniform(0.05, 0.25))
    top = head.of(_TOP)[1] + 1.15
    angles = np.linspace(0, np.pi, 40)
    outline = [head.at(half * np.cos(a), low + (top - low) * np.sin(a) ** 0.8) for a in angles]
    outline += [head.at(x, low - 0.12 * (x / half) ** 2) for x in np.linspace(-half, half, 20)]
    grey = rng.random() < 0.4
    colour = np.full(3, rng.uniform(0.02, 0.8)) if grey else rng.uniform(0.02, 0.9, 3)
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]].astype(np.float32)
    wave = 2 * np.pi / max(head.t * float(rng.uniform(0.04, 0.1)), 3)
    knit = 1 + float(rng.uniform(0, 0.3)) * np.cos(x * wave) * np.cos(0.7 * y * wave)
    form = np.clip(1 - np.abs(x - head.middle[0]) / (1.6 * half * head.t), 0.3, 1)
    cloth = 0.8 * white * colour * (knit * form)[..., None]
    cover = _cover(picture, outline, head.t / 60)[..., None]
    return to_srgb(np.asarray(to_linear(picture) * (1 - cover) + cloth * cover, np.float32))


def put_on_mask(picture: Picture, points: Points, rng: np.random.Generator) -> Picture:
    """Put a pleated mask of some colour over nose, mouth and chin, with a strap to each ear."""
    head = _Head(points)
    jaw = [np.asarray(head.at(1.02 * x, y - 0.06)) for x, y in map(head.of, _JAW)]
    low = head.of(_NOSE_BRIDGE)[1]
    aside = [np.asarray(head.at(side * 0.55, low - 0.22)) for side in (-1, 1)]
    outline = [aside[1], *jaw[4:-4], aside[0], np.asarray(head.at(0, low))]
    grey = rng.random() < 0.6
    colour = np.full(3, rng.uniform(0.02, 0.8)) if grey else rng.uniform(0.05, 0.8, 3)
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]].astype(np.float32)
    pleat = 1 - 0.12 * (np.sin((y - head.middle[1]) / head.t * 2 * np.pi * 4) > 0.8)
    form = np.clip(1.1 - np.abs(x - head.middle[0]) / (1.8 * head.t), 0.4, 1)
    cloth = 0.8 * _white(picture) * colour * (pleat * form)[..., None]
    cover = _cover(picture, outline, head.t / 80)
    for end, ear in zip(aside, reversed(_CHEEKS), strict=True):
        strap = np.zeros_like(cover)
        ends = end.astype(int).tolist(), points[ear].astype(int).tolist()
        cv2.line(strap, *ends, 1.0, max(round(head.t * 0.03), 1), cv2.LINE_AA)
        cover = np.maximum(cover, strap)
    light = to_linear(picture) * (1 - cover[..., None]) + cloth * cover[..., None]
    return to_srgb(np.asarray(light, np.float32))


def hold_hand_before_eye(picture: Picture, points: Points, rng: np.random.Generator) -> Picture:
    """Hold five fingers before the right eye, in the cheek's colour, with shade between them."""
    head, drawn = _Head(points), picture.copy()
    middle = points[_IRIS]
    x, y = (int(v) for v in points[_BELOW_EYE])
    skin = np.median(picture[y - 4 : y + 4, x - 4 : x + 4].reshape(-1, 3), axis=0)
    slope = float(rng.uniform(0.2, 0.4))
    for finger in range(-2, 3):
        start = middle + np.array([-1.2, 0.22 * finger + slope]) * head.t
        end = middle + np.array([0.9, 0.2 * finger]) * head.t
        for share, width in ((0.88, 0.24), (0.95, 0.19)):
            colour = tuple(float(v) for v in skin * share)
            ends = start.astype(int).tolist(), end.astype(int).tolist()
            cv2.line(drawn, *ends, colour, int(width * head.t), cv2.LINE_AA)
    return drawn


def put_on_dark_glasses(picture: Picture, points: Points, rng: np.random.Generator) -> Picture:
    """Put on dark glasses with a frame, tinted: most let 3 to 35 % of the light through, some of
    them more below and less above, and some have half adapted to the sun and let up to 55 %
    through."""
    head, white = _Head(points), _white(picture)
    kind = float(rng.random())
    least, most = (0.35, 0.55) if kind > 0.8 else (0.03, 0.35)
    through = float(rng.uniform(least, most)) * rng.uniform(0.7, 1.0, 3)
    # How many times as much light the lens's lower edge lets through as its upper one.
    lighter = float(rng.uniform(2.0, 4.0)) if 0.5 < kind < 0.8 else 1.0
    shape = _Lenses(rng)
    veil = 0.012 * white * float(rng.uniform(0, 1))
    light = to_linear(picture)
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]].astype(np.float32)
    up = ((x - head.middle[0]) * head.up[0] + (y - head.middle[1]) * head.up[1]) / head.t**2
    depth = np.clip((shape.high - shape.low - up) / (2 * shape.high), 0, 1)[..., None]
    passed = np.clip(through * lighter ** (depth - 0.5), 0, 0.8)
    for side in (-0.5, 0.5):
        rim, lens = (shape.cover(picture, head, side, size) for size in (1.1, 1.0))
        seen = 0.015 * white * (1 - lens) + (light * passed + veil) * lens
        light = np.asarray(light * (1 - rim) + seen * rim, np.float32)
    return to_srgb(light)


def put_on_low_glasses(picture: Picture, points: Points, rng: np.random.Generator) -> Picture:
    """Put on clear glasses that have slipped down, so that their upper rims lie over the eyes."""
    head, white = _Head(points), _white(picture)
    shape = _Lenses(rng)
    width = float(rng.uniform(0.05, 0.12))
    # The middle of the rim runs through the eyes' openings.
    shape.low = shape.high + float(rng.uniform(-0.03, 0.03)) + width / 2
    colour = 0.3 * white * float(rng.uniform(0.05, 0.5)) * rng.uniform(0.4, 1.0, 3)
    light = to_linear(picture)
    for side in (-0.5, 0.5):
        outer = shape.cover(picture, head, side, 1 + width / shape.high)
        rim = outer * (1 - shape.cover(picture, head, side, 1.0))
        light = np.asarray(light * (1 - rim) + colour * rim, np.float32)
    return to_srgb(light)


class _Lenses:
    """The shape of a pair of glasses, in T."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.wide, self.high = float(rng.uniform(0.38, 0.46)), float(rng.uniform(0.27, 0.40))
        self._square, self.low = float(rng.uniform(2.0, 4.0)), float(rng.uniform(0.02, 0.1))

    def cover(self, picture: Picture, head: _Head, side: float, size: float) -> Share:
        """One of them, so many times as large, with its middle `side` T to the picture's right."""
        angles = np.linspace(0, 2 * np.pi, 60)
        xs, ys = (
            np.sign(f(angles)) * np.abs(f(angles)) ** (2 / self._square) for f in (np.cos, np.sin)
        )
        outline = [
            head.at(side + self.wide * size * x, self.high * size * y - self.low)
            for x, y in zip(xs, ys, strict=True)
        ]
        return np.asarray(_cover(picture, outline, head.t / 100)[..., None], np.float32)


def add_shine(picture: Picture, points: Points, rng: np.random.Generator) -> Picture:
    """Let forehead, nose and both cheeks mirror a lamp, broad and soft as oily skin does."""
    head, light = _Head(points), to_linear(picture)
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]].astype(np.float32)
    strong = _white(picture) * float(rng.uniform(0.5, 1.0))
    for right, up in ((0, 0.75), (0, -0.45), (-0.55, -0.5), (0.55, -0.5)):
        spot = head.at(right + float(rng.normal(0, 0.05)), up + float(rng.normal(0, 0.05)))
        far = np.hypot(x - spot[0], y - spot[1]) / head.t
        lobe = np.exp(-((far / float(rng.uniform(0.16, 0.24))) ** 2))
        light = np.asarray(light + strong * lobe[..., None], np.float32)
    return to_srgb(light)


def cast_shadow(
    picture: Picture, points: Points, person: Share, rng: np.random.Generator
) -> Picture:
    """Let one lamp cast the person's shadow on the backdrop; `person` is their mask."""
    head = _Head(points)
    aside = float(rng.choice([-1, 1]) * rng.uniform(0.35, 0.7)) * head.t
    moved = np.array([[1, 0, aside], [0, 1, 0.1 * head.t]])
    size = picture.shape[1], picture.shape[0]
    cast = cv2.warpAffine(person, moved, size, borderMode=cv2.BORDER_REPLICATE)
    cast = cv2.GaussianBlur(cast, (0, 0), head.t * float(rng.uniform(0.03, 0.12)))
    dark = float(rng.uniform(0.5, 0.7)) * cast * (1 - person)
    return to_srgb(np.asarray(to_linear(picture) * (1 - dark[..., None]), np.float32))

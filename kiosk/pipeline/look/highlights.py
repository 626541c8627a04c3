"""Highlights: the spots on lenses and skin that mirror a light: how bright, how large, how clipped.

Spots are found once (`find_spots`) and may then be measured in each frame by the same masks, on an
upright patch that follows the mesh: so a spot stays the same one while the lamps change.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.light import Luminance, to_linear
from kiosk.pipeline.look import skin
from kiosk.pipeline.look.glasses import eye_zone
from kiosk.pipeline.look.patch import LIDS, Points, cut_upright_patch, map_points
from kiosk.pipeline.mask import Mask
from kiosk.pipeline.observation import Spot, SpotPlace

SCALE = 1.5
"""Size of this patch against the one on which skin is measured, which is too coarse for lenses."""

SIDE, EYE_DISTANCE = round(SCALE * skin.PATCH_SIDE), SCALE * skin.EYE_DISTANCE
"""The face is measured upright on SIDE x SIDE px, on which the eyes are EYE_DISTANCE px apart."""

MIDDLE = (0.5, 0.42)
"""Where the point midway between the eyes comes to, in shares of the patch's side."""

LENS = (0.46, 0.36)
"""How far a lens reaches from its eye aside, and up and down, in T: a wide one, without its rim."""

LEAST_RIM = 0.34
"""`Glasses.rim` from which on glasses are worn: the rule `glare` judges by the same."""

SEED, GROWN = 1.6, 1.2
"""A spot is SEED times as bright as its surround somewhere, as for the rules, and reaches as far as
it is GROWN times as bright."""

LEAST_CONTRAST = 1.4
"""How many times as bright as what lies about it a spot is at least: the face's own forms are
less."""

GREYER = 0.9
"""Share of the surround's saturation that a spot has at most: what mirrors a white lamp pales."""

LEAST_SEED, LEAST_SPOT = 4, 10
"""Px of the patch below which a spot is none."""

LEAST_SHINE = 0.005
"""Share of the skin below which a spot on it is none."""

MOST_SPOTS = {"lens_left": 3, "lens_right": 3, "skin": 6}
"""How many of the largest spots are kept."""

WIDENED = 2
"""Px of the patch by which a spot is widened to be measured: a head sways."""

RING = 5
"""Width in px of the surround about a widened spot."""

CLIPPED = 250
"""8-bit code from which on a channel is cut off, noise included."""

LEAST_WINDOW = 40
"""Px below which a spot's brightness cannot be told."""

LEAST_FREE = 0.1
"""Share of a spot's excess that must not be cut off, for its brightness to be told."""

Indices = NDArray[np.intp]
"""Flat indices of px of the patch."""


@dataclass(frozen=True, slots=True, eq=False)
class _Traced:
    """One spot's masks on the patch."""

    place: SpotPlace
    number: int
    x: float
    y: float
    area: float
    inside: Indices
    ring: Indices
    window: Indices
    """Px from which its brightness is told."""
    projector: NDArray[np.float32] | None
    """2 x N: how bright the spot's excess and its surround are, from the light in the window."""


@dataclass(frozen=True, slots=True, eq=False)
class SpotMap:
    """Where the spots of one face are, on the patch that follows its mesh."""

    spots: tuple[_Traced, ...]

    def measure(self, picture: Picture, points: Points) -> tuple[Spot, ...]:
        """Measure the spots in an sRGB picture (H x W x 3) with the face's mesh `points`."""
        patch, _ = cut_upright_patch(picture, points, SIDE, EYE_DISTANCE, MIDDLE)
        return self._measure(patch)

    def places(self) -> dict[str, NDArray[np.float64]]:
        """Where each spot's px are, by its name: N x 2, in T to the picture's right of, and below,
        the point midway between the eyes."""
        found = {}
        for traced in self.spots:
            rows, columns = np.divmod(traced.inside, SIDE)
            at = np.stack([columns, rows], 1) - np.array(MIDDLE) * SIDE
            found[f"{traced.place} {traced.number}"] = at / EYE_DISTANCE
        return found

    def _measure(self, patch: Picture) -> tuple[Spot, ...]:
        light = cool_light(patch).reshape(-1)
        cut = _cut_off(patch).reshape(-1)
        return tuple(_measure_spot(traced, light, cut) for traced in self.spots)


def measure_highlights(
    picture: Picture, points: Points, *, glasses: bool, where: SpotMap | None = None
) -> tuple[Spot, ...]:
    """Measure the spots of an sRGB picture (H x W x 3) on the face whose mesh is `points`.

    `glasses` says whether any are worn; `where` is the map of spots found before, None to look
    for them anew.
    """
    found = find_spots(picture, points, glasses=glasses) if where is None else where
    return found.measure(picture, points)


def find_spots(picture: Picture, points: Points, *, glasses: bool) -> SpotMap:
    """Find the spots; arguments as for `measure_highlights`."""
    patch, matrix = cut_upright_patch(picture, points, SIDE, EYE_DISTANCE, MIDDLE)
    mesh = map_points(points, matrix)
    light, colour, cut = cool_light(patch), _saturation(patch), _cut_off(patch)
    traced: list[_Traced] = []
    taken = np.zeros((SIDE, SIDE), bool)
    for place, zone, counted in _zones(mesh, glasses=glasses):
        zone &= ~taken
        if zone.any():
            traced += _trace(place, zone, counted, light, colour, cut)
            taken |= zone
    return SpotMap(tuple(traced))


def cool_light(patch: Picture) -> Luminance:
    """Mean of the linear green and blue of an sRGB picture: H x W."""
    linear = cv2.LUT(patch, _LINEAR)
    return np.asarray(cv2.transform(linear, _COOL), np.float32).reshape(patch.shape[:2])


_LINEAR = to_linear(np.arange(256, dtype=np.uint8))
_COOL = np.array([[0.0, 0.5, 0.5]], np.float32)


def _cut_off(patch: Picture) -> Mask:
    return np.asarray(patch[..., 1:].max(2) >= CLIPPED)


WORTH = {"lens": 0.03, "skin": 0.06}
"""Share of an eye's zone, and of the skin, from which on spots are asked after: half of what the
rules `glare` and `highlight` have as their goal."""

PERSISTENCE = 4
"""Frames in a row in which spots must be seen: who moves through a light is not asked after."""


def worth_asking(history: Sequence[tuple[Spot, ...]]) -> bool:
    """Whether spots have stayed that are large enough to ask which light they mirror.

    `history` has the highlights of the last frames, the oldest first.
    """
    last = history[-PERSISTENCE:]
    return len(last) == PERSISTENCE and (
        all(_largest_lens(spots) >= WORTH["lens"] for spots in last)
        or all(_share(spots, "skin") >= WORTH["skin"] for spots in last)
    )


def _largest_lens(spots: tuple[Spot, ...]) -> float:
    return max(_share(spots, "lens_left"), _share(spots, "lens_right"))


def _share(spots: tuple[Spot, ...], place: SpotPlace) -> float:
    return sum(spot.area for spot in spots if spot.place == place)


def _zones(mesh: Points, *, glasses: bool) -> Iterator[tuple[SpotPlace, Mask, Mask]]:
    """Places, where spots are looked for there, and what their area is a share of."""
    openings = np.zeros((SIDE, SIDE), np.uint8)
    for lid in LIDS:
        zone, eye = eye_zone(mesh[list(lid)], SIDE, EYE_DISTANCE)
        openings |= cv2.dilate(eye.astype(np.uint8), np.ones((5, 5), np.uint8))
    free = np.asarray(openings == 0)
    if glasses:
        # LIDS begins with the person's left eye, which is on the picture's right.
        for place, lid in zip(("lens_right", "lens_left"), LIDS, strict=True):
            zone, _ = eye_zone(mesh[list(lid)], SIDE, EYE_DISTANCE)
            lens = np.zeros((SIDE, SIDE), np.uint8)
            x, y = mesh[list(lid)].mean(0)
            at = round(float(np.clip(x, -SIDE, SIDE))), round(float(np.clip(y, -SIDE, SIDE)))
            axes = round(LENS[0] * EYE_DISTANCE), round(LENS[1] * EYE_DISTANCE)
            cv2.ellipse(lens, at, axes, 0, 0, 360, 1, -1)
            yield place, np.asarray(lens > 0) & free, zone  # type: ignore[misc]
    area = skin.skin_area(mesh / SCALE).astype(np.uint8)
    whole = cv2.resize(area, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST) > 0
    yield "skin", np.asarray(whole) & free, np.asarray(whole)


def _saturation(patch: Picture) -> Luminance:
    red, green, blue = cv2.split(to_linear(patch))
    most, least = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    return np.asarray((most - least) / np.maximum(most, 1e-3), np.float32)


def _trace(
    place: SpotPlace, zone: Mask, counted: Mask, light: Luminance, colour: Luminance, cut: Mask
) -> list[_Traced]:
    around = _surround(light, zone)
    usual = float(np.median(colour[zone]))
    bright = light / np.maximum(around, 1e-3)
    pale = colour < GREYER * usual
    grown = zone & (bright > GROWN) & pale
    _, labels, stats, centres = cv2.connectedComponentsWithStats(grown.astype(np.uint8))
    seeds = np.bincount(labels[(bright > SEED) & grown], minlength=len(stats))
    kept = [
        label
        for label in range(1, len(stats))
        if seeds[label] >= LEAST_SEED and stats[label, cv2.CC_STAT_AREA] >= LEAST_SPOT
    ]
    kept.sort(key=lambda label: -float(stats[label, cv2.CC_STAT_AREA]))
    all_spots = cv2.dilate(grown.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    traced = []
    for number, label in enumerate(kept[: MOST_SPOTS[place]], 1):
        spot = np.asarray(labels == label)
        inside, ring = _widen(spot, zone, all_spots)
        x, y = (centres[label] - np.array(MIDDLE) * SIDE) / EYE_DISTANCE
        share = float((spot & counted).sum() / max(int(counted.sum()), 1))
        window, projector = _templates(inside, ring, light, cut)
        lit, about = light[spot].mean(), np.median(light.reshape(-1)[ring])
        if lit < LEAST_CONTRAST * about or (place == "skin" and share < LEAST_SHINE):
            continue
        traced.append(
            _Traced(place, number, float(x), float(y), share, inside, ring, window, projector)
        )
    return traced


def _widen(spot: Mask, zone: Mask, all_spots: Mask) -> tuple[Indices, Indices]:
    one = spot.astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * WIDENED + 1,) * 2)
    reach = 2 * (WIDENED + RING) + 1
    wide = cv2.dilate(one, disc) > 0
    far = cv2.dilate(one, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))) > 0
    ring = far & ~wide & ~all_spots & zone
    if not ring.any():
        ring = far & ~wide
    return np.flatnonzero(wide), np.flatnonzero(ring)


def _surround(light: Luminance, zone: Mask) -> Luminance:
    """What the light would be without spots: smooth, and not above the zone's median by much."""
    middle = np.float32(np.median(light[zone]))
    tame = np.minimum(light, 1.1 * middle)
    share = zone.astype(np.float32)
    size = round(EYE_DISTANCE / 2) | 1
    total = cv2.boxFilter(tame * share, -1, (size, size), normalize=False)
    count = cv2.boxFilter(share, -1, (size, size), normalize=False)
    return np.asarray(total / np.maximum(count, 1), np.float32)


def _templates(
    inside: Indices, ring: Indices, light: Luminance, cut: Mask
) -> tuple[Indices, NDArray[np.float32] | None]:
    """The px from which a spot's brightness is told, and the least squares that tell it.

    What is seen is a sum of the spot's excess and its surround, each as in this frame, of what
    either becomes where it moves by a part of a px, and of what the whole becomes where it blurs.
    """
    blunt = cv2.dilate(cut.astype(np.uint8), np.ones((3, 3), np.uint8)).reshape(-1) > 0
    around = float(np.median(light.reshape(-1)[ring]))
    excess = np.zeros(light.size, np.float32)
    excess[inside] = light.reshape(-1)[inside] - around
    excess = excess.reshape(light.shape)
    ground = light - excess
    window = np.concatenate([inside, ring])
    window = window[~blunt[window]]
    parts = [excess, ground]
    for part in (excess, ground):
        parts += [cv2.Sobel(part, cv2.CV_32F, 1, 0), cv2.Sobel(part, cv2.CV_32F, 0, 1)]
    parts.append(cv2.Laplacian(light, cv2.CV_32F))
    fields = np.stack([part.reshape(-1)[window] for part in parts], 1)
    free = float(np.maximum(fields[:, 0], 0).sum())
    if len(window) < LEAST_WINDOW or free < LEAST_FREE * max(float(excess.sum()), 1e-6):
        return window, None
    return window, np.linalg.pinv(fields, rcond=1e-4)[:2].astype(np.float32)


def _measure_spot(traced: _Traced, light: NDArray[np.float32], cut: NDArray[np.bool_]) -> Spot:
    answer, ground = None, 1.0
    if traced.projector is not None:
        answer, ground = (traced.projector @ light[traced.window]).tolist()
    return Spot(
        place=traced.place,
        number=traced.number,
        x=traced.x,
        y=traced.y,
        light=float(light[traced.inside].mean()),
        around=float(np.median(light[traced.ring])) if traced.ring.size else 0.0,
        area=traced.area,
        size=traced.inside.size / EYE_DISTANCE**2,
        clipped=float(cut[traced.inside].mean()),
        answer=answer,
        ground=ground,
    )

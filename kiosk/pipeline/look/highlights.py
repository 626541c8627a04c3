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
from kiosk.pipeline.light import LINEAR, Luminance
from kiosk.pipeline.look import skin
from kiosk.pipeline.look.patch import LIDS, Points, cut_upright_patch, map_points
from kiosk.pipeline.look.reflections import WHITER, eye_zone
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


def find_spots(picture: Picture, points: Points, *, glasses: bool, asking: bool = False) -> SpotMap:
    """Find the spots; `asking` says that how they answer will be measured, which takes templates.
    Other arguments as for `measure_highlights`."""
    patch, matrix = cut_upright_patch(picture, points, SIDE, EYE_DISTANCE, MIDDLE)
    mesh = map_points(points, matrix)
    view = _View(cool_light(patch), _saturation(patch), _cut_off(patch))
    traced: list[_Traced] = []
    taken = np.zeros((SIDE, SIDE), bool)
    for place, zone, counted, eye in _zones(mesh, glasses=glasses):
        zone &= ~taken
        if zone.any():
            white = float(np.percentile(view.light[eye], 90)) if eye.any() else 0.0
            traced += _trace(place, zone, counted, view, WHITER * white, asking=asking)
            taken |= zone
    return SpotMap(tuple(traced))


def cool_light(patch: Picture) -> Luminance:
    """Mean of the linear green and blue of an sRGB picture: H x W."""
    linear = cv2.LUT(patch, LINEAR)
    return np.asarray(cv2.transform(linear, _COOL), np.float32).reshape(patch.shape[:2])


_COOL = np.array([[0.0, 0.5, 0.5]], np.float32)


def _cut_off(patch: Picture) -> Mask:
    return np.asarray(np.maximum(patch[..., 1], patch[..., 2]) >= CLIPPED)


WORTH = {"lens": 0.06, "skin": 0.09}
"""Share of an eye's zone, and of the skin, from which on spots are asked after. A lens's share is
some 1.4 times what the rule `glare` finds, so that this comes before its goal; the skin's is three
quarters of the goal of `highlight`."""

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


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """A patch, or a part of it, as spots are looked for in it."""

    light: Luminance
    colour: Luminance
    """Saturation of linear light, 0 to 1."""
    cut: Mask
    """What is cut off at white."""

    def part(self, rows: slice, columns: slice) -> "_View":
        return _View(self.light[rows, columns], self.colour[rows, columns], self.cut[rows, columns])


def _zones(mesh: Points, *, glasses: bool) -> Iterator[tuple[SpotPlace, Mask, Mask, Mask]]:
    """Places, where spots are looked for there, what their area is a share of, and the eye behind
    the lens, where there is one."""
    eyes = [eye_zone(mesh[list(lid)], SIDE, EYE_DISTANCE) for lid in LIDS]
    openings = (eyes[0][1] | eyes[1][1]).astype(np.uint8)
    free = np.asarray(cv2.dilate(openings, np.ones((5, 5), np.uint8)) == 0)
    if glasses:
        # LIDS begins with the person's left eye, which is on the picture's right.
        places: tuple[SpotPlace, SpotPlace] = ("lens_right", "lens_left")
        for place, lid, (zone, eye) in zip(places, LIDS, eyes, strict=True):
            lens = np.zeros((SIDE, SIDE), np.uint8)
            x, y = mesh[list(lid)].mean(0)
            at = round(float(np.clip(x, -SIDE, SIDE))), round(float(np.clip(y, -SIDE, SIDE)))
            axes = round(LENS[0] * EYE_DISTANCE), round(LENS[1] * EYE_DISTANCE)
            cv2.ellipse(lens, at, axes, 0, 0, 360, 1, -1)
            yield place, np.asarray(lens > 0) & free, zone, eye
    area = skin.skin_area(mesh / SCALE).astype(np.uint8)
    whole = np.asarray(cv2.resize(area, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST) > 0)
    yield "skin", whole & free, whole, np.zeros_like(whole)


def _saturation(patch: Picture) -> Luminance:
    red, green, blue = cv2.split(patch)
    most = LINEAR[cv2.max(cv2.max(red, green), blue)]
    least = LINEAR[cv2.min(cv2.min(red, green), blue)]
    return np.asarray(1 - least / np.maximum(most, np.float32(1e-3)), np.float32)


def _box(
    bounds: Sequence[int] | NDArray[np.int32], margin: int, shape: tuple[int, ...]
) -> tuple[slice, slice]:
    """The rows and columns of a box (left, top, width, height, …) and of a margin about it."""
    left, top, width, height = (int(value) for value in bounds[:4])
    return (
        slice(max(top - margin, 0), min(top + height + margin, shape[0])),
        slice(max(left - margin, 0), min(left + width + margin, shape[1])),
    )


def _trace(
    place: SpotPlace, whole: Mask, counted: Mask, view: _View, least: float, *, asking: bool
) -> list[_Traced]:
    """The spots of a zone that have more than the least light somewhere, the largest first."""
    box = cv2.boundingRect(whole.astype(np.uint8))
    rows, columns = _box(box, WIDENED + RING, whole.shape)
    zone, view = whole[rows, columns], view.part(rows, columns)
    bright = view.light / np.maximum(_surround(view.light, zone), 1e-3)
    pale = view.colour < GREYER * float(np.median(view.colour[zone]))
    grown = zone & (bright > GROWN) & pale
    _, labels, stats, centres = cv2.connectedComponentsWithStats(grown.astype(np.uint8))
    peaks = grown & (bright > SEED) & (view.light > least)
    seeds = np.bincount(labels[peaks], minlength=len(stats))
    sizes = stats[:, cv2.CC_STAT_AREA]
    smallest = max(LEAST_SPOT, LEAST_SHINE * int(counted.sum()) if place == "skin" else 0)
    kept = [n for n in range(1, len(stats)) if seeds[n] >= LEAST_SEED and sizes[n] >= smallest]
    kept.sort(key=lambda n: -int(sizes[n]))
    others = cv2.dilate(grown.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    corner = np.array([columns.start, rows.start])
    counts = counted[rows, columns] & peaks
    whole_count = max(cv2.countNonZero(counted.astype(np.uint8)), 1)
    traced: list[_Traced] = []
    for label in kept[: MOST_SPOTS[place]]:
        near = _box(stats[label], WIDENED + RING + 1, zone.shape)
        spot = np.asarray(labels[near] == label)
        masks = _widen(spot, zone[near], others[near])
        if not _stands_out(spot, *masks, view.light[near]):
            continue
        told = _templates(*masks, view.part(*near)) if asking else None
        x, y = (centres[label] + corner - np.array(MIDDLE) * SIDE) / EYE_DISTANCE
        share = float((spot & counts[near]).sum()) / whole_count
        at = rows.start + near[0].start, columns.start + near[1].start
        inside, ring, window = (
            _flat(mask, at) for mask in (*masks, masks[0] if told is None else told[0])
        )
        projector = None if told is None else told[1]
        number = len(traced) + 1
        traced.append(
            _Traced(place, number, float(x), float(y), share, inside, ring, window, projector)
        )
    return traced


def _flat(mask: Mask, at: tuple[int, int]) -> Indices:
    """The flat indices on the patch of a mask whose first px is in row and column `at` there."""
    rows, columns = np.nonzero(mask)
    return np.asarray((rows + at[0]) * SIDE + columns + at[1])


def _stands_out(spot: Mask, inside: Mask, ring: Mask, light: Luminance) -> bool:
    about = float(np.median(light[ring]))
    lit, wide = float(light[spot].mean()), float(light[inside].mean())
    return lit >= LEAST_CONTRAST * about and wide >= GROWN * about


def _widen(spot: Mask, zone: Mask, others: Mask) -> tuple[Mask, Mask]:
    """A spot with its soft edge, and its surround."""
    one = spot.astype(np.uint8)
    wide = cv2.dilate(one, _disc(WIDENED)) > 0
    far = cv2.dilate(one, _disc(WIDENED + RING)) > 0
    ring = far & ~wide & ~others & zone
    return np.asarray(wide), np.asarray(ring if ring.any() else far & ~wide)


def _disc(radius: int) -> NDArray[np.uint8]:
    size = 2 * radius + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def _surround(light: Luminance, zone: Mask) -> Luminance:
    """What the light would be without spots: smooth, and not above the zone's median by much."""
    some = np.ascontiguousarray(zone[::COARSE, ::COARSE]).astype(np.float32)
    middle = np.float32(np.median(light[zone]))
    tame = np.minimum(light[::COARSE, ::COARSE], np.float32(1.1) * middle) * some
    side = round(EYE_DISTANCE / 2 / COARSE) | 1
    total, share = cv2.blur(tame, (side, side)), cv2.blur(some, (side, side))
    smooth = cv2.divide(total, np.maximum(share, np.float32(1e-3)))
    return np.asarray(cv2.resize(smooth, light.shape[::-1]), np.float32)


COARSE = 4
"""How many times as coarse as the patch what varies over half of T is worked out."""


def _templates(inside: Mask, ring: Mask, view: _View) -> tuple[Mask, NDArray[np.float32] | None]:
    """The px from which a spot's brightness is told, and the least squares that tell it.

    What is seen is a sum of the spot's excess and its surround, each as in this frame, of what
    either becomes where it moves by a part of a px, and of what the whole becomes where it blurs.
    """
    blunt = cv2.dilate(view.cut.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    around = np.float32(np.median(view.light[ring]))
    excess = np.where(inside, view.light - around, np.float32(0))
    ground = view.light - excess
    window = np.asarray((inside | ring) & ~blunt)
    parts = [excess, ground]
    for part in (excess, ground):
        parts += [cv2.Sobel(part, cv2.CV_32F, 1, 0), cv2.Sobel(part, cv2.CV_32F, 0, 1)]
    parts.append(cv2.Laplacian(view.light, cv2.CV_32F))
    fields = np.stack([part[window] for part in parts], 1)
    free = float(np.maximum(fields[:, 0], 0).sum())
    if len(fields) < LEAST_WINDOW or free < LEAST_FREE * max(float(excess.sum()), 1e-6):
        return window, None
    # By the normal equations, seven by seven: the templates are of one size after scaling.
    size = np.maximum(np.linalg.norm(fields, axis=0), 1e-6)
    scaled = (fields / size).astype(np.float64)
    solver = np.linalg.pinv(scaled.T @ scaled, rcond=1e-6)[:2] @ scaled.T
    return window, (solver / size[:2, None]).astype(np.float32)


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

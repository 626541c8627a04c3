"""What covers head and face: headgear, hair, masks, hands. By two segmentations. Pure."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.look.eye_cover import lightness, shows_no_iris
from kiosk.pipeline.look.lenses import measure_lenses
from kiosk.pipeline.look.ornaments import measure_earrings
from kiosk.pipeline.look.patch import (
    BROWS,
    IRISES,
    LIDS,
    OVAL,
    WIDEST,
    Points,
    cut_place,
    cut_upright_patch,
    map_points,
)
from kiosk.pipeline.mask import Mask, SoftMask
from kiosk.pipeline.observation import Coverage

PATCH_SIDE, EYE_DISTANCE = 512, 98.0
"""The head is cut out upright on a patch of PATCH_SIDE x PATCH_SIDE px, on which the eyes are
EYE_DISTANCE px apart."""

CLASSES_SIDE, T = PATCH_SIDE // 2, EYE_DISTANCE / 2
"""Classes are told on half of that, the segmenter's own size: its side, and the distance of the
eyes there, in px."""

BACKGROUND, HAIR, BODY_SKIN, FACE_SKIN, CLOTHES, THINGS = range(6)
"""The classes of MediaPipe's selfie multiclass segmenter, in its order. Hats, masks and glasses are
things, hands the body's skin."""

Classes = NDArray[np.uint8]
"""CLASSES_SIDE x CLASSES_SIDE: the likeliest class of each pixel."""

ClassMasks = NDArray[np.float32]
"""6 x CLASSES_SIDE x CLASSES_SIDE: how surely each pixel is of each class."""

# Points of MediaPipe's face mesh. "Left" is the person's own left.
_TOP = 10
_NOSE_AND_MOUTH = (205, 50, 4, 280, 425, 432, 430, 262, 428, 199, 208, 32, 210, 212)

SURE_HAIR = 0.5
"""Hair mask from which on a pixel counts as hair."""

DOUBTFUL = 0.5
"""What a px of headgear weighs that the hair segmenter calls hair: dark caps are, and so is the
crown of a head that the other takes for a thing."""

BROW_THICKNESS = 0.06
"""How far a brow reaches beyond its points, in T."""

HEADGEAR_REACH = 1.4
"""How far headgear is looked for to either side of the face's middle, in T."""

EAR_ASIDE, EAR_UP, EAR_DOWN = 0.3, 0.3, 0.5
"""How far the place where an ear stands out reaches from the cheek's widest point, in T: to the
side, up and down."""

NO_EAR = 0.02
"""What is added to that place as if it were covered, in T²: where hardly anything stands out beside
the cheek no ear is seen."""

OPEN_LIDS = 0.075
"""Height of the lids' opening from which on an eye is open, in T."""

ONE_SIDED = 0.1
"""Share of an eye up to which it is free of things, so that the other's are no glasses."""


class Head(NamedTuple):
    """A head on its upright patch."""

    patch: Picture
    """PATCH_SIDE x PATCH_SIDE."""
    points: Points
    """The mesh there."""


def cut_out_head(picture: Picture, points: Points) -> Head:
    """Cut the upright patch on which coverage is measured; `points` is the mesh in the picture."""
    patch, matrix = cut_upright_patch(picture, points, PATCH_SIDE, EYE_DISTANCE, (0.5, 0.5))
    return Head(patch, map_points(points, matrix))


def shrink_for_classes(patch: Picture) -> Picture:
    """The patch at the size on which classes are told."""
    side = (CLASSES_SIDE, CLASSES_SIDE)
    return np.asarray(cv2.resize(patch, side, interpolation=cv2.INTER_AREA), np.uint8)


def measure_coverage(head: Head, masks: ClassMasks, hair: SoftMask) -> Coverage:
    """Measure what covers a head: `masks` is what its patch shows, `hair` how surely each of the
    patch's pixels is hair."""
    points = head.points
    small = points / 2
    classes = np.asarray(masks.argmax(0), np.uint8)
    thin = cv2.resize(hair, (CLASSES_SIDE, CLASSES_SIDE), interpolation=cv2.INTER_AREA)
    ears = [
        _covered_ear(small, classes, cheek, way) for cheek, way in zip(WIDEST, (1, -1), strict=True)
    ]
    top = points[_TOP, 1]
    rows = np.nonzero((hair > SURE_HAIR).any(1))[0]
    lenses = measure_lenses(masks[THINGS], small, T)
    return Coverage(
        headgear=_headgear(small, classes, thin > SURE_HAIR),
        brows=max(_hair_over_brow(masks[HAIR], small[list(brow)]) for brow in BROWS),
        ear_left=ears[0],
        ear_right=ears[1],
        mouth=_share_within(classes, small[list(_NOSE_AND_MOUTH)], BODY_SKIN, CLOTHES, THINGS),
        eyes=max(_covered_eyes(head, classes)),
        rise=float(top - rows[0]) / EYE_DISTANCE if len(rows) else 0.0,
        earrings=measure_earrings(masks[THINGS], small, T),
        glasses=lenses.worn,
        lens_darkness=lenses.darkness,
        frame=lenses.frame,
    )


def _headgear(points: Points, classes: Classes, hair: Mask) -> float:
    """Area of what is neither head nor hair above the brows, in T².

    What is called clothes there must not be hair to the other segmenter: long smooth hair looks
    like a hood.
    """
    brows = min(float(points[list(brow), 1].min()) for brow in BROWS)
    middle, reach = float(points[_TOP, 0]), HEADGEAR_REACH * T
    above = cut_place(0, brows, middle - reach, middle + reach)
    things, clothes, hairy = classes[above] == THINGS, classes[above] == CLOTHES, hair[above]
    sure = (things | clothes) & ~hairy
    return float(sure.sum() + DOUBTFUL * (things & hairy).sum()) / T**2


def _hair_over_brow(hair: SoftMask, brow: Points) -> float:
    """How surely a brow is hair: strands of a fringe are thinner than a pixel."""
    place = _fill(brow).astype(np.uint8)
    reach = 2 * round(BROW_THICKNESS / 2 * T) + 1
    over = hair[cv2.dilate(place, np.ones((reach, reach), np.uint8)) > 0]
    return float(over.mean()) if over.size else 0.0


def _covered_ear(points: Points, classes: Classes, cheek: int, way: int) -> float:
    """Share of an ear's place that is covered; `way` is 1 to the picture's right."""
    x, y = points[cheek]
    left, right = sorted((x, x + way * EAR_ASIDE * T))
    place = cut_place(y - EAR_UP * T, y + EAR_DOWN * T, left, right)
    beside = classes[place][~_fill(points[list(OVAL)])[place]]
    skin = float(np.isin(beside, (BODY_SKIN, FACE_SKIN)).sum())
    covered = float(np.isin(beside, (HAIR, CLOTHES, THINGS)).sum()) + NO_EAR * T**2
    return covered / (skin + covered)


def _covered_eyes(head: Head, classes: Classes) -> tuple[float, float]:
    """Share of the left and of the right eye that is covered.

    Before both eyes things are glasses, before one they are a patch. A hand is called anything,
    skin of the face above all: where the mesh sees an open eye there must be an iris.
    """
    lids = [head.points[list(lid)] for lid in LIDS]
    light = lightness(head.patch)
    things = [_share_within(classes, lid / 2, CLOTHES, THINGS) for lid in lids]
    one_sided = min(things) < ONE_SIDED
    covered = []
    for lid, (middle, *_), worn in zip(lids, IRISES, things, strict=True):
        share = _share_within(classes, lid / 2, HAIR, BODY_SKIN) + (worn if one_sided else 0.0)
        is_open = float(np.ptp(lid[:, 1])) > OPEN_LIDS * EYE_DISTANCE
        if is_open and shows_no_iris(light, head.points[middle], EYE_DISTANCE):
            share = 1.0
        covered.append(share)
    return covered[0], covered[1]


def _share_within(classes: Classes, outline: Points, *among: int) -> float:
    """Share of what lies within the outline's convex hull that is of these classes."""
    inside = classes[_fill(outline)]
    return float(np.isin(inside, among).mean()) if inside.size else 0.0


def _fill(outline: Points) -> Mask:
    """The convex hull of an outline."""
    filled = np.zeros((CLASSES_SIDE, CLASSES_SIDE), np.uint8)
    near = np.clip(np.rint(outline), -CLASSES_SIDE, 2 * CLASSES_SIDE).astype(np.int32)
    cv2.fillConvexPoly(filled, cv2.convexHull(near), 1)
    return np.asarray(filled > 0)

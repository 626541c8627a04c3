"""The irises, looked for in the picture itself: the mesh shows a third of an eye's turn up or down.

An iris is a disc with a sharp edge. Its upper edge lies under the lid, and often the lower one too;
what is left on both sides tells by its bend how high the middle is (after Daugman's operator,
J. Daugman, IEEE Transactions on Pattern Analysis and Machine Intelligence 15, 1993).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.look.patch import EYES, IRISES, Points

_WIDTH, _PATCH = 40.0, (64, 44)
"""An eye's width from corner to corner and its patch's width and height, px: what the booth's
camera sees of an eye."""

_ARCS = np.radians(np.arange(-40, 17, 8))
"""The parts of the edge on either side that lids seldom cover: angles above the horizontal."""

_RADII = (0.92, 1.0, 1.08)
"""Tried radii, in those of the mesh's iris: people's irises differ by that much."""

_ASIDE, _ABOVE, _BELOW = 5, 9, 7
"""How far around the mesh's iris it is looked for, px of the patch."""

_STEP = 1.2
"""Px on both sides of the edge between which it is to grow lighter."""

_MOST_STEP = 0.6
"""The most that a place counts, in the eye's whole contrast: highlights are no edges."""

_NEAR_BEST = 0.9
"""Places whose edge is this share of the best one's are averaged, for parts of a px."""


def find_irises(picture: Picture, points: Points) -> NDArray[np.float64]:
    """Where the left and the right iris stand (2 x 2): from the middle between the eye's corners
    towards the person's left and up, in the eye's width.
    """
    return np.array([
        _find_iris(picture, points[list(corners)], points[middle], points[edge])
        for corners, (middle, *edge) in zip(EYES, IRISES, strict=True)
    ])  # fmt: skip


def _find_iris(picture: Picture, corners: Points, middle: Points, edge: Points) -> Points:
    across = corners[1] - corners[0]
    width = max(float(np.hypot(*across)), 1e-6)
    cos, sin = across / width * (_WIDTH / width)
    linear = np.array([[cos, sin], [-sin, cos]])
    centre = np.array(_PATCH) / 2
    matrix = np.column_stack([linear, centre - linear @ corners.mean(0)])
    eye = cv2.warpAffine(picture, matrix, _PATCH, borderMode=cv2.BORDER_REPLICATE)
    # Red: there irises of every colour are dark, and skin of every colour is not.
    red = eye[..., 0].astype(np.float32)
    light = np.asarray(cv2.GaussianBlur(red, (0, 0), 0.8), np.float32)
    bright, dark = np.percentile(light, (90, 5)).tolist()
    contrast = max(bright - dark, 8.0)
    radius = float(np.median(np.hypot(*(edge - middle).T))) * _WIDTH / width
    x, y = np.meshgrid(
        np.arange(-_ASIDE, _ASIDE + 1.0), np.arange(-_ABOVE, _BELOW + 1.0)
    ) + np.reshape(matrix @ (*middle, 1.0), (2, 1, 1))
    steps = _steps_outwards(light, x, y, radius) / contrast
    score = steps.clip(-0.5, _MOST_STEP).mean(-1).max(-1)
    weight = np.clip(score - _NEAR_BEST * score.max(), 1e-9, None)
    found = np.array([np.average(x, weights=weight), np.average(y, weights=weight)])
    aside, down = (found - centre) / _WIDTH
    return np.array([aside, -down])


def _steps_outwards(
    light: NDArray[np.float32], x: NDArray[np.float64], y: NDArray[np.float64], radius: float
) -> NDArray[np.float32]:
    """How much lighter it is outside than inside a circle of each radius around each place, at each
    of its arcs' angles (rows, columns, radii, angles).
    """
    reach = np.array([[ratio * radius + _STEP, ratio * radius - _STEP] for ratio in _RADII])
    along = reach[..., None] * np.concatenate([np.cos(_ARCS), -np.cos(_ARCS)])
    upwards = reach[..., None] * np.tile(np.sin(_ARCS), 2)
    seen = cv2.remap(
        light,
        (x.reshape(-1, 1) + along.reshape(1, -1)).astype(np.float32),
        (y.reshape(-1, 1) - upwards.reshape(1, -1)).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    ).reshape(*x.shape, *along.shape)
    return np.asarray(seen[..., 0, :] - seen[..., 1, :], np.float32)

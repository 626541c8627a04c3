"""The edge of the person in a finished photo: how deep and how much of the person each pixel is."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.mask import Mask
from kiosk.pipeline.verify.silhouette import Silhouette

Distances = NDArray[np.float32]
"""H × W, in px."""

OWN_DEPTH = 5
"""Pixels inside the outline where the person's own colour is looked for: deeper than a halo."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """For each pixel the nearest one of a mask."""

    labels: NDArray[np.int32]
    places: NDArray[np.intp]

    def of(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.intp]:
        """The indices, in the flattened picture, of those nearest to some pixels."""
        return self.places[self.labels[rows, columns]]

    def of_all(self) -> NDArray[np.intp]:
        """The same for each pixel, H × W."""
        return self.places[self.labels]


@dataclass(frozen=True, slots=True)
class Edge:
    """The person's edge."""

    inside: Distances
    """How far a pixel of the person, gaps of a pixel closed, is from what is outside; below the
    photo the person goes on."""
    outside: Distances
    """How far a pixel outside is from the person."""
    nearest: Nearest
    """The nearest place OWN_DEPTH inside."""
    own: NDArray[np.uint8]
    """How far the person's own colour there is off the background, in codes."""
    cover: NDArray[np.float32]
    """How much of each pixel is the person, about, 0 to 1: how far it is off, of `own`."""


def find_edge(parted: Silhouette) -> Edge | None:
    """Find a person's edge; None where nobody is as thick as that."""
    person = parted.person.astype(np.uint8)
    solid = np.asarray(cv2.morphologyEx(person, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)) > 0)
    inside = measure_depth(solid)
    deep = inside >= OWN_DEPTH
    if not deep.any():
        return None
    nearest = find_nearest(deep)
    own = parted.off.ravel()[nearest.of_all()]
    cover = cv2.divide(parted.off, cv2.max(own, np.ones_like(own)), dtype=cv2.CV_32F)
    part = np.asarray(np.minimum(cover, 1), np.float32)
    return Edge(inside, measure_depth(~solid), nearest, own, part)


def measure_depth(mask: Mask) -> Distances:
    """Each pixel's distance to what is outside the mask; below the photo the mask goes on."""
    grown = cv2.copyMakeBorder(mask.astype(np.uint8), 0, 1, 0, 0, cv2.BORDER_REPLICATE)
    return np.asarray(cv2.distanceTransform(grown, cv2.DIST_L2, 3)[:-1], np.float32)


def find_nearest(mask: Mask) -> Nearest:
    """Find, for each pixel, the nearest one of a mask that has some."""
    _, labels = cv2.distanceTransformWithLabels(
        (~mask).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    places = np.flatnonzero(mask)
    at = np.zeros(int(labels.max()) + 1, np.intp)
    at[labels.ravel()[places]] = places
    return Nearest(np.asarray(labels, np.int32), at)

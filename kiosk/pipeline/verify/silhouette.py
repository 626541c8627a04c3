"""The person in a finished photo, told from the known background by colour alone."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.mask import Mask
from kiosk.pipeline.observation import Face
from kiosk.pipeline.specification import Codes

CodesOff = NDArray[np.uint8]
"""H × W: how far each pixel is off the background, in 8-bit codes of its worst channel."""

LEAST_PERSON_OFF = 30
"""Codes off the background from which a pixel may be the person's own: a tenth of what black hair
is, and five times a JPEG's noise."""

LEAST_HAIR_SHARE = 0.2
"""Share of the hair's own distance from the background from which a pixel is hair."""

CROWN_REACH, CROWN_FILL = 0.6, 0.06
"""The crown is the first row that hair fills by more than CROWN_FILL face widths, within
CROWN_REACH face widths of the midline: single strands stand above it."""

HAIR_COLOUR_REACH = 0.15
"""Face widths around a pixel in which the hair's own colour is looked for."""


@dataclass(frozen=True, slots=True)
class Silhouette:
    """A finished photo, parted."""

    off: CodesOff
    person: Mask
    """The largest connected region off the background by LEAST_PERSON_OFF; empty where none is."""


def measure_off(picture: Picture, colour: Codes) -> CodesOff:
    """How far each pixel of a photo is off the background's colour."""
    apart = cv2.absdiff(picture, np.full_like(picture, np.array(colour, np.uint8)))
    red, green, blue = cv2.split(apart)
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8)


def find_silhouette(picture: Picture, colour: Codes) -> Silhouette:
    """Part a photo into the person and the rest, by the colour of its background."""
    off = measure_off(picture, colour)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (off > LEAST_PERSON_OFF).astype(np.uint8)
    )
    if count == 1:
        return Silhouette(off, np.zeros(off.shape, bool))
    return Silhouette(off, labels == 1 + np.argmax(stats[1:, cv2.CC_STAT_AREA]))


def find_crown(parted: Silhouette, face: Face) -> float | None:
    """Find y of the top of the hair, in pixels; None where nothing stands above the eyes.

    How much of a pixel is hair is told by how far it is off the background, of what the hair
    around it is: blonde hair and black begin alike.
    """
    left = max(int(face.midline - CROWN_REACH * face.width), 0)
    right = max(int(face.midline + CROWN_REACH * face.width), 1)
    head = parted.off[: max(int(face.eye_line), 1), left:right]
    reach = max(round(HAIR_COLOUR_REACH * face.width), 1)
    # A strand is no hair to measure others by: it does not survive the opening.
    body = cv2.morphologyEx(head, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    own = np.maximum(
        cv2.dilate(body, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)), LEAST_PERSON_OFF
    )
    rows = np.flatnonzero((head > LEAST_HAIR_SHARE * own).sum(1) > CROWN_FILL * face.width)
    return float(rows[0]) if rows.size else None

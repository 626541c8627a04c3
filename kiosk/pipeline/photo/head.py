"""The head of a capture: its one face, the top of the hair, and the edges that cut the person."""

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import StandardiseError
from kiosk.pipeline.judge.judge import within
from kiosk.pipeline.mask import SoftMask
from kiosk.pipeline.observation import Face, Observation
from kiosk.pipeline.photo.geometry import Head
from kiosk.pipeline.specification import Geometry

HAIR_ALPHA = 0.2
"""Alpha from which a pixel counts as hair above the head: wisps, too, are its top."""

CUT_SHARE = 0.02
"""The share of an edge that the person covers before the edge counts as cutting them."""


def require_one_face(seen: Observation, geometry: Geometry) -> Face:
    """The one face of a picture; raises StandardiseError where there is no photo in it."""
    if seen.faces == 0 or (seen.faces is None and seen.face is None):
        raise StandardiseError("there is no face in the picture", "one_face", "low")
    if seen.faces is not None and seen.faces > 1:
        raise StandardiseError(
            f"there are {seen.faces} faces in the picture; one is wanted", "one_face", "high"
        )
    if seen.face is None:
        raise StandardiseError("the face cannot be made out: covered, turned away, or too small")
    roll = seen.face.roll
    if not within(roll, geometry.eye_roll):
        raise StandardiseError(
            f"the eyes are tilted by {abs(roll):.1f}°, at most"
            f" {geometry.eye_roll[1]:.0f}° may be, and a photo may not be turned",
            "roll",
            "high" if roll > geometry.eye_roll[1] else "low",
        )
    return seen.face


def measure_head(alpha: SoftMask, face: Face) -> Head:
    """Find the top of the hair above a face, and where the picture's sides cut the person.

    Raises StandardiseError where the upper edge cuts the head.
    """
    height, width = alpha.shape
    rows = head_rows(alpha, face.midline, face.width)
    if rows.size == 0 or rows[0] >= face.eye_line:
        raise StandardiseError("the head cannot be told from what is behind it")
    if rows[0] == 0:
        raise StandardiseError(
            "the head is cut off by the picture's upper edge", "face_size", "high"
        )
    return Head(
        width=width,
        height=height,
        top=float(rows[0]),
        eye_line=face.eye_line,
        face_width=face.width,
        midline=face.midline,
        cut_left=bool((alpha[:, 0] > 0.5).mean() > CUT_SHARE),
        cut_right=bool((alpha[:, -1] > 0.5).mean() > CUT_SHARE),
    )


def head_rows(alpha: SoftMask, midline: float, face_width: float) -> NDArray[np.intp]:
    """The rows in which the person fills more, over the face, than a stray strand would."""
    left, right = int(midline - 0.6 * face_width), int(midline + 0.6 * face_width)
    person = alpha[:, max(left, 0) : max(right, 1)] > HAIR_ALPHA
    return np.flatnonzero(person.sum(1) > 0.06 * face_width)

"""Patches: the face upright and at one scale, whatever the picture's, so that measures compare."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture

Points = NDArray[np.float64]
"""478 x 2: the face mesh, in px of the picture."""

FaceBox = tuple[float, float, float, float]
"""Left, top, width, height of a face, in px of the picture."""

# Points of MediaPipe's face mesh. "Left" is the person's own left.
EYES = ((362, 263), (33, 133))
"""The corners of the left and the right eye."""
LIDS = (
    (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249),
    (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
)
"""The opening of the left and the right eye."""
BROWS = (
    (336, 296, 334, 293, 300, 276, 283, 282, 295, 285),
    (107, 66, 105, 63, 70, 46, 53, 52, 65, 55),
)
"""The left and the right brow."""
IRISES = ((473, 474, 475, 476, 477), (468, 469, 470, 471, 472))
"""The middle and the edge of the left and the right iris."""
WIDEST = (454, 234)
"""Where the face is widest, before the left and the right ear."""
CHEEKS = ((280, 425, 330, 266), (50, 205, 101, 36))
"""The left and the right cheek, below the eye."""
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
    148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
"""The face's outline."""
LIPS = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
"""The mouth's outline."""


def cut_upright_patch(
    picture: Picture, points: Points, side: int, eye_distance: float, middle: tuple[float, float]
) -> tuple[Picture, NDArray[np.float64]]:
    """Turn and scale so that the eyes lie level and `eye_distance` px apart, on side x side px.

    The point midway between the eyes comes to `middle`, in shares of the side. What lies beyond
    the picture's edges repeats them. Returns the patch, and the 2 x 3 matrix that maps the picture
    to it; see `map_points`.
    """
    left, right = (points[list(eye)].mean(0) for eye in EYES)
    across = left - right
    length = max(float(np.hypot(*across)), 1.0)
    scale = eye_distance / length
    turn = across / length * scale
    linear = np.array([[turn[0], turn[1]], [-turn[1], turn[0]]])
    moved = np.array(middle) * side - linear @ ((left + right) / 2)
    matrix = np.column_stack([linear, moved])
    if scale < 0.6 and min(picture.shape[:2]) * scale >= 1:
        # Area means first: bilinear taps alone would skip pixels, and invent sharpness.
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        warp = np.column_stack([linear / scale, moved])
        edge = cv2.warpAffine(small, warp, (side, side), borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(edge, np.uint8), matrix
    patch = cv2.warpAffine(picture, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(patch, np.uint8), matrix


def map_points(points: Points, matrix: NDArray[np.float64]) -> Points:
    """The mesh in px of the patch, by the matrix of `cut_upright_patch`."""
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2])


def cut_place(top: float, bottom: float, left: float, right: float) -> tuple[slice, slice]:
    """The rows and columns of a part of a patch, which may lie outside it."""
    rows, columns = (
        slice(max(round(start), 0), max(round(end), 0))
        for start, end in ((top, bottom), (left, right))
    )
    return rows, columns


def bounding_box(points: Points) -> FaceBox:
    """The box around a face's mesh."""
    left, top = points.min(0)
    right, bottom = points.max(0)
    return float(left), float(top), float(right - left), float(bottom - top)

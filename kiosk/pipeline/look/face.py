"""The face in physical terms, from its mesh and its irises: pose, eyes, gaze, mouth. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.pipeline.look.iris import find_irises
from kiosk.pipeline.observation import Face, Point

# Points of MediaPipe's face mesh. "Left" is the person's own left.
_CORNERS_LEFT, _CORNERS_RIGHT = (362, 263), (33, 133)
_LIDS_LEFT = ((386, 374), (385, 380), (387, 373))
_LIDS_RIGHT = ((159, 145), (158, 153), (160, 144))
_IRIS_LEFT, _IRIS_RIGHT = 473, 468
_LIPS = ((13, 14), (82, 87), (312, 317))
_CHEEK_LEFT, _CHEEK_RIGHT, _CHIN = 454, 234, 152

IRIS_TURN = 0.33
"""Distance of the iris from the eyeball's centre of rotation, in widths of the open eye: an adult's
10 mm (the centre lies 13.5 mm behind the cornea, the iris 3.5 mm) of 30 mm."""

PITCH_WEIGHTS, PITCH_LEVEL = np.array((0.55, 71.0, 212.0, 1.9)), 7.75
"""Degrees of pitch for each of `signs_of_pitch`, and what makes a level head of their sum.

Least squares with a ridge (`tools/fit_pitch.py`) on 82 pictures of 34 random rendered people who
look into the lens, such as `tools/render/anyone.py` makes: 1.8 degrees mean error on people left
out of the fit, the mesh's matrix alone 2.3; 1.9 on 9 people who were rendered afterwards. In a
third of the light, or out of focus and as a coarse JPEG, it errs no more.
The level is theirs less 0.3: the twin's people then read 1.8 too low, and 67 studio portraits, of
whom nobody knows how they held their heads, 0.6 too high in the median."""


@dataclass(frozen=True, slots=True)
class Mesh:
    """What MediaPipe's Face Landmarker finds."""

    points: NDArray[np.float64]
    """478 x 2, px of the picture."""
    matrix: NDArray[np.float64]
    """3 x 3: turns the mesh's axes (x to the picture's right, y up, z to the camera)."""
    expression: Mapping[str, float]
    """The 52 ARKit face units by name, 0 to 1."""

    def moved(self, right: float, down: float) -> Self:
        """The same mesh, so many px to the right and down."""
        return replace(self, points=self.points + np.array((right, down), np.float64))


def measure_face(picture: Picture, mesh: Mesh) -> Face:
    """Measure a mesh in its picture; coordinates stay in its pixels."""
    points, matrix = mesh.points, mesh.matrix
    eye_left = points[list(_CORNERS_LEFT)].mean(0)
    eye_right = points[list(_CORNERS_RIGHT)].mean(0)
    across = eye_left - eye_right
    distance = max(float(np.hypot(*across)), 1e-6)

    def gap(pairs: Sequence[tuple[int, int]]) -> float:
        return float(np.mean([np.hypot(*(points[a] - points[b])) for a, b in pairs])) / distance

    irises = find_irises(picture, points)
    smiles = mesh.expression.get("mouthSmileLeft", 0.0), mesh.expression.get("mouthSmileRight", 0.0)
    return Face(
        eye_left=_point(eye_left),
        eye_right=_point(eye_right),
        cheek_left=_point(points[_CHEEK_LEFT]),
        cheek_right=_point(points[_CHEEK_RIGHT]),
        chin=_point(points[_CHIN]),
        eye_distance=distance,
        yaw=float(np.degrees(np.arctan2(matrix[0, 2], matrix[2, 2]))),
        pitch=float(PITCH_WEIGHTS @ signs_of_pitch(mesh)) + PITCH_LEVEL,
        roll=float(np.degrees(np.arctan2(across[1], across[0]))),
        gaze_aside=_turn(_mesh_aside(points)),
        gaze_up=_turn(float(irises[:, 1].mean())),
        lid_opening_left=gap(_LIDS_LEFT),
        lid_opening_right=gap(_LIDS_RIGHT),
        lip_gap=gap(_LIPS),
        smile=float(np.mean(smiles)),
    )


def signs_of_pitch(mesh: Mesh) -> NDArray[np.float64]:
    """What tells how far a chin is up: the mesh's matrix, degrees, which has a bias of its own in
    each face; how far the upper and the lower lids stand above the eyes' corners, T, for the lids
    bulge forward, and rise against the corners as the chin does; and the log-odds that the eyes
    look down in their sockets, as those do that stay on the lens.
    """
    points = mesh.points
    eye_left, eye_right = (points[list(eye)].mean(0) for eye in (_CORNERS_LEFT, _CORNERS_RIGHT))
    across = eye_left - eye_right
    upwards = np.array((across[1], -across[0])) / max(float(across @ across), 1e-12)
    upper, lower = (
        points[[pair[edge] for pair in _LIDS_LEFT + _LIDS_RIGHT]].mean(0) @ upwards
        - (eye_left + eye_right) / 2 @ upwards
        for edge in (0, 1)
    )
    looks = [mesh.expression.get(f"eyeLookDown{side}", 0.0) for side in ("Left", "Right")]
    down = float(np.clip(np.mean(looks), 0.003, 0.997))
    turned = np.degrees(np.arcsin(np.clip(mesh.matrix[1, 2], -1, 1)))
    return np.array((turned, upper, lower, np.log(down / (1 - down))))


def _mesh_aside(points: NDArray[np.float64]) -> float:
    """How far the mesh's irises stand from the middle between the eye's corners to the person's
    left, in the eye's width, the mean of both.
    """
    offs = []
    eyes = (_CORNERS_LEFT, _IRIS_LEFT), (_CORNERS_RIGHT, _IRIS_RIGHT)
    for (start, end), iris in eyes:
        # Both pairs of corners run from the person's right to their left.
        along = points[end] - points[start]
        square = max(float(along @ along), 1e-12)
        offs.append(float((points[iris] - (points[start] + points[end]) / 2) @ along) / square)
    return float(np.mean(offs))


def _turn(off: float) -> float:
    """Degrees by which an eye is turned whose iris stands so many of its widths off the middle."""
    return float(np.degrees(np.arcsin(np.clip(off / IRIS_TURN, -1, 1))))


def _point(xy: NDArray[np.float64]) -> Point:
    return float(xy[0]), float(xy[1])


def measure_motion(before: tuple[Face, float], face: Face, at: float) -> float | None:
    """How fast the eyes and the chin move, in T a second, the fastest of them.

    `before` is an earlier face and its time, s; `at` is the time of `face`. None where no time has
    passed.
    """
    was, then = before
    if at <= then:
        return None
    moved = max(
        float(np.hypot(*np.subtract(a, b)))
        for a, b in (
            (face.eye_left, was.eye_left),
            (face.eye_right, was.eye_right),
            (face.chin, was.chin),
        )
    )
    return moved / face.eye_distance / (at - then)


def scale_back(face: Face, scale: float) -> Face:
    """A face in px of the picture before it was scaled by `scale`."""

    def back(point: Point) -> Point:
        return point[0] / scale, point[1] / scale

    return replace(
        face,
        eye_left=back(face.eye_left),
        eye_right=back(face.eye_right),
        cheek_left=back(face.cheek_left),
        cheek_right=back(face.cheek_right),
        chin=back(face.chin),
        eye_distance=face.eye_distance / scale,
    )

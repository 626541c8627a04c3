"""Looking: one picture in, an observation in physical terms out. Two MediaPipe models do it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import cv2
import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.errors import ModelError
from kiosk.pipeline.assessment import Face, Observation, Point
from kiosk.pipeline.light import LUMINANCE, to_linear

LOOK_HEIGHT = 640
"""Pictures are looked at with at most this many rows: detectors miscount on larger ones."""

LEAST_SIDE = 32
"""No face can be seen in a picture with a shorter side, in pixels."""

SURE = 0.5
"""A detection's least score."""

# Points of MediaPipe's face mesh. "Left" is the person's own left.
_CORNERS_LEFT, _CORNERS_RIGHT = (362, 263), (33, 133)
_LIDS_LEFT = ((386, 374), (385, 380), (387, 373))
_LIDS_RIGHT = ((159, 145), (158, 153), (160, 144))
_IRIS_LEFT, _IRIS_RIGHT = 473, 468
_LIPS = (13, 14)
_CHEEK_LEFT, _CHEEK_RIGHT, _CHIN = 454, 234, 152
_CHEEK_PATCH_LEFT, _CHEEK_PATCH_RIGHT = (280, 425, 330), (50, 205, 101)

IRIS_TURN = 0.33
"""Distance of the iris from the eyeball's centre of rotation, in widths of the open eye: an adult's
10 mm (the centre lies 13.5 mm behind the cornea, the iris 3.5 mm) of 30 mm."""


class Looker:
    """Sees faces. Holds its models until closed; not for use by two threads at once.

    landmarker: MediaPipe's Face Landmarker. detector: the full-range face detector, or None where
    it is not to be had (then the number of faces is not known). Raises ModelError.
    """

    def __init__(self, landmarker: Path, detector: Path | None) -> None:
        self._detector = None
        try:
            self._landmarker = vision.FaceLandmarker.create_from_options(
                vision.FaceLandmarkerOptions(
                    base_options=BaseOptions(model_asset_path=str(landmarker)),
                    num_faces=1,
                    output_facial_transformation_matrixes=True,
                )
            )
            if detector is not None:
                self._detector = vision.FaceDetector.create_from_options(
                    vision.FaceDetectorOptions(
                        base_options=BaseOptions(model_asset_path=str(detector)),
                        min_detection_confidence=SURE,
                    )
                )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(f"the face models cannot be loaded: {error}") from error

    def look(self, picture: Picture) -> Observation:
        """Observe a picture of any size from 1 × 1; coordinates are of the picture as given."""
        height, width = picture.shape[:2]
        if min(height, width) < LEAST_SIDE:
            return Observation(width, height, 0 if self._detector else None, None)
        scale = min(1.0, LOOK_HEIGHT / height)
        small = _scaled(picture, scale)
        boxes = self._detect(small)
        face = self._mesh(small, _around(boxes[0], small) if boxes else None)
        faces = None if self._detector is None else len(boxes)
        return Observation(width, height, faces, None if face is None else _resized(face, scale))

    def close(self) -> None:
        """Free the models."""
        self._landmarker.close()
        if self._detector is not None:
            self._detector.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _detect(self, small: Picture) -> list[NDArray[np.float64]]:
        """Give a box x, y, width, height for each face, the largest first."""
        if self._detector is None:
            return []
        found = self._detector.detect(_image(small)).detections
        boxes = [
            np.array([b.origin_x, b.origin_y, b.width, b.height], np.float64)
            for b in (detection.bounding_box for detection in found)
        ]
        return sorted(boxes, key=lambda box: -box[2] * box[3])

    def _mesh(self, small: Picture, box: tuple[int, int, int, int] | None) -> Face | None:
        """Find the mesh in the whole picture, or else, nearer by, around a detected face."""
        face = self._landmarks(small, (0, 0))
        if face is None and box is not None:
            x, y, right, bottom = box
            face = self._landmarks(np.ascontiguousarray(small[y:bottom, x:right]), (x, y))
        return face

    def _landmarks(self, part: Picture, origin: tuple[int, int]) -> Face | None:
        found = self._landmarker.detect(_image(part))
        if not found.face_landmarks:
            return None
        height, width = part.shape[:2]
        points = np.array([(p.x * width, p.y * height) for p in found.face_landmarks[0]])
        matrix = np.asarray(found.facial_transformation_matrixes[0])[:3, :3]
        return _measure(points, matrix, part, np.array(origin, np.float64))


def _image(picture: Picture) -> Any:
    return mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(picture))


def _scaled(picture: Picture, scale: float) -> Picture:
    if scale == 1.0:
        return picture
    size = (max(round(picture.shape[1] * scale), 1), max(round(picture.shape[0] * scale), 1))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _around(box: NDArray[np.float64], picture: Picture) -> tuple[int, int, int, int]:
    """Give left, top, right, bottom of twice the box, within the picture."""
    x, y, w, h = box
    height, width = picture.shape[:2]
    return (
        max(int(x - w / 2), 0),
        max(int(y - h / 2), 0),
        min(int(x + 1.5 * w), width),
        min(int(y + 1.5 * h), height),
    )


def _measure(
    points: NDArray[np.float64],
    matrix: NDArray[np.float64],
    picture: Picture,
    origin: NDArray[np.float64],
) -> Face:
    eye_left = points[list(_CORNERS_LEFT)].mean(0)
    eye_right = points[list(_CORNERS_RIGHT)].mean(0)
    across = eye_left - eye_right
    distance = max(float(np.hypot(*across)), 1e-6)

    def gap(pairs: Sequence[tuple[int, int]]) -> float:
        return float(np.mean([np.hypot(*(points[a] - points[b])) for a, b in pairs])) / distance

    def cheek(patch: tuple[int, ...]) -> float:
        return _luminance(picture, points[list(patch)].mean(0), 0.12 * distance)

    aside, up = _gaze(points)
    return Face(
        eye_left=_point(eye_left + origin),
        eye_right=_point(eye_right + origin),
        cheek_left=_point(points[_CHEEK_LEFT] + origin),
        cheek_right=_point(points[_CHEEK_RIGHT] + origin),
        chin=_point(points[_CHIN] + origin),
        eye_distance=distance,
        # The matrix turns the mesh's axes (x to the picture's right, y up, z to the camera).
        yaw=float(np.degrees(np.arctan2(matrix[0, 2], matrix[2, 2]))),
        pitch=float(np.degrees(np.arcsin(np.clip(matrix[1, 2], -1, 1)))),
        roll=float(np.degrees(np.arctan2(across[1], across[0]))),
        gaze_aside=aside,
        gaze_up=up,
        lid_opening_left=gap(_LIDS_LEFT),
        lid_opening_right=gap(_LIDS_RIGHT),
        lip_gap=gap([_LIPS]),
        light_picture_left=cheek(_CHEEK_PATCH_RIGHT),
        light_picture_right=cheek(_CHEEK_PATCH_LEFT),
    )


def _gaze(points: NDArray[np.float64]) -> tuple[float, float]:
    """Turn of the irises to the person's left and up, degrees, from how far they stand from the
    middle between the eye's corners.
    """
    turns = []
    eyes = (_CORNERS_LEFT, _IRIS_LEFT), (_CORNERS_RIGHT, _IRIS_RIGHT)
    for (start, end), iris in eyes:
        # Both pairs of corners run from the person's right to their left.
        along = points[end] - points[start]
        width = max(float(np.hypot(*along)), 1e-6)
        off = (points[iris] - (points[start] + points[end]) / 2) / width
        along = along / width
        turns.append((off @ along, off @ (along[1], -along[0])))
    aside, up = np.degrees(np.arcsin(np.clip(np.mean(turns, axis=0) / IRIS_TURN, -1, 1)))
    return float(aside), float(up)


def _point(xy: NDArray[np.float64]) -> Point:
    return float(xy[0]), float(xy[1])


def _luminance(picture: Picture, centre: NDArray[np.float64], radius: float) -> float:
    """Mean linear luminance in a square around a point, 0 where it lies outside the picture."""
    (x, y), half = centre.round().astype(int), max(round(radius), 1)
    patch = picture[
        max(y - half, 0) : max(y + half + 1, 0), max(x - half, 0) : max(x + half + 1, 0)
    ]
    return float((to_linear(patch) @ LUMINANCE).mean()) if patch.size else 0.0


def _resized(face: Face, scale: float) -> Face:
    """Give the face in pixels of the picture before it was scaled."""

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

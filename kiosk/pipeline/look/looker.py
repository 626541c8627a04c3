"""Looking: one picture in, an observation in physical terms out. The models that see are here."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import cv2
import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.errors import ModelError
from kiosk.pipeline.look.attendance import Spoof, Vote, observe
from kiosk.pipeline.look.face import Mesh, measure_face
from kiosk.pipeline.look.glasses import measure_glasses
from kiosk.pipeline.look.hair import HairSegmenter
from kiosk.pipeline.look.scene import PersonSegmenter, measure_scene
from kiosk.pipeline.look.skin import measure_skin
from kiosk.pipeline.observation import Face, Glasses, Hair, Observation, Point, Scene

LOOK_HEIGHT = 640
"""Pictures are looked at with at most this many rows: detectors miscount on larger ones."""

LEAST_SIDE = 32
"""No face can be seen in a picture with a shorter side, in pixels."""

SURE = 0.5
"""A detection's least score."""

STALE = 1.0
"""Seconds for which a model's finding stands in for frames on which it was not its turn."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Files of the models that see. None: not to be had; the rules that need it are not judged."""

    face_landmarker: Path
    face_detector: Path | None = None
    selfie_segmenter: Path | None = None
    hair_segmenter: Path | None = None
    face_antispoof: Path | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the models that take turns have found last, and when, s."""

    faces: tuple[int | None, float] = (None, -math.inf)
    scene: tuple[Scene | None, float] = (None, -math.inf)
    hair: tuple[Hair | None, float] = (None, -math.inf)
    glasses: tuple[Glasses | None, float] = (None, -math.inf)


_TURNS = ("faces", "glasses", "scene", "faces", "glasses", "hair")
"""Which of what is kept is looked for again, frame by frame."""


class Looker:
    """Sees faces. Holds its models until closed; not for use by two threads at once.

    Raises ModelError.
    """

    def __init__(self, models: ModelFiles) -> None:
        self._detector = None
        self.person_segmenter: PersonSegmenter | None = None
        self.hair_segmenter: HairSegmenter | None = None
        self._turn = 0
        self._kept = _Kept()
        self._before: tuple[Face, float] | None = None
        self._spoof: Spoof | None = None
        self._vote = Vote()
        self._score: float | None = None
        try:
            self._landmarker = vision.FaceLandmarker.create_from_options(
                vision.FaceLandmarkerOptions(
                    base_options=BaseOptions(model_asset_path=str(models.face_landmarker)),
                    num_faces=1,
                    output_face_blendshapes=True,
                    output_facial_transformation_matrixes=True,
                )
            )
            if models.face_detector is not None:
                self._detector = vision.FaceDetector.create_from_options(
                    vision.FaceDetectorOptions(
                        base_options=BaseOptions(model_asset_path=str(models.face_detector)),
                        min_detection_confidence=SURE,
                    )
                )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(f"the face models cannot be loaded: {error}") from error
        if models.selfie_segmenter is not None:
            self.person_segmenter = PersonSegmenter(models.selfie_segmenter)
        if models.face_antispoof is not None:
            self._spoof = Spoof(models.face_antispoof)
        if models.hair_segmenter is not None:
            self.hair_segmenter = HairSegmenter(models.hair_segmenter)

    def look(self, picture: Picture) -> Observation:
        """Observe a picture of any size from 1 × 1 with every model there is.

        Coordinates are of the picture as given.
        """
        seen, small, mesh = self._face(picture)
        if mesh is None:
            return seen
        return replace(
            seen,
            skin=measure_skin(small, mesh.points),
            scene=self._scene(small, measure_face(mesh)),
            hair=self._hair(small, mesh),
            glasses=measure_glasses(small, mesh.points),
        )

    def face(self, picture: Picture) -> Observation:
        """Observe only how many faces there are and where the one is; a third of the time."""
        return self._face(picture)[0]

    def _face(self, picture: Picture) -> tuple[Observation, Picture, Mesh | None]:
        """Give the faces, and the small picture and the mesh by which they were found."""
        height, width = picture.shape[:2]
        if min(height, width) < LEAST_SIDE:
            return Observation(width, height, 0 if self._detector else None, None), picture, None
        small, scale = _small(picture)
        boxes = self._detect(small)
        mesh = self._mesh(small, _around(boxes[0], small) if boxes else None)
        faces = None if self._detector is None else len(boxes)
        face = None if mesh is None else _resized(measure_face(mesh), scale)
        return Observation(width, height, faces, face), small, mesh

    @property
    def attends(self) -> bool:
        """Whether a model is there that tells a person from a picture of one."""
        return self._spoof is not None

    def follow(
        self, picture: Picture, at: float, swung: Mapping[str, float] | None = None
    ) -> Observation:
        """Observe the next picture of a stream, `at` seconds of any steady clock.

        `swung` are the lamps' levels while they swing (`attendance.swing`), for the face to answer:
        the last `attendance.FRAMES` of these frames vote on attendance.

        The mesh looks at each; the other models take turns, and what they found last stands for
        STALE seconds. Where no mesh is found all of them look, so that an empty booth is certain.
        """
        height, width = picture.shape[:2]
        if min(height, width) < LEAST_SIDE:
            return self.look(picture)
        small, scale = _small(picture)
        mesh = self._mesh(small, None)
        if mesh is None:
            # Whoever is seen next may be another.
            self._before, self._vote, self._score = None, Vote(), None
            return self.look(picture)
        face = measure_face(mesh)
        if swung is not None and self._spoof is not None:
            self._vote = self._vote.add(observe(self._spoof, small, mesh.points, swung))
            self._score = self._vote.score
        elif self._vote.cues:
            self._vote = Vote()
        kept = self._kept
        # Who has nothing to show goes first; then everyone in turn.
        stale = [name for name in _TURNS if at - getattr(kept, name)[1] > STALE]
        turn = stale[0] if stale else _TURNS[self._turn % len(_TURNS)]
        if swung is not None:
            pass
        elif turn == "faces":
            boxes = self._detect(small)
            kept = replace(kept, faces=(None if self._detector is None else len(boxes), at))
        elif turn == "scene":
            kept = replace(kept, scene=(self._scene(small, face), at))
        elif turn == "glasses":
            kept = replace(kept, glasses=(measure_glasses(small, mesh.points), at))
        else:
            kept = replace(kept, hair=(self._hair(small, mesh), at))
        self._kept, self._turn = kept, self._turn + 1
        motion = None if self._before is None else _motion(self._before, face, at)
        self._before = face, at
        return Observation(
            width,
            height,
            kept.faces[0],
            _resized(face, scale),
            measure_skin(small, mesh.points),
            kept.scene[0] if at - kept.scene[1] <= STALE else None,
            kept.hair[0] if at - kept.hair[1] <= STALE else None,
            kept.glasses[0] if at - kept.glasses[1] <= STALE else None,
            motion,
            self._score,
        )

    def mesh(self, picture: Picture) -> Mesh | None:
        """Give the mesh of the picture's most evident face, in its own px."""
        return self._landmarks(picture, (0, 0))

    def forget(self) -> None:
        """Drop what was seen of the last person."""
        self._kept, self._before = _Kept(), None
        self._vote, self._score = Vote(), None

    def close(self) -> None:
        """Free the models."""
        self._landmarker.close()
        for model in (self._detector, self.person_segmenter, self.hair_segmenter):
            if model is not None:
                model.close()

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

    def _scene(self, small: Picture, face: Face) -> Scene | None:
        if self.person_segmenter is None:
            return None
        mask = self.person_segmenter.mask(small)
        return measure_scene(small, mask, face.midline, face.chin[1], face.eye_distance)

    def _hair(self, small: Picture, mesh: Mesh) -> Hair | None:
        if self.hair_segmenter is None:
            return None
        return self.hair_segmenter.hair(small, mesh.points)

    def _mesh(self, small: Picture, box: tuple[int, int, int, int] | None) -> Mesh | None:
        """Find the mesh in the whole picture, or else, nearer by, around a detected face."""
        mesh = self._landmarks(small, (0, 0))
        if mesh is None and box is not None:
            x, y, right, bottom = box
            mesh = self._landmarks(np.ascontiguousarray(small[y:bottom, x:right]), (x, y))
        return mesh

    def _landmarks(self, part: Picture, origin: tuple[int, int]) -> Mesh | None:
        found = self._landmarker.detect(_image(part))
        if not found.face_landmarks:
            return None
        height, width = part.shape[:2]
        points = np.array([(p.x * width, p.y * height) for p in found.face_landmarks[0]])
        return Mesh(
            points + np.array(origin, np.float64),
            np.asarray(found.facial_transformation_matrixes[0])[:3, :3],
            {unit.category_name: float(unit.score) for unit in found.face_blendshapes[0]},
        )


def _image(picture: Picture) -> Any:
    return mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(picture))


def _small(picture: Picture) -> tuple[Picture, float]:
    """Give a picture of at most LOOK_HEIGHT rows, and its scale."""
    scale = min(1.0, LOOK_HEIGHT / picture.shape[0])
    if scale == 1.0:
        return picture, 1.0
    size = (max(round(picture.shape[1] * scale), 1), max(round(picture.shape[0] * scale), 1))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8), scale


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


def _motion(before: tuple[Face, float], face: Face, at: float) -> float | None:
    """Give how fast the eyes and the chin move, in T a second, the fastest of them."""
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

"""The models that find faces: a detector that counts them, and the mesh of the most evident one."""

from typing import Any

import numpy as np

from kiosk.camera.frame import Picture
from kiosk.errors import ModelError
from kiosk.pipeline.look.face import Mesh
from kiosk.pipeline.look.tasks import load_tasks

Box = tuple[int, int, int, int]
"""x, y, width, height, px."""

LEAST_SCORE = 0.5
"""A detection's least score."""


class FaceModels:
    """MediaPipe's face landmarker, and its face detector where there is one. Close it.

    Raises ModelError.
    """

    def __init__(self, landmarker: bytes, detector: bytes | None) -> None:
        tasks = load_tasks()
        vision, base_options = tasks.vision, tasks.base_options
        self._detector = None
        try:
            self._landmarker = vision.FaceLandmarker.create_from_options(
                vision.FaceLandmarkerOptions(
                    base_options=base_options(model_asset_buffer=landmarker),
                    num_faces=1,
                    output_face_blendshapes=True,
                    output_facial_transformation_matrixes=True,
                )
            )
            if detector is not None:
                self._detector = vision.FaceDetector.create_from_options(
                    vision.FaceDetectorOptions(
                        base_options=base_options(model_asset_buffer=detector),
                        min_detection_confidence=LEAST_SCORE,
                    )
                )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(f"the face models cannot be loaded: {error}") from error

    @property
    def can_count(self) -> bool:
        """Whether there is a detector."""
        return self._detector is not None

    def find_boxes(self, picture: Picture) -> list[Box] | None:
        """A box around each face, the largest first; None without a detector."""
        if self._detector is None:
            return None
        boxes = [
            (box.origin_x, box.origin_y, box.width, box.height)
            for detection in self._detector.detect(to_mediapipe(picture)).detections
            for box in (detection.bounding_box,)
        ]
        return sorted(boxes, key=lambda box: -box[2] * box[3])

    def count_faces(self, picture: Picture) -> int | None:
        """How many faces there are; None without a detector."""
        boxes = self.find_boxes(picture)
        return None if boxes is None else len(boxes)

    def find_mesh(self, picture: Picture) -> Mesh | None:
        """The mesh of the most evident face, in px of the picture."""
        found = self._landmarker.detect(to_mediapipe(picture))
        if not found.face_landmarks:
            return None
        height, width = picture.shape[:2]
        return Mesh(
            np.array([(p.x * width, p.y * height) for p in found.face_landmarks[0]]),
            np.asarray(found.facial_transformation_matrixes[0])[:3, :3],
            {unit.category_name: float(unit.score) for unit in found.face_blendshapes[0]},
        )

    def find_mesh_near(self, picture: Picture, box: Box) -> Mesh | None:
        """The mesh of the face in a box, looked for in twice the box alone: nearer by."""
        x, y, width, height = box
        left, top = max(int(x - width / 2), 0), max(int(y - height / 2), 0)
        right = min(int(x + 1.5 * width), picture.shape[1])
        bottom = min(int(y + 1.5 * height), picture.shape[0])
        mesh = self.find_mesh(np.ascontiguousarray(picture[top:bottom, left:right]))
        return None if mesh is None else mesh.moved(left, top)

    def close(self) -> None:
        """Free the models."""
        self._landmarker.close()
        if self._detector is not None:
            self._detector.close()


def to_mediapipe(picture: Picture) -> Any:
    """A picture as MediaPipe's tasks take it."""
    tasks = load_tasks()
    return tasks.image(image_format=tasks.srgb, data=np.ascontiguousarray(picture))

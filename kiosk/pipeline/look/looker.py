"""Looking: one picture in, an observation in physical terms out."""

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Self

import cv2
import numpy as np

from kiosk.camera.frame import Picture
from kiosk.pipeline.look.antispoof import AntispoofModel
from kiosk.pipeline.look.aside import AtOnce
from kiosk.pipeline.look.attendance import Vote, gather_cues
from kiosk.pipeline.look.coverage_models import CoverageModels
from kiosk.pipeline.look.face import Mesh, measure_face, measure_motion, scale_back
from kiosk.pipeline.look.face_models import FaceModels
from kiosk.pipeline.look.highlights import find_spots
from kiosk.pipeline.look.memory import (
    Memory,
    count_with_mesh,
    look_at_glasses,
    look_at_head,
    look_at_scene,
)
from kiosk.pipeline.look.patch import Points
from kiosk.pipeline.look.segmenter import Segmenter
from kiosk.pipeline.look.skin import measure_skin
from kiosk.pipeline.look.slow_measures import FrameView, choose_due
from kiosk.pipeline.observation import Observation, Spot
from kiosk.pipeline.wearing import wears_glasses

LOOK_HEIGHT = 640
"""Pictures are looked at with at most this many rows: detectors miscount on larger ones."""

LEAST_SIDE = 32
"""No face can be seen in a picture with a shorter side, in pixels."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The models that see, as their files' bytes. Where one is None, the rules that need it are not
    judged.
    """

    face_landmarker: bytes
    face_detector: bytes | None = None
    selfie_segmenter: bytes | None = None
    hair_segmenter: bytes | None = None
    selfie_multiclass: bytes | None = None
    face_antispoof: bytes | None = None


class Looker:
    """Sees faces, what is on them and around them. Holds its models until closed.

    `aside` does what takes longer than a frame, and is shut down with it; the models for that are
    loaded there. Without, it is done at once. Not for use by two threads at once. Raises
    ModelError.
    """

    def __init__(self, files: ModelFiles, aside: Executor | None = None) -> None:
        self._aside = aside or AtOnce()
        self._face_models = FaceModels(files.face_landmarker, files.face_detector)
        self.person_segmenter = self.coverage_models = self._antispoof = None
        if files.selfie_segmenter is not None:
            self.person_segmenter = Segmenter(files.selfie_segmenter, "person")
        if files.selfie_multiclass is not None:
            self.coverage_models = self._aside.submit(
                CoverageModels, files.selfie_multiclass, files.hair_segmenter
            ).result()
        if files.face_antispoof is not None:
            self._antispoof = AntispoofModel(files.face_antispoof)
        self._memory = self._begin_memory()

    # ---- one picture ----

    def look(self, picture: Picture) -> Observation:
        """Observe a picture of any size from 1 × 1 with every model there is.

        Coordinates are of the picture as given.
        """
        seen, view = self._find(picture)
        if view is None:
            return seen
        coverage = self._aside.submit(look_at_head, view, self.coverage_models)
        return replace(self._look_around(seen, view), coverage=coverage.result())

    def _look_around(self, seen: Observation, view: FrameView) -> Observation:
        """What is seen of a face, with all that is not looked at aside."""
        return replace(
            seen,
            skin=measure_skin(view.picture, view.mesh.points),
            scene=look_at_scene(view, self.person_segmenter),
            glasses=look_at_glasses(view),
        )

    def find_face(self, picture: Picture) -> Observation:
        """Observe only how many faces there are and where the one is; a third of the time."""
        return self._find(picture)[0]

    def find_face_and_mesh(self, picture: Picture) -> tuple[Observation, Points | None]:
        """As `find_face`, and the face's mesh in px of the picture, where one was found."""
        seen, view = self._find(picture)
        return seen, None if view is None else view.mesh.points / view.scale

    def find_mesh(self, picture: Picture) -> Mesh | None:
        """The mesh of the most evident face, looked for in the picture's own px."""
        return self._face_models.find_mesh(picture)

    def _find(self, picture: Picture) -> tuple[Observation, FrameView | None]:
        """Find the faces, and what the measures look at where one has a mesh."""
        height, width = picture.shape[:2]
        if min(height, width) < LEAST_SIDE:
            return Observation(
                width, height, 0 if self._face_models.can_count else None, None
            ), None
        small, scale = shrink(picture)
        return self._find_in(picture, small, scale, self._face_models.find_mesh(small))

    def _find_in(
        self, picture: Picture, small: Picture, scale: float, mesh: Mesh | None
    ) -> tuple[Observation, FrameView | None]:
        """As `_find`, where `small` was found to have this mesh; without one it is looked for
        nearer by."""
        height, width = picture.shape[:2]
        boxes = self._face_models.find_boxes(small)
        if mesh is None and boxes:
            mesh = self._face_models.find_mesh_near(small, boxes[0])
        faces = None if boxes is None else len(boxes)
        if mesh is None:
            return Observation(width, height, faces, None), None
        face = measure_face(small, mesh)
        seen = Observation(width, height, count_with_mesh(faces), scale_back(face, scale))
        return seen, FrameView(small, scale, mesh, face)

    # ---- a stream of pictures ----

    def follow(
        self,
        picture: Picture,
        at: float,
        swung: Mapping[str, float] | None = None,
        *,
        asking: bool = False,
        mending: bool = False,
    ) -> Observation:
        """Observe the next picture of a stream, taken at `at` seconds of any steady clock.

        The mesh and the skin are measured on each; the slow measures take turns or look aside, and
        what each found last stands for a while. Where no mesh is found everything looks that does
        not look aside, so that an empty booth is certain.

        `swung` are the lamps' levels while they swing (`attendance.swing`): then no slow measure
        looks, and the face's answer to the lamps is put to the vote on attendance.

        `asking` says that the lamps are dithered to ask after highlights: no slow measure looks
        then either, and the spots of the first such frame are measured in all of them.

        `mending` says that what is looked at aside is to be mended: it is looked at more often.
        """
        height, width = picture.shape[:2]
        if min(height, width) < LEAST_SIDE:
            return self.look(picture)
        small, scale = shrink(picture)
        mesh = self._face_models.find_mesh(small)
        memory = self._memory
        if mesh is None:
            memory.forget_face()
            seen, near = self._find_in(picture, small, scale, None)
            return seen if near is None else self._look_around(seen, near)
        view = FrameView(small, scale, mesh, measure_face(small, mesh))
        memory.keep_pace(at)
        memory.coverage.take_up()
        if asking:
            memory.vote = Vote()
        elif swung is None:
            memory.vote = Vote()
            if (due := choose_due(memory.turns, at)) is not None:
                due.look(view, at)
            memory.coverage.look(view, at, mending=mending)
        elif self._antispoof is not None:
            memory.vote = memory.vote.add(gather_cues(self._antispoof, small, mesh.points, swung))
            memory.attendance = memory.vote.score
        stands = memory.stands
        motion = (
            None if memory.last_face is None else measure_motion(memory.last_face, view.face, at)
        )
        memory.last_face = view.face, at
        return Observation(
            width,
            height,
            faces=memory.faces.last,
            face=scale_back(view.face, scale),
            skin=measure_skin(small, mesh.points),
            scene=memory.scene.finding(at, stands),
            coverage=memory.coverage.finding(at, stands),
            glasses=memory.glasses.finding(at, stands),
            motion=motion,
            attendance=memory.attendance,
            highlights=self._follow_spots(view, asking=asking),
        )

    def _follow_spots(self, view: FrameView, *, asking: bool) -> tuple[Spot, ...] | None:
        """The highlights: looked for anew, or the same ones while they are asked after. None until
        it is known whether glasses are worn."""
        memory, picture, points = self._memory, view.picture, view.mesh.points
        worn = memory.glasses.last
        if worn is None:
            return None
        if memory.spots is None or asking != memory.asked or (not asking and memory.spots_due()):
            glasses = wears_glasses(worn, memory.coverage.last)
            memory.spots = find_spots(picture, points, glasses=glasses, asking=asking)
            memory.asked, memory.spots_age = asking, 0
        memory.spots_age += 1
        return memory.spots.measure(picture, points)

    def has_looked(self, at: float) -> bool:
        """Whether every measure that has its model has looked at the person who is there at `at` s,
        so that what is not judged now never will be. The vote on attendance is none of them.
        """
        return not any(measure.is_stale(at, self._memory.stands) for measure in self._memory.able)

    @property
    def can_tell_attendance(self) -> bool:
        """Whether there is a model that tells a person from a picture of one."""
        return self._antispoof is not None

    def forget(self) -> None:
        """Drop all that was seen of the last person, once nothing looks at them any more."""
        self._memory.forget_face()
        self._aside.submit(lambda: None).result()
        self._memory = self._begin_memory()

    def _begin_memory(self) -> Memory:
        return Memory(self._face_models, self.person_segmenter, self.coverage_models, self._aside)

    # ---- the models' life ----

    def close(self) -> None:
        """Free the models, once nothing looks any more."""
        self._aside.shutdown(cancel_futures=True)
        self._face_models.close()
        for models in (self.person_segmenter, self.coverage_models):
            if models is not None:
                models.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def shrink(picture: Picture) -> tuple[Picture, float]:
    """A picture of at most LOOK_HEIGHT rows, and its scale."""
    scale = min(1.0, LOOK_HEIGHT / picture.shape[0])
    if scale == 1.0:
        return picture, 1.0
    size = (max(round(picture.shape[1] * scale), 1), max(round(picture.shape[0] * scale), 1))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8), scale

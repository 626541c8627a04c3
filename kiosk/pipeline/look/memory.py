"""What is kept of the person before the camera, from frame to frame, and what looks at them."""

from concurrent.futures import Executor
from typing import Any

from kiosk.pipeline.look.aside import AsideMeasure
from kiosk.pipeline.look.attendance import Vote
from kiosk.pipeline.look.coverage_models import CoverageModels
from kiosk.pipeline.look.face_models import FaceModels
from kiosk.pipeline.look.glasses import measure_glasses
from kiosk.pipeline.look.highlights import SpotMap
from kiosk.pipeline.look.scene import measure_scene
from kiosk.pipeline.look.segmenter import Segmenter
from kiosk.pipeline.look.slow_measures import FrameView, SlowMeasure, stands_for
from kiosk.pipeline.observation import Coverage, Face, Glasses, Scene

SPOTS_STAND = 4
"""Frames in which highlights are measured where they were found, before they are looked for anew:
that takes five times as long."""

PACE_GAIN = 0.3
"""How much of the newest interval between two frames goes into the smoothed one."""


class Memory:
    """All that is kept of the person before the camera, from frame to frame."""

    def __init__(
        self,
        faces: FaceModels,
        person: Segmenter | None,
        head: CoverageModels | None,
        aside: Executor,
    ) -> None:
        self.faces: SlowMeasure[int] = SlowMeasure(
            lambda view: count_with_mesh(faces.count_faces(view.picture))
        )
        self.scene: SlowMeasure[Scene] = SlowMeasure(lambda view: look_at_scene(view, person))
        self.coverage: AsideMeasure[Coverage] = AsideMeasure(
            lambda view: look_at_head(view, head), aside
        )
        self.glasses: SlowMeasure[Glasses] = SlowMeasure(look_at_glasses)
        self.turns = (self.faces, self.glasses, self.scene)
        self.able: list[SlowMeasure[Any]] = [self.faces, self.glasses]
        """Those that have a model to look with."""
        self.able += [self.scene] if person is not None else []
        self.able += [self.coverage] if head is not None else []
        self.interval = 0.0
        """Seconds from one frame to the next, smoothed."""
        self.forget_face()

    def forget_face(self) -> None:
        """Forget how the face moved and answered the lamps, and what was seen of it aside: who is
        seen next may be another.
        """
        self.coverage.forget()
        self.last_face: tuple[Face, float] | None = None
        """The face, and when it was seen, s."""
        self.vote = Vote()
        self.attendance: float | None = None
        self.spots: SpotMap | None = None
        """Where the highlights are; the same for as long as they are asked after."""
        self.spots_age = 0
        """In how many frames they were measured since they were found."""
        self.asked = False
        """Whether they are asked after."""

    def keep_pace(self, at: float) -> None:
        """Note when a frame was taken: how often they come says how long findings stand."""
        if self.last_face is not None:
            self.interval += PACE_GAIN * (at - self.last_face[1] - self.interval)

    def spots_due(self) -> bool:
        """Whether highlights have to be looked for anew."""
        return self.spots_age >= SPOTS_STAND

    @property
    def stands(self) -> float:
        """Seconds for which a finding stands."""
        return stands_for(self.turns, self.interval)


def count_with_mesh(counted: int | None) -> int | None:
    """How many faces there are where one has a mesh: that is one, though the detector misses it
    behind a mask, dark glasses or a veil."""
    return None if counted is None else max(counted, 1)


def look_at_scene(view: FrameView, segmenter: Segmenter | None) -> Scene | None:
    """What is around the face, where something segments the person."""
    if segmenter is None:
        return None
    person, face = segmenter.mask(view.picture), view.face
    return measure_scene(view.picture, person, face.midline, face.chin[1], face.eye_distance)


def look_at_head(view: FrameView, models: CoverageModels | None) -> Coverage | None:
    """What covers the head, where something segments it."""
    return None if models is None else models.look(view.picture, view.mesh.points)


def look_at_glasses(view: FrameView) -> Glasses:
    """What is worn before the eyes."""
    return measure_glasses(view.picture, view.mesh.points)

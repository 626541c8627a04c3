"""All rules on a stream of 960 × 1280 on one core, against each model run on each whole frame; and
the booth's loop beside all models.
"""

import math
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision

from kiosk.booth.loop import Booth
from kiosk.camera.frame import Picture
from kiosk.config import Config
from kiosk.display.window import FRAME_RATE
from kiosk.errors import KioskError
from kiosk.evaluation.memory import load_and_use_models, resident_memory
from kiosk.evaluation.rows import Row
from kiosk.evaluation.timing import one_core
from kiosk.evaluation.twin_booth import open_booth
from kiosk.evaluation.twin_pictures import CAMERA_RATE, open_camera, read_main
from kiosk.lighting import usual_levels
from kiosk.models import read_model
from kiosk.pipeline.judge.judge import judge
from kiosk.pipeline.judge.steady import Steady, smooth
from kiosk.pipeline.loading import load_looker
from kiosk.pipeline.look.attendance import VOTE_FRAMES, swing
from kiosk.pipeline.specification import specification
from kiosk.twin import Posture
from kiosk.visit import Stage

REPEATED = 8
"""Frames of the twin that the stream repeats: rendering them is not what is measured."""

WARM_UP = 5
"""First frames that are not counted: they set the models up."""

SCREEN = (1080, 1920)
"""The booth's screen, which nobody sees, while its loop is timed."""

PATIENCE = 180.0
"""Seconds after which a visit that has not come to its shot is held to hang."""

VISIT, CALL = 300, 30
"""Frames of a visit of ten seconds, and the one with which its call of attendance begins."""


def measure(config: Config, *, quick: bool) -> Iterator[Row]:
    """Time each frame of the stream, and then the memory of a process with all models."""
    frames = _stream(config)
    rules, steady = specification(), Steady()
    took: list[float] = []
    peer_took: list[float] = []
    store = config.models.store
    with one_core(), load_looker(store) as looker, _every_model(store) as use_models:
        for number in range(30 if quick else 300):
            frame, at = frames[number % REPEATED], number / CAMERA_RATE
            began = time.perf_counter()
            called = CALL <= number % VISIT < CALL + VOTE_FRAMES
            swung = swing(usual_levels.WORKING, number) if called else None
            steady, _ = smooth(steady, judge(looker.follow(frame, at, swung), rules), at)
            between = time.perf_counter()
            use_models(frame)
            took.append((between - began) * 1000)
            peer_took.append((time.perf_counter() - between) * 1000)
    for name, share, goal in (("median", 50, 25.0), ("99th percentile", 99, 60.0)):
        value = float(np.percentile(took[WARM_UP:], share))
        baseline = float(np.percentile(peer_took[WARM_UP:], share))
        yield Row.at_most("live", f"a frame, {name}", value, "ms", goal, baseline)
    yield from _time_loop(config)
    with get_context("spawn").Pool(1) as pool:
        resident = pool.apply(_memory_of_all_models, (store,))
    yield Row.at_most("live", "resident with all models", resident, "MiB", 500)


def _time_loop(config: Config) -> Iterator[Row]:
    """Time the rounds of the booth's loop while a student is guided, with all that goes on beside.

    What a round takes is counted from one picture of the screen to the next, without its wait for
    the next picture to be due.
    """
    took: list[float] = []
    with (
        tempfile.TemporaryDirectory(prefix="kiosk-") as folder,
        open_booth(config, SCREEN, Path(folder)) as (booth, visitors),
    ):
        until = math.inf

        def done(booth: Booth) -> bool:
            nonlocal until
            if booth.parts.clock() > until:
                raise KioskError(f"live: the visit hangs at {booth.visit.stage.value}")
            if booth.prepared and visitors.now is None:
                visitors.send()
                until = booth.parts.clock() + PATIENCE
            if booth.visit.stage is Stage.GUIDE:
                took.append(booth.parts.window.busy_ms)
            return booth.visit.stage is Stage.SHUTTER

        booth.run(done)
    for name, share, goal in (("median", 50, None), ("95th percentile", 95, 1000 / FRAME_RATE)):
        value = float(np.percentile(took, share))
        yield Row("live", f"a round of the loop, {name}", value, "ms", goal,
                  None if goal is None else value <= goal)  # fmt: skip


def _stream(config: Config) -> list[Picture]:
    twin, camera = open_camera(config)
    frames = []
    for number in range(REPEATED):
        twin.wires.posture = Posture(dx=0.002 * number)
        frames.append(read_main(camera))
    return frames


@contextmanager
def _every_model(store: Path) -> Iterator[Callable[[Picture], object]]:
    """MediaPipe's tasks as their guides show them: every model, every frame, at full size."""

    def base(name: str) -> BaseOptions:
        return BaseOptions(model_asset_buffer=read_model(name, store))

    meshes = vision.FaceLandmarkerOptions(
        base_options=base("face_landmarker"),
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    faces = vision.FaceDetectorOptions(base_options=base("face_detector_full_range"))
    people = vision.ImageSegmenterOptions(
        base_options=base("selfie_segmenter"), output_confidence_masks=True
    )
    hairs = vision.ImageSegmenterOptions(
        base_options=base("hair_segmenter"), output_confidence_masks=True
    )
    with (
        vision.FaceLandmarker.create_from_options(meshes) as mesh,
        vision.FaceDetector.create_from_options(faces) as face,
        vision.ImageSegmenter.create_from_options(people) as person,
        vision.ImageSegmenter.create_from_options(hairs) as hair,
    ):

        def use(picture: Picture) -> object:
            image = mp.Image(image_format=mp.ImageFormat.SRGB, data=picture)
            found = mesh.detect(image), face.detect(image)
            return found, person.segment(image), hair.segment(image)

        yield use


def _memory_of_all_models(store: Path) -> float:
    models = load_and_use_models(store)
    resident = resident_memory()
    models.looker.close()
    return resident

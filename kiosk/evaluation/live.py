"""All rules on a stream of 960 × 1280 on one core, as fast as frames come and as fast as it goes,
against each model run on each whole frame; and the booth's loop beside all models.
"""

import itertools
import math
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision

from kiosk.booth.loop import Booth
from kiosk.camera.frame import Picture
from kiosk.config import Config
from kiosk.display.window import FRAME_RATE
from kiosk.errors import KioskError
from kiosk.evaluation.memory import memory_of_all_models
from kiosk.evaluation.rows import Row
from kiosk.evaluation.timing import one_core, time_in_turns
from kiosk.evaluation.twin_booth import open_booth
from kiosk.evaluation.twin_pictures import open_camera, read_main
from kiosk.lighting import usual_levels
from kiosk.models import read_model
from kiosk.pipeline.judge.judge import judge
from kiosk.pipeline.judge.steady import Steady, smooth
from kiosk.pipeline.loading import load_looker
from kiosk.pipeline.look.aside import open_aside
from kiosk.pipeline.look.attendance import VOTE_FRAMES, swing
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.specification import specification
from kiosk.twin import Posture
from kiosk.visit import Stage

PACE = 25.0
"""Frames a second that a booth's camera gives; back to back there are more."""

REPEATED = 8
"""Frames of the twin that the stream repeats: rendering them is not what is measured."""

WARM_UP = 5
"""First frames that are not counted: they set the models up."""

SEEN_BY = 3.0
"""Seconds after which everything has been looked at, and what is not known is missed."""

SCREEN = (1080, 1920)
"""The booth's screen, which nobody sees, while its loop is timed."""

PATIENCE = 180.0
"""Seconds after which a visit that has not come to its shot is held to hang."""

VISIT, CALL = 300, 30
"""Frames of a visit of twelve seconds, and the one with which its call of attendance begins."""


def measure(config: Config, *, quick: bool) -> Iterator[Row]:
    """Time each frame of the stream, and then the memory of a process with all models."""
    frames, store, lasts = _stream(config), config.models.store, SEEN_BY + (1.0 if quick else 9.0)
    with one_core():
        with load_looker(store, open_aside()) as looker:
            paced = _follow(looker, frames, lasts, PACE)
            free = _follow(looker, frames, lasts)
        with _every_model(store) as use_models:
            peer = time_in_turns({"peer": partial(use_models, frames[0])}, 20 if quick else 100)[
                "peer"
            ]
    for name, taken in ((f"at {PACE:.0f} a second", paced), ("back to back", free)):
        for part, share, goal in (("median", 50, 20.0), ("99th percentile", 99, 60.0)):
            value = float(np.percentile(taken.took, share))
            baseline = float(np.percentile(peer, share))
            yield Row.at_most("live", f"a frame {name}, {part}", value, "ms", goal, baseline)
        yield Row.at_most("live", f"not all is known {name}", taken.missed, "% of frames", 0)
    yield from _time_loop(config)
    with get_context("spawn").Pool(1) as pool:
        resident = pool.apply(memory_of_all_models, (store, frames[0]))
    yield Row.at_most("live", "resident with all models", resident, "MiB", 500)


class _Followed(NamedTuple):
    """A stream that was followed."""

    took: list[float]
    """Wall clock for each frame, ms."""
    missed: float
    """Share of the frames after SEEN_BY seconds of which not all is known, %."""


def _follow(
    looker: Looker, frames: Sequence[Picture], lasts: float, pace: float = math.inf
) -> _Followed:
    """Look at and judge frames for so many seconds, at most `pace` of them a second, and call for
    attendance as a booth does."""
    rules, steady = specification(), Steady()
    took, known = [], []
    looker.forget()
    start = time.perf_counter()
    for number in itertools.count():
        time.sleep(max(start + number / pace - time.perf_counter(), 0.0))
        began = time.perf_counter()
        if (at := began - start) > lasts:
            break
        called = CALL <= number % VISIT < CALL + VOTE_FRAMES
        swung = swing(usual_levels.WORKING, number) if called else None
        seen = looker.follow(frames[number % len(frames)], at, swung)
        steady, _ = smooth(steady, judge(seen, rules), at)
        took.append((time.perf_counter() - began) * 1000)
        if at > SEEN_BY and not called:
            known.append(looker.has_looked(at))
    return _Followed(took[WARM_UP:], 100 * (1 - float(np.mean(known))))


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
    heads = vision.ImageSegmenterOptions(
        base_options=base("selfie_multiclass"), output_confidence_masks=True
    )
    with (
        vision.FaceLandmarker.create_from_options(meshes) as mesh,
        vision.FaceDetector.create_from_options(faces) as face,
        vision.ImageSegmenter.create_from_options(people) as person,
        vision.ImageSegmenter.create_from_options(hairs) as hair,
        vision.ImageSegmenter.create_from_options(heads) as head,
    ):

        def use(picture: Picture) -> object:
            image = mp.Image(image_format=mp.ImageFormat.SRGB, data=picture)
            found = mesh.detect(image), face.detect(image)
            return found, [each.segment(image) for each in (person, hair, head)]

        yield use

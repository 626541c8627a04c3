"""Frames a second that the twin makes on one core, against the rate of the booth's camera."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from kiosk.camera.frame import Controls
from kiosk.config import Config
from kiosk.evaluation.rows import Row
from kiosk.evaluation.timing import one_core
from kiosk.evaluation.twin_pictures import CAMERA_RATE, open_camera
from kiosk.lighting import usual_levels
from kiosk.twin import Posture


@dataclass(frozen=True, slots=True)
class CameraTask:
    """What the twin's camera has to do."""

    row: str
    moves: bool = True
    """Whether the student stands elsewhere in each frame."""
    frequency: int = 1000
    """Hz of the lamps' PWM."""
    main_every: int | None = None
    """The main stream is wanted every so many frames."""
    goal: float | None = CAMERA_RATE


TASKS = (
    CameraTask("preview, nobody moves", moves=False),
    CameraTask("preview, the student moves"),
    CameraTask("preview, bands of lamps at 170 Hz", frequency=170),
    CameraTask("main stream each tenth frame", main_every=10),
    CameraTask("main stream each frame", main_every=1, goal=None),
)


def measure(config: Config, *, quick: bool) -> Iterator[Row]:
    """Do each task for as many frames, and count the processor's time alone.

    The twin waits for each frame to be due; that time is not counted.
    """
    count = 30 if quick else 200
    with one_core():
        for task in TASKS:
            rate = count / _spend(config, task, count)
            ok = None if task.goal is None else rate >= task.goal
            yield Row("twin", task.row, rate, "frames/s", task.goal, ok, CAMERA_RATE)


def _spend(config: Config, task: CameraTask, count: int) -> float:
    """Seconds of processor time that `count` frames take."""
    twin, camera = open_camera(config)
    for lamp in usual_levels.WORKING:
        twin.wires.set_frequency(lamp, task.frequency)
    camera.control(Controls(exposure_time=8_000))
    camera.read(main=True)  # the first reads the files
    spent = 0.0
    for number in range(count):
        if task.moves:
            # To and fro by a hundredth of the picture a frame, and nearer, and back.
            away = abs(number % 20 - 10)
            twin.wires.posture = Posture(dx=0.01 * away, scale=1 + 0.01 * away)
        began = time.process_time()
        camera.read(main=task.main_every is not None and number % task.main_every == 0)
        spent += time.process_time() - began
    return spent

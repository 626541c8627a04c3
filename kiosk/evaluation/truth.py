"""The models held against the twin's truth: what they measure on rendered people, how far off."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.evaluation.labelled import GAZE_NEEDS_OPENING
from kiosk.evaluation.rows import Row
from kiosk.evaluation.twin_pictures import picture_of
from kiosk.pipeline.judge.measures import gaze_height
from kiosk.pipeline.loading import LoadedModels, load_models
from kiosk.pipeline.look.scene import shoulders_slope
from kiosk.pipeline.observation import Face
from kiosk.twin import find_subject, subject_names
from kiosk.twin.light_stage import RenderedPerson

ANGLES = ("yaw", "pitch", "roll", "gaze aside", "gaze up", "shoulders")
"""Quantities in degrees."""

QUANTITIES = (*ANGLES, "eye opening", "matte")

BAD_RENDER = 5.0
"""Degrees of yaw or roll beyond which the render, and not the model, is at fault."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One quantity of one rendered picture, measured and true."""

    subject: str
    pose: str
    quantity: str
    """One of ANGLES; or `eye opening`, as a share of the subject's own at rest; or `matte`, the
    mean absolute difference of alpha in a band around the true outline, whose truth is 0."""
    measured: float
    true: float

    @property
    def error(self) -> float:
        """How far off, without its sign."""
        return abs(self.measured - self.true)


class FaceNotFound(KioskError):
    """A rendered person whose face a model did not find: a bad render."""


def measure(config: Config, *, quick: bool) -> Iterator[Row]:
    """Mean errors by person and quantity; the baseline is what remains without the person's bias.

    Raises FaceNotFound and SubjectError.
    """
    people = subject_names()[:2] if quick else subject_names()
    models = load_models(config.models.store)
    found = [each for name in people for each in measure_subject(name, models)]
    models.looker.close()
    for name in people:
        for quantity in QUANTITIES:
            off = absolute_errors(found, name, quantity)
            if not off:
                continue
            goal = BAD_RENDER if quantity in ("yaw", "roll") else None
            ok = None if goal is None else max(off) <= goal
            unit = "degrees" if quantity in ANGLES else "share"
            unbiased = float(np.mean(unbiased_errors(found, name, quantity)))
            mean = float(np.mean(off))
            yield Row("truth", f"{name}: {quantity}", mean, unit, goal, ok, unbiased)


def measure_subject(name: str, models: LoadedModels) -> Iterator[Measurement]:
    """Measure every pose of a rendered subject; raises FaceNotFound and SubjectError."""
    subject = RenderedPerson(find_subject(name))
    rest: Face | None = None
    for pose in subject.poses:
        picture = picture_of(subject, pose)
        face = models.looker.look(picture).face
        if face is None:
            raise FaceNotFound(f"{name}, {pose}: the mesh finds no face; mend the render")
        rest = rest or face
        truth = subject.truth(pose)
        alpha = models.matter.alpha(picture)
        true_alpha = subject.stage(pose, large=True).alpha.astype(np.float32) / np.float32(255)
        for quantity, measured, true in (
            ("yaw", face.yaw, truth["yaw"]),
            ("pitch", face.pitch, truth["pitch"]),
            ("roll", face.roll, truth["roll"]),
            ("gaze aside", face.yaw + face.gaze_aside, truth["gaze"]["aside"]),
            # Each person's irises sit at a height of their own.
            ("gaze up", gaze_height(face) - gaze_height(rest), truth["gaze"]["up"]),
            ("eye opening", _eye_opening(face) / _eye_opening(rest), truth["eye_opening"]),
            ("matte", _outline_error(alpha, true_alpha), 0.0),
            ("shoulders", _shoulders_slope(alpha, face), truth["shoulders_slope"]),
        ):
            if "gaze" in quantity and truth["eye_opening"] < GAZE_NEEDS_OPENING:
                continue  # no iris can be seen
            if measured is not None:
                yield Measurement(name, pose, quantity, float(measured), float(true))


def _eye_opening(face: Face) -> float:
    return (face.lid_opening_left + face.lid_opening_right) / 2


def _shoulders_slope(alpha: NDArray[np.float32], face: Face) -> float | None:
    return shoulders_slope(alpha, face.midline, face.chin[1], face.eye_distance)


def _outline_error(alpha: NDArray[np.float32], true: NDArray[np.float32]) -> float:
    """Mean absolute difference within 12 px of where the true matte is neither 0 nor 1."""
    edge = ((true > 0.02) & (true < 0.98)).astype(np.uint8)
    band = cv2.dilate(edge, np.ones((25, 25), np.uint8)) > 0
    return float(np.abs(alpha - true)[band].mean())


def absolute_errors(found: Iterable[Measurement], subject: str, quantity: str) -> Sequence[float]:
    """The errors of one subject's quantity, pose by pose, without their signs."""
    return [each.error for each in found if each.subject == subject and each.quantity == quantity]


def unbiased_errors(found: Iterable[Measurement], subject: str, quantity: str) -> Sequence[float]:
    """The same without the subject's bias, which is the median of the signed errors."""
    signed = [
        each.measured - each.true
        for each in found
        if each.subject == subject and each.quantity == quantity
    ]
    bias = median(signed) if signed else 0.0
    return [abs(error - bias) for error in signed]

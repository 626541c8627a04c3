"""The models held against the twin's truth: what they measure on rendered people, how far off."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.lighting import control_law
from kiosk.pipeline.loading import LoadedModels
from kiosk.pipeline.look.scene import shoulders_slope
from kiosk.pipeline.observation import Face
from kiosk.twin import find, show
from kiosk.twin.stage import Rendered

OPEN = 0.7
"""Share of the eyes' opening at rest from which on their gaze is measured."""

ANGLES = ("yaw", "pitch", "roll", "gaze aside", "gaze up", "shoulders")
"""Quantities in degrees."""


@dataclass(frozen=True, slots=True)
class Measured:
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


class Missed(Exception):
    """A rendered person whose face a model did not find: a bad render."""


def frame(subject: Rendered, pose: str) -> Picture:
    """Give the main stream's picture of a pose under the booth's working light, without noise."""
    return show.frame(subject, pose, {**control_law.WORKING, "room": 1.0}, noise=False)


def measure(name: str, eyes: LoadedModels) -> Iterator[Measured]:
    """Measure every pose of a rendered subject; raises Missed and SubjectError."""
    subject = Rendered(find(name))
    rest: Face | None = None
    for pose in subject.poses:
        picture = frame(subject, pose)
        face = eyes.looker.look(picture).face
        if face is None:
            raise Missed(f"{name}, {pose}: the mesh finds no face; mend the render")
        rest = rest or face
        truth = subject.truth(pose)
        alpha = eyes.matter.alpha(picture)
        true = subject.stage(pose, large=True).alpha.astype(np.float32) / np.float32(255)
        for quantity, measured, wanted in (
            ("yaw", face.yaw, truth["yaw"]),
            ("pitch", face.pitch, truth["pitch"]),
            ("roll", face.roll, truth["roll"]),
            ("gaze aside", face.yaw + face.gaze_aside, truth["gaze"]["aside"]),
            # Each person's irises sit at a height of their own, and their pitch reads with a bias.
            ("gaze up", _rise(face) - _rise(rest), truth["gaze"]["up"]),
            ("eye opening", _opening(face) / _opening(rest), truth["eye_opening"]),
            ("matte", _outline_error(alpha, true), 0.0),
            ("shoulders", _slope(alpha, face), truth["shoulders_slope"]),
        ):
            if "gaze" in quantity and truth["eye_opening"] < OPEN:
                continue  # no iris can be seen
            if measured is not None:
                yield Measured(name, pose, quantity, float(measured), float(wanted))


def _rise(face: Face) -> float:
    return face.pitch + face.gaze_up


def _opening(face: Face) -> float:
    return (face.lid_opening_left + face.lid_opening_right) / 2


def _slope(alpha: NDArray[np.float32], face: Face) -> float | None:
    return shoulders_slope(alpha, face.midline, face.chin[1], face.eye_distance)


def _outline_error(alpha: NDArray[np.float32], true: NDArray[np.float32]) -> float:
    """Mean absolute difference within 12 px of where the true matte is neither 0 nor 1."""
    edge = ((true > 0.02) & (true < 0.98)).astype(np.uint8)
    band = cv2.dilate(edge, np.ones((25, 25), np.uint8)) > 0
    return float(np.abs(alpha - true)[band].mean())


def errors(rows: Iterable[Measured], subject: str, quantity: str) -> Sequence[float]:
    """Give the errors of one subject's quantity, pose by pose."""
    return [r.error for r in rows if r.subject == subject and r.quantity == quantity]


def steady_errors(rows: Iterable[Measured], subject: str, quantity: str) -> Sequence[float]:
    """Give the same without what the subject's measurements have in common: their median."""
    signed = [r.measured - r.true for r in rows if r.subject == subject and r.quantity == quantity]
    middle = median(signed) if signed else 0.0
    return [abs(value - middle) for value in signed]

"""The models held against the twin's truth: what they measure on rendered people, how far off."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Picture
from kiosk.eyes import Eyes
from kiosk.lighting import law
from kiosk.pipeline.assessment import Face
from kiosk.twin import find, show
from kiosk.twin.stage import Rendered

SHOULDERS = (1.5, 1.9)
"""Where the shoulders' outline is read, as distances from the face's midline in T."""

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
    return show.frame(subject, pose, {**law.WORKING, "room": 1.0}, noise=False)


def measure(name: str, eyes: Eyes) -> Iterator[Measured]:
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
            ("shoulders", slope(alpha, face), truth["shoulders_slope"]),
        ):
            if "gaze" in quantity and truth["eye_opening"] < OPEN:
                continue  # no iris can be seen
            if not math.isnan(measured):
                yield Measured(name, pose, quantity, float(measured), float(wanted))


def _rise(face: Face) -> float:
    return face.pitch + face.gaze_up


def _opening(face: Face) -> float:
    return (face.lid_opening_left + face.lid_opening_right) / 2


def slope(alpha: NDArray[np.float32], face: Face) -> float:
    """How far the left shoulder hangs below the right, degrees, by the outline of a matte (H x W).

    NaN where there is no outline of shoulders at SHOULDERS on both sides, as under long hair.
    """
    heights = []
    for way in (1, -1):
        columns = [round(face.midline + way * at * face.eye_distance) for at in SHOULDERS]
        first, last = sorted(columns)
        part = alpha[round(face.chin[1]) :, max(first, 0) : max(last, 0)] > 0.5
        if part.shape[1] < 2 or not part.any(0).all():
            return math.nan
        heights.append(float(np.median(part.argmax(0))))
    across = 2 * fmean(SHOULDERS) * face.eye_distance
    return math.degrees(math.atan2(heights[0] - heights[1], across))


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

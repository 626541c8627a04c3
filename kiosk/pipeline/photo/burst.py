"""The best shot of a burst: all rules held, eyes open widest, sharpest."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from kiosk.camera.frame import Picture
from kiosk.pipeline.assessment import Assessment
from kiosk.pipeline.judge.judge import judge
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.observation import Face
from kiosk.pipeline.specification import Specification


@dataclass(frozen=True, slots=True)
class Shot:
    """One frame of a burst that keeps all rules that it has to."""

    picture: Picture
    assessment: Assessment
    sharpness: float
    """Variance of the Laplacian over the face, in squared 8-bit codes."""
    openness: float
    """The less open eye's lid opening, in T."""


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A burst of which no frame keeps all rules."""

    assessment: Assessment | None
    """The best frame's; None where none shows a face."""

    @property
    def blinked(self) -> bool:
        """Whether the eyes were closed even in the best frame."""
        rules = () if self.assessment is None else self.assessment.rules
        return any(rule.id == "eyes_open" and rule.ok is False for rule in rules)


def best_shot(
    pictures: Iterable[Picture],
    looker: Looker,
    specification: Specification,
    excused: frozenset[str] = frozenset(),
    *,
    attendance: float | None = None,
) -> Shot | Spoiled:
    """The shot with the greatest sharpness × openness that keeps all rules but those `excused`.

    `attendance` was found before: a burst's lamps stand still, and ask nobody.

    The rules are judged on the best by that score, and on the next only where it does not keep
    them. Of eyes that need not be open the openness does not count.
    """
    faces = [(picture, looker.find_face(picture).face) for picture in pictures]
    seen = [
        (sharpness(picture, face), openness(face), picture)
        for picture, face in faces
        if face is not None
    ]
    opens = 0 if "eyes_open" in excused else 1
    scored = sorted(seen, key=lambda it: it[0] * it[1] ** opens, reverse=True)
    best: Assessment | None = None
    for sharp, open_, picture in scored:
        seen_now = replace(looker.look(picture), attendance=attendance)
        assessment = judge(seen_now, specification)
        if assessment.passed_but_for(excused):
            return Shot(picture, assessment, sharp, open_)
        best = best or assessment
    return Spoiled(best)


def openness(face: Face) -> float:
    """Measure how wide the less open eye is: its lid opening, in T."""
    return min(face.lid_opening_left, face.lid_opening_right)


def sharpness(picture: Picture, face: Face) -> float:
    """Measure how sharp the eyes' region is: variance of the Laplacian, in squared 8-bit codes."""
    reach = face.eye_distance
    x, y = face.midline, face.eye_line
    rows = slice(max(int(y - 0.6 * reach), 0), max(int(y + 0.6 * reach), 1))
    columns = slice(max(int(x - reach), 0), max(int(x + reach), 1))
    grey = cv2.cvtColor(picture[rows, columns], cv2.COLOR_RGB2GRAY)
    return float(np.var(cv2.Laplacian(grey, cv2.CV_32F)))

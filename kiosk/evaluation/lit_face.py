"""Finds what is true of the light on a rendered person, on their light stage and its masks.

Nothing here is measured by what the booth measures with, but for where eyes, cheeks and skin are:
that is the mesh of a picture in even light without noise.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.camera.frame import Controls, Picture
from kiosk.evaluation.light_truth import PLACES, Place, TrueLight
from kiosk.lighting.response import Levels
from kiosk.pipeline.light import LUMINANCE, Luminance
from kiosk.pipeline.look.patch import CHEEKS, EYES, LIDS, LIPS, OVAL, Points
from kiosk.pipeline.look.reflections import BRIGHT, EYE_ZONE
from kiosk.pipeline.look.skin import REFLECTION
from kiosk.pipeline.mask import Mask
from kiosk.twin import optics, sensor
from kiosk.twin.light_stage import Bytes, Figure, Subject

EVEN_LIGHT: Levels = {"key_left": 0.5, "key_right": 0.5, "fill": 0.5, "backdrop": 0.6, "room": 1.0}
"""The light in which the reference's mesh is looked for."""


class Lit(Subject, Protocol):
    """A person with a light stage, and the mask of what mirrors which lamp."""

    def highlights(self, pose: str) -> Bytes:
        """Height × width, or twice each: a bit a lamp, bit 0 being the first of `lamps`."""
        ...

    def truth(self, pose: str) -> Mapping[str, Any]:
        """What a pose was rendered with."""
        ...


class FindsMesh(Protocol):
    """Finds the mesh of a face: the booth's Looker."""

    def find_mesh(self, picture: Picture) -> "HasPoints | None":
        """The mesh of the most evident face."""
        ...


class HasPoints(Protocol):
    """A mesh."""

    @property
    def points(self) -> Points:
        """478 × 2, px."""
        ...


def find_true_light(subject: Lit, looker: FindsMesh, card: Mapping[str, float]) -> TrueLight:
    """What is true of a person at rest; `card` as for TrueLight.

    Raises SubjectError, and ValueError where the reference has no face.
    """
    pose = subject.poses[0]
    stage = subject.stage(pose, large=False)
    lights = {name: _light_of(stage, name) for name in subject.lamps}
    points = _reference_points(stage, looker)
    bits = _mask(subject.highlights(pose), stage.alpha.shape)
    luminances = {name: light @ LUMINANCE for name, light in lights.items()}
    mirrors = {name: (bits >> n & 1) > 0 for n, name in enumerate(subject.lamps)}
    zones = dict(
        zip(PLACES, (*_eye_zones(points, bits.shape), _skin(points, bits.shape)), strict=True)
    )
    places = {
        name: Place(
            {source: light[zone] for source, light in luminances.items()},
            {source: mask[zone] for source, mask in mirrors.items()},
            REFLECTION if name == "skin" else BRIGHT,
        )
        for name, zone in zones.items()
    }
    left, right = (points[list(cheek)].mean(0) for cheek in reversed(CHEEKS))
    eyes = [points[list(eye)].mean(0) for eye in EYES]
    eye_distance = float(np.hypot(*(eyes[0] - eyes[1])))
    reach = eye_distance / 8
    cheeks = {
        name: (_mean_around(light, left, reach), _mean_around(light, right, reach))
        for name, light in luminances.items()
    }
    x, y = ((eyes[0] + eyes[1]) / 2).tolist()
    glasses = bool(subject.truth(pose)["glasses"])
    return TrueLight(luminances, mirrors, (x, y), eye_distance, places, cheeks, card, glasses)


def _light_of(stage: Figure, lamp: str) -> NDArray[np.float32]:
    return optics.vignette(optics.relight(stage, {lamp: 1.0}))


def _reference_points(stage: Figure, looker: FindsMesh) -> Points:
    light = optics.relight(stage, EVEN_LIGHT)
    picture = sensor.develop(sensor.expose(light, Controls(), None, np.random.default_rng(0)))
    mesh = looker.find_mesh(picture)
    if mesh is None:
        raise ValueError("no face is found in even light")
    return mesh.points


def _mask(bits: Bytes, size: tuple[int, ...]) -> Bytes:
    """The mask at the pictures' size: of a larger one, what two of each four pixels have."""
    if bits.shape == size:
        return bits
    four = [bits[y::2, x::2] for y in (0, 1) for x in (0, 1)]
    twice = np.zeros_like(four[0])
    for one, other in ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)):
        twice |= four[one] & four[other]
    return twice


def _eye_zones(points: Points, size: tuple[int, ...]) -> tuple[Mask, Mask]:
    """Around each eye's opening, on the picture's left and right, as ISO/IEC 39794-5 wants it free:
    what the rule on glare looks at."""
    reach = 2 * round(EYE_ZONE * float(np.hypot(*(points[33] - points[263]))) * 0.7) + 1
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    zones = []
    for lid in reversed(LIDS):  # the person's right eye is on the picture's left
        eye = _fill(points, lid, size)
        zones.append((cv2.dilate(eye, around) > 0) & (eye == 0))
    return zones[0], zones[1]


def _skin(points: Points, size: tuple[int, ...]) -> Mask:
    face = cv2.erode(_fill(points, OVAL, size), np.ones((15, 15)))
    for part in (*LIDS, LIPS):
        face[cv2.dilate(_fill(points, part, size), np.ones((9, 9))) > 0] = 0
    return np.asarray(face > 0)


def _fill(points: Points, outline: Sequence[int], size: tuple[int, ...]) -> Bytes:
    filled = np.zeros(size[:2], np.uint8)
    cv2.fillPoly(filled, [np.rint(points[list(outline)]).astype(np.int32)], 1)
    return filled


def _mean_around(light: Luminance, at: NDArray[np.float64], reach: float) -> float:
    (x, y), half = np.rint(at).astype(int), round(reach)
    return float(light[y - half : y + half + 1, x - half : x + half + 1].mean())

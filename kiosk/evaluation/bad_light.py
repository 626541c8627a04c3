"""Rendered people in bad light: one side dark, or a lamp mirrored in their glasses."""

from collections.abc import Iterator, Mapping

import cv2
import numpy as np

from kiosk.camera.frame import Picture
from kiosk.evaluation.labelled import GAZE_NEEDS_OPENING, JudgedPicture, judge_picture
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.look.patch import LIDS
from kiosk.twin import single_frame
from kiosk.twin.light_stage import RenderedPerson

BAD_LIGHTS: Mapping[str, Mapping[str, float]] = {
    "one key lamp": {"key_left": 1, "key_right": 0, "fill": 0.1, "backdrop": 0.6, "room": 0.3},
    "the other": {"key_left": 0, "key_right": 1, "fill": 0.1, "backdrop": 0.6, "room": 0.3},
    "both keys": {"key_left": 1, "key_right": 1, "fill": 0.2, "backdrop": 0.6, "room": 0.5},
    "fill": {"key_left": 0, "key_right": 0, "fill": 1, "backdrop": 0.6, "room": 0.3},
}
"""Levels of all lights by the name of what is lit."""

UNEVEN = ("one key lamp", "the other")
"""Those of BAD_LIGHTS that leave one half of the face dark."""

FREE_OF_GLARE, GLARING = 0.03, 0.085
"""Share of an eye's zone that truly mirrors a lamp, up to which lenses are free of glare, and from
which on they are not: between lies the rule's own limit."""


def judge_in_bad_light(looker: Looker, subject: RenderedPerson) -> Iterator[JudgedPicture]:
    """Judge a rendered person's frontal poses with open eyes in each of BAD_LIGHTS."""
    for pose in subject.poses:
        truth = subject.truth(pose)
        if truth["eye_opening"] < GAZE_NEEDS_OPENING or abs(truth["yaw"]) > 10:
            continue
        for light, levels in BAD_LIGHTS.items():
            picture = single_frame.take_frame(subject, pose, levels, noise=True)
            holds: dict[str, bool] = {}
            if light in UNEVEN:
                holds["even_light"] = False
            glare = _true_glare(looker, subject, pose, picture, levels) if truth["glasses"] else 0.0
            if not FREE_OF_GLARE < glare < GLARING:
                holds["glare"] = glare <= FREE_OF_GLARE
            name = f"{subject.name}, {pose}, {light}"
            yield judge_picture(name, "lit", holds, looker.look(picture))


def _true_glare(
    looker: Looker,
    subject: RenderedPerson,
    pose: str,
    picture: Picture,
    levels: Mapping[str, float],
) -> float:
    """Share of the worse eye's zone in which a lens or skin mirrors a lamp that is lit."""
    mesh = looker.find_mesh(picture)
    if mesh is None:
        return 0.0
    bits = sum(1 << n for n, lamp in enumerate(subject.lamps) if levels.get(lamp, 0) > 0.3)
    mirror = (subject.highlights(pose) & bits) > 0
    shares = []
    for lid in LIDS:
        eye = np.zeros(picture.shape[:2], np.uint8)
        cv2.fillPoly(eye, [np.rint(mesh.points[list(lid)]).astype(np.int32)], 1)
        reach = 2 * round(0.12 * np.hypot(*(mesh.points[33] - mesh.points[263])) * 0.7) + 1
        around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
        zone = (cv2.dilate(eye, around) > 0) & (eye == 0)
        shares.append(float(mirror[zone].mean()))
    return max(shares)

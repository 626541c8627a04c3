"""How a head is held and where it looks, on rendered people whose truth is known."""

import numpy as np
import pytest

from kiosk.evaluation.twin_pictures import picture_of
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.observation import Face
from kiosk.twin import find_subject
from kiosk.twin.light_stage import RenderedPerson


def face_of(looker: Looker, subject: str, pose: str = "neutral") -> Face:
    face = looker.find_face(picture_of(RenderedPerson(find_subject(subject)), pose)).face
    assert face is not None
    return face


def test_pitch_is_known_to_two_and_a_half_degrees(looker: Looker) -> None:
    poses = [
        ("amara", "neutral", 0.0),
        ("bo", "neutral", 0.0),
        ("mei", "neutral", 0.0),
        ("ravi", "neutral", 0.0),
        ("na", "pitch_-10", -10.0),
        ("wei", "pitch_-10", -10.0),
        ("lin", "pitch_10", 10.0),
    ]
    off = [face_of(looker, subject, pose).pitch - true for subject, pose, true in poses]
    assert float(np.mean(np.abs(off))) < 2.5


@pytest.mark.parametrize("pose", ["eyes_closed", "eyes_half", "smile"])
def test_neither_lids_nor_mouth_lift_a_chin(pose: str, looker: Looker) -> None:
    moved = face_of(looker, "lin", pose).pitch - face_of(looker, "lin").pitch
    assert abs(moved) < 3


def test_a_head_that_leans_to_the_side_keeps_its_pitch(looker: Looker) -> None:
    leant = face_of(looker, "chen", "roll_-6").pitch - face_of(looker, "chen").pitch
    assert abs(leant) < 2


def test_irises_stand_higher_in_eyes_that_look_up_and_lower_in_those_that_look_down(
    looker: Looker,
) -> None:
    up, ahead, down = (
        face_of(looker, "chen", pose).gaze_up for pose in ("gaze_up", "neutral", "gaze_down")
    )
    assert up > ahead + 4
    assert ahead > down + 4

"""The rendered people, held against the models: a face that is not found is a bad render."""

from collections import defaultdict

import pytest

from kiosk.evaluation.truth import BAD_RENDER, Measurement, absolute_errors, unbiased_errors
from kiosk.evaluation.twin_pictures import picture_of
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.observation import Face
from kiosk.twin import find_subject, subject_names
from kiosk.twin.light_stage import RenderedPerson

POSES = {
    "neutral", "yaw_5", "yaw_-5", "yaw_15", "yaw_-15", "pitch_10", "pitch_-10", "roll_6",
    "roll_-6", "eyes_closed", "eyes_half", "gaze_left", "gaze_right", "gaze_up", "gaze_down",
    "smile", "lips_apart", "shoulder_low", "head_back", "hair_over_brows", "hair_over_ear", "hat",
}  # fmt: skip


ASKED_OF_ALL = {"neutral", "eyes_closed", "gaze_left", "gaze_right"}
"""Poses that the tests below hold against one another, of everybody who strikes them."""


@pytest.fixture(scope="module")
def faces(looker: Looker) -> dict[tuple[str, str], Face | None]:
    """What the looker sees of the rendered people: each of the other poses once.

    `make accuracy` looks at every picture.
    """
    of: dict[str, str] = {}
    for name in subject_names():
        for pose in RenderedPerson(find_subject(name)).poses:
            of.setdefault(pose, name)
    return {
        (name, pose): looker.look(picture_of(subject, pose)).face
        for name in subject_names()
        for subject in [RenderedPerson(find_subject(name))]
        for pose in subject.poses
        if pose in ASKED_OF_ALL or of[pose] == name
    }


def test_there_are_a_dozen_people_and_together_they_strike_every_pose() -> None:
    subjects = [RenderedPerson(find_subject(name)) for name in subject_names()]
    assert len(subjects) >= 12
    assert {pose for subject in subjects for pose in subject.poses} >= POSES
    assert sum(subject.truth("neutral")["glasses"] is not None for subject in subjects) >= 4


@pytest.mark.soak
def test_rendered_faces_are_found_and_held_as_their_truth_says(
    faces: dict[tuple[str, str], Face | None],
) -> None:
    off = {}
    for (name, pose), face in faces.items():
        if face is None:
            off[name, pose] = "no face"
            continue
        truth = RenderedPerson(find_subject(name)).truth(pose)
        error = max(abs(face.yaw - truth["yaw"]), abs(face.roll - truth["roll"]))
        if error > BAD_RENDER:
            off[name, pose] = f"{error:.1f} degrees"
    assert not off


@pytest.mark.soak
def test_closed_eyes_measure_as_less_than_half_of_the_same_eyes_open(
    faces: dict[tuple[str, str], Face | None],
) -> None:
    shut = {name: face for (name, pose), face in faces.items() if pose == "eyes_closed" and face}
    assert shut
    for name, face in shut.items():
        rest = faces[name, "neutral"]
        assert rest is not None
        assert face.lid_opening_left < 0.5 * rest.lid_opening_left, name


@pytest.mark.soak
def test_averted_eyes_measure_as_turned_to_the_side_they_are_turned_to(
    faces: dict[tuple[str, str], Face | None],
) -> None:
    turned = defaultdict(list)
    for (name, pose), face in faces.items():
        rest = faces[name, "neutral"]
        if face is not None and rest is not None and pose in ("gaze_left", "gaze_right"):
            turned[pose].append(face.gaze_aside - rest.gaze_aside)
    assert min(turned["gaze_left"]) > 5
    assert max(turned["gaze_right"]) < -5


def test_the_true_highlights_are_lit_by_their_own_lamp() -> None:
    subject = RenderedPerson(find_subject("wei"))
    stage = subject.stage("neutral", large=True)
    left, right = (
        stage.decoding_table(lamp, 1.0)[stage.pictures[lamp]].mean(2)
        for lamp in ("key_left", "key_right")
    )
    share = left / (left + right + 1e-4)
    marks = subject.highlights("neutral")
    by_left, by_right = (marks & 3) == 1, (marks & 3) == 2
    assert min(by_left.sum(), by_right.sum()) > 1000
    assert share[by_left].mean() > 0.65
    assert share[by_right].mean() < 0.35


def test_what_all_of_a_persons_errors_share_is_their_bias() -> None:
    true_and_noise = {"a": (0.0, 0.0), "b": (10.0, 1.0), "c": (-10.0, -1.0)}
    rows = [
        Measurement("lin", pose, "pitch", true - 8 + noise, true)
        for pose, (true, noise) in true_and_noise.items()
    ]
    assert absolute_errors(rows, "lin", "pitch") == [8.0, 7.0, 9.0]
    assert unbiased_errors(rows, "lin", "pitch") == [0.0, 1.0, 1.0]

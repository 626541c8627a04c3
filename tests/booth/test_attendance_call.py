"""The attendance call: who was not asked yet has not refused, and who has not answered is asked."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from kiosk.booth.attendance_call import CALL_AGAIN, AttendanceCall, Proof, follow_call
from kiosk.pipeline.look.attendance import VOTE_FRAMES
from kiosk.pipeline.observation import Face, Observation

AHEAD = Face(
    eye_left=(290.0, 256.0),
    eye_right=(190.0, 256.0),
    cheek_left=(340.0, 256.0),
    cheek_right=(140.0, 256.0),
    chin=(240.0, 400.0),
    eye_distance=100.0,
    yaw=0.0,
    pitch=0.0,
    roll=0.0,
    gaze_aside=0.0,
    gaze_up=14.0,
    lid_opening_left=0.14,
    lid_opening_right=0.14,
    lip_gap=0.0,
    smile=0.0,
)
LEVELS = {"key_left": 0.5, "key_right": 0.5}
THERE = Observation(480, 640, 1, AHEAD, motion=0.1)
GONE = Observation(480, 640, 0, None)


def called(
    *spells: tuple[Observation, int], able: bool = True
) -> list[tuple[AttendanceCall, Mapping[str, float] | None]]:
    """The call after each frame of spells of what is seen, and what the lamps are set to."""
    call, course, at = AttendanceCall(), [], 0.0
    for seen, frames in spells:
        for _ in range(frames):
            call, wanted = follow_call(call, seen, at, LEVELS, able=able)
            course.append((call, wanted))
            at += 1 / 30
    return course


@pytest.mark.parametrize(("vote", "answer"), [(0.9, 0.9), (0.1, 0.1), (None, 0.0)])
def test_nothing_is_said_of_attendance_before_a_call_was_heard_out(
    vote: float | None, answer: float
) -> None:
    voted = replace(THERE, attendance=vote)
    course = called((THERE, 1 + VOTE_FRAMES), (voted, 1))
    assert {call.answer for call, _ in course[:-1]} == {None}
    last, lamps = course[-1]
    assert (last.answer, last.under_way) == (answer, False)
    assert lamps == LEVELS


def test_who_answered_is_not_called_again_and_who_did_not_is_with_the_answer_standing() -> None:
    again = round(CALL_AGAIN * 30) + 5
    answered = called((replace(THERE, attendance=0.9), again))
    assert not answered[-1][0].under_way
    silent = called((replace(THERE, attendance=0.1), again))
    assert silent[-1][0].under_way
    assert silent[-1][0].answer == 0.1


def test_whoever_comes_next_is_called_on_anew() -> None:
    course = called((replace(THERE, attendance=0.9), VOTE_FRAMES + 3), (GONE, 1), (THERE, 1))
    assert course[-2][0] == AttendanceCall()
    assert course[-1][0].under_way
    interrupted = called((THERE, 5), (GONE, 1))
    assert interrupted[-1] == (AttendanceCall(), LEVELS)


def test_a_booth_that_cannot_call_does_not() -> None:
    assert {call.under_way for call, _ in called((THERE, 40), able=False)} == {False}


@pytest.mark.parametrize(("vote", "proven"), [(0.9, True), (0.5, True), (0.4, False)])
def test_attendance_is_proven_by_who_answers_from_the_moment_they_did(
    vote: float, proven: bool
) -> None:
    voted = replace(THERE, attendance=vote)
    course = called((THERE, 1 + VOTE_FRAMES), (voted, 1), (THERE, 30))
    last, _ = course[-1]
    assert last.proof == (Proof(vote, (1 + VOTE_FRAMES) / 30) if proven else None)


def test_nobody_inherits_anothers_proof() -> None:
    voted = replace(THERE, attendance=0.9)
    course = called((THERE, 1 + VOTE_FRAMES), (voted, 1), (GONE, 1))
    assert course[-1][0].proof is None

"""Attendance: who answers the lamps as a face does, and what is only a picture of one."""

import numpy as np
import pytest

from kiosk.evaluation.attendance import Vote, hold_votes
from kiosk.evaluation.twin_pictures import picture_of
from kiosk.lighting import usual_levels
from kiosk.pipeline.look.attendance import SWING_PERIOD, VOTE_FRAMES, swing
from kiosk.pipeline.look.looker import Looker
from kiosk.twin import find_subject, subject_names
from kiosk.twin.light_stage import RenderedPerson


@pytest.fixture(scope="module")
def votes(looker: Looker) -> list[Vote]:
    if not looker.can_tell_attendance:
        pytest.skip("the anti-spoofing model is not to be had here")
    return list(hold_votes(looker, quick=True))


@pytest.mark.soak
def test_live_people_who_stand_and_blink_are_taken_for_people(votes: list[Vote]) -> None:
    live = [vote for vote in votes if vote.kind == "live"]
    assert {vote.person for vote in live} == set(subject_names()[::12])
    assert all(vote.score is not None and vote.score > 0.5 for vote in live)


@pytest.mark.soak
def test_prints_and_screens_are_taken_for_pictures(votes: list[Vote]) -> None:
    held_up = [vote for vote in votes if vote.kind != "live"]
    assert {vote.kind for vote in held_up} == {"print", "screen"}
    assert all(vote.score is not None and vote.score < 0.5 for vote in held_up)


def test_lamps_that_stay_ask_nothing_and_nothing_is_said(looker: Looker) -> None:
    if not looker.can_tell_attendance:
        pytest.skip("the anti-spoofing model is not to be had here")

    picture = picture_of(RenderedPerson(find_subject("lin")), "neutral")
    looker.forget()
    seen = [
        looker.follow(picture, n / 30, usual_levels.WORKING).attendance
        for n in range(VOTE_FRAMES + 1)
    ]
    looker.forget()
    assert seen == [None] * len(seen)


def test_a_swing_keeps_the_exposure_and_comes_back() -> None:
    levels = [swing(usual_levels.WORKING, n) for n in range(SWING_PERIOD + 1)]
    sums = [level["key_left"] + level["key_right"] for level in levels]
    assert sums == pytest.approx([sums[0]] * len(sums))
    assert levels[SWING_PERIOD] == pytest.approx(usual_levels.WORKING)
    assert max(level["key_left"] for level in levels) > 1.1 * usual_levels.WORKING["key_left"]


def test_an_uneven_swing_keeps_the_exposure_too_and_asks_as_much() -> None:
    uneven = {"key_left": 0.8, "key_right": 0.2, "fill": 0.5}
    levels = [swing(uneven, n) for n in range(SWING_PERIOD)]
    assert [level["key_left"] + level["key_right"] for level in levels] == pytest.approx(
        [1.0] * SWING_PERIOD
    )
    ratios = [np.log(level["key_left"] / level["key_right"]) for level in levels]
    even = [swing(usual_levels.WORKING, n) for n in range(SWING_PERIOD)]
    asked = [np.log(level["key_left"] / level["key_right"]) for level in even]
    assert np.ptp(ratios) == pytest.approx(np.ptp(asked), rel=0.1)


def test_a_booth_with_one_lamp_swings_that_one_and_no_other() -> None:
    assert swing({"fill": 0.5}, 3) == {"fill": 0.5}
    assert np.isclose(swing({"key_left": 1.0}, 3)["key_left"], 1.0)

"""How the rules' errors are counted."""

import math

import pytest

from kiosk.evaluation.labelled import JudgedPicture, truth_of_label, truth_of_pose
from kiosk.evaluation.rates import (
    Rate,
    chance_of_difference,
    count_caught,
    count_false_refusals,
)
from kiosk.twin import find_subject
from kiosk.twin.light_stage import RenderedPerson

PICTURES = [
    JudgedPicture("a", "x", {"roll": True}, {"roll": True}),
    JudgedPicture("b", "x", {"roll": True}, {"roll": False}),
    JudgedPicture("c", "x", {"roll": True}, {"roll": None}),
    JudgedPicture("d", "x", {"roll": False}, {"roll": False}),
    JudgedPicture("e", "x", {"roll": False}, {"roll": None}),
    JudgedPicture("f", "x", {}, {"roll": False}),
]


def test_what_was_not_judged_counts_as_refused_and_never_as_caught() -> None:
    assert count_false_refusals(PICTURES, "roll") == (2, 3)
    assert count_caught(PICTURES, "roll") == (1, 2)


def test_an_interval_holds_the_share_and_narrows_with_the_count() -> None:
    few, many = Rate("x", 1, 10), Rate("x", 100, 1000)
    for rate in (few, many):
        low, high = rate.interval
        assert low < rate.share < high
    assert few.interval[1] - few.interval[0] > many.interval[1] - many.interval[0]
    # Wilson's interval of 1 in 10, as tables give it.
    assert few.interval == pytest.approx((0.0179, 0.4042), abs=1e-3)


def test_a_rate_of_nothing_holds_no_goal() -> None:
    nothing = Rate("x", 0, 0, 2.0)
    assert math.isnan(nothing.share)
    assert not nothing.holds
    assert Rate("x", 1, 50, 2.0).holds
    assert not Rate("x", 49, 50, 99.0, at_most=False).holds


def test_labels_and_poses_say_what_is_true_and_leave_out_what_is_not_known() -> None:
    label = dict.fromkeys(
        ("file", "set", "faces", "eyes", "mouth", "ears", "brows", "hat", "glasses"), ""
    )
    assert truth_of_label(label) == {}
    smiling = truth_of_label({**label, "faces": "1", "mouth": "open(teeth)"})
    assert smiling == {"one_face": True, "mouth_closed": False}
    lin = RenderedPerson(find_subject("lin"))
    assert truth_of_pose(lin.truth("yaw_15"))["yaw"] is False
    assert truth_of_pose(lin.truth("neutral"))["yaw"] is True
    assert "eyes_open" not in truth_of_pose(lin.truth("eyes_half"))


def test_fisher_s_tea_tasting() -> None:
    """Three of four cups told right, against one of four: R. A. Fisher's own example, 0.486."""
    assert chance_of_difference(Rate("milk", 3, 4), Rate("tea", 1, 4)) == pytest.approx(
        0.4857, abs=1e-4
    )

"""Spots are taken off at the same light of the face, and stay off while the room changes."""

from dataclasses import replace

import pytest

from kiosk.lighting.control_law import Control, Measured, begin, follow
from kiosk.lighting.relief import BOUNDS, FREE, Mirrored, keep_away, look_again, merge, solve
from kiosk.lighting.response import ROOM, USUAL, Levels
from kiosk.lighting.usual_levels import WORKING

LIMITS: Levels = dict.fromkeys(WORKING, 1.0)


def measure(levels: Levels, room: float = 1.0, at: float = 0.0) -> Measured:
    """The light of skin that gives back a third, in the usual booth."""
    lit = {**levels, ROOM: room}
    left, right = (
        sum(both[side] * lit[name] for name, both in USUAL.cheeks.items()) / 3 for side in (0, 1)
    )
    behind = sum(USUAL.backdrop_light(name) * level for name, level in lit.items())
    return Measured((left, right), behind, at)


@pytest.fixture(scope="module")
def control() -> Control:
    """A law that has come to rest."""
    control, levels = begin(WORKING), dict(WORKING)
    for number in range(12):
        control, wanted = follow(control, measure(levels, at=number / 30), levels, USUAL, LIMITS)
        levels = dict(wanted)
    return control


def spot(
    control: Control, place: str, lamp: str, area: float = 0.1, rest: float = 0.0, x: float = 0.0
) -> Mirrored:
    lamps = {lamp: 0.2 / control.levels[lamp]}
    return Mirrored(place, x, 0.0, area, lamps, rest, control.levels)


def ratio(levels: Levels) -> float:
    left, right = measure(levels).cheeks
    return max(left, right) / min(left, right)


@pytest.mark.parametrize("lamp", ["key_left", "key_right", "fill"])
def test_a_lamp_that_is_mirrored_goes_down_at_the_same_light_of_an_even_face(
    control: Control, lamp: str
) -> None:
    levels = solve([spot(control, "lens_left", lamp)], control, USUAL, LIMITS)
    assert levels is not None
    assert levels[lamp] < 0.7 * control.levels[lamp]
    assert USUAL.face_light({**levels, ROOM: 1.0}) == pytest.approx(1.0, abs=0.07)
    assert ratio(levels) < 1.2


def test_a_small_spot_beside_a_large_one_holds_nothing_up(control: Control) -> None:
    one = spot(control, "lens_left", "key_left")
    both = [one, spot(control, "lens_left", "fill", area=0.01)]
    levels = solve(both, control, USUAL, LIMITS)
    assert levels is not None
    assert levels["key_left"] < 0.7 * control.levels["key_left"]


def test_what_the_room_makes_moves_no_lamp_and_neither_does_nothing(control: Control) -> None:
    by_room = Mirrored("lens_left", 0.0, 0.0, 0.1, {}, 0.2, control.levels)
    assert solve([by_room], control, USUAL, LIMITS) is None
    assert solve([], control, USUAL, LIMITS) is None


def test_what_is_left_of_a_spot_sends_its_lamp_further_down(control: Control) -> None:
    one = spot(control, "lens_left", "key_left")
    first = solve([one], control, USUAL, LIMITS)
    assert first is not None
    there = replace(control, levels=first)
    seen = [spot(control, "lens_left", "key_left", area=0.08)]  # hardly less than before
    again = look_again([one], seen, there, USUAL, LIMITS)
    second = solve(again, there, USUAL, LIMITS, most_left=0.95)
    assert second is not None
    assert second["key_left"] < first["key_left"] - 0.05
    # What is not seen any more was taken off as was reckoned.
    assert look_again([one], [], there, USUAL, LIMITS) == (one,)


def test_a_spot_that_lamps_took_off_is_remembered_as_it_was(control: Control) -> None:
    large, small = (spot(control, "lens_left", "key_left", area=area) for area in (0.1, 0.02))
    elsewhere = spot(control, "lens_right", "fill")
    assert merge([large], [small, elsewhere]) == (elsewhere, large)
    assert merge([large], [replace(small, area=0.09)]) == (replace(small, area=0.09),)


def test_spots_stay_away_while_the_room_changes_and_lamps_rest_while_it_does_not(
    control: Control,
) -> None:
    spots = [spot(control, "lens_left", "key_left")]
    levels = solve(spots, control, USUAL, LIMITS)
    assert levels is not None
    kept = replace(control, levels=levels, calm=0)
    for number in range(20):
        room = 1.0 if number < 8 else 2.5
        now = measure(levels, room, 1 + number / 30)
        kept, wanted = keep_away(spots, kept, now, levels, USUAL, LIMITS)
        if number < 8:
            assert wanted == pytest.approx(levels)
        levels = dict(wanted)
    assert kept.settled
    assert USUAL.face_light({**levels, ROOM: 2.5}) == pytest.approx(1.0, abs=0.1)
    assert levels["key_left"] < 0.7 * control.levels["key_left"]


def test_no_relief_costs_more_light_than_a_photo_may() -> None:
    assert BOUNDS[-1][0] < 0.26  # the rule's limit is 1.45; its goal, once it was good, 1.325
    assert max(FREE["lens_left"], FREE["lens_right"]) < 0.06

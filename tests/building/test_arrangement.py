"""Lens, screen, reader and keys together: who reaches what, and sees what."""

import pytest

from kiosk.building.arrangement import (
    ARRANGEMENTS,
    BACKDROP,
    BACKDROP_HEIGHTS,
    BEHIND,
    COLUMN,
    DEEP_OVER_LEDGE,
    KEYS,
    LEDGE,
    LEDGE_HEIGHTS,
    LENS_HEIGHTS,
    NEAR,
    REACH_HIGH,
    REACH_LOW,
    READER,
    WITH_LEDGE,
    camera_tilt,
    frame_edges,
    hidden_by_ledge,
)
from kiosk.building.lens import HQ_10, guided_to
from kiosk.building.people import PEOPLE, SMALL, STANDS, Person
from kiosk.config import DisplaySettings
from kiosk.display.monitor import usual_distance
from kiosk.display.outline import TARGET

SEATED = [person for person in PEOPLE if person.seat is not None]


@pytest.mark.parametrize("person", SEATED, ids=lambda person: person.name)
def test_who_sits_reaches_keys_and_reader_of_the_ledge_without_leaning(person: Person) -> None:
    assert WITH_LEDGE.lacks(person) == 0
    assert person.lacks(*READER) <= 0.1


def test_who_sits_reaches_no_screen_that_is_as_far_as_the_lens() -> None:
    assert all(COLUMN.lacks(person) > 0.4 for person in PEOPLE)


def test_only_the_chosen_way_is_reached_and_looked_at_and_distorts_little() -> None:
    gaze = guided_to("gaze")[1]
    good = [
        one
        for one in ARRANGEMENTS
        if one.gaze <= gaze and one.distortion < 0.12 and not any(map(one.lacks, SEATED))
    ]
    assert good == [WITH_LEDGE]
    assert BEHIND.gaze > 2 * gaze
    assert NEAR.distortion > 0.19


def test_the_ledge_keeps_to_the_standards_reach_and_room() -> None:
    assert WITH_LEDGE.knees_fit
    assert LEDGE_HEIGHTS[0] <= LEDGE.top <= LEDGE_HEIGHTS[1]
    for x, z in (KEYS, READER):
        assert REACH_LOW <= z <= REACH_HIGH
        assert LEDGE.front < x < min(LEDGE.back, LEDGE.front + DEEP_OVER_LEDGE)


def test_the_ledge_is_in_nobodys_picture() -> None:
    _, high = HQ_10.field(WITH_LEDGE.lens)
    assert all(hidden_by_ledge(person.eyes, high) > 0.05 for person in PEOPLE)


def test_the_backdrop_is_behind_all_that_the_camera_sees() -> None:
    wide, high = HQ_10.field(WITH_LEDGE.lens)
    edges = [frame_edges(person.eyes, BACKDROP, high) for person in PEOPLE]
    assert BACKDROP_HEIGHTS[0] < min(low for low, _ in edges)
    assert BACKDROP_HEIGHTS[1] > max(top for _, top in edges)
    assert wide * (WITH_LEDGE.lens - BACKDROP) / WITH_LEDGE.lens < 2.0


def test_tilted_a_little_the_camera_has_the_eyes_where_the_mirror_wants_them() -> None:
    _, high = HQ_10.field(WITH_LEDGE.lens)
    lower, upper = frame_edges(1.2, 0.0, high)
    assert (upper - 1.2) / (upper - lower) == pytest.approx(TARGET.y)
    assert 1 < camera_tilt(high) < 5


def test_the_lens_moves_as_far_as_eyes_are_high() -> None:
    assert LENS_HEIGHTS[0] <= min(person.eyes for person in PEOPLE)
    assert LENS_HEIGHTS[1] >= STANDS.eyes


def test_what_the_software_takes_for_granted_is_so() -> None:
    display = DisplaySettings()
    assert usual_distance(display.diagonal) == WITH_LEDGE.screen
    assert display.lens.side == "top"
    assert display.lens.distance_mm == pytest.approx(1000 * WITH_LEDGE.below_lens)
    assert display.reader == "up"
    assert SMALL.eyes == PEOPLE[1].eyes

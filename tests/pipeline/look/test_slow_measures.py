"""Taking turns: which slow measure looks at a frame, and how long what it found stands."""

import math
from dataclasses import fields
from typing import cast

import pytest

from kiosk.camera.frame import Picture
from kiosk.evaluation.twin_pictures import picture_of
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.look.slow_measures import (
    STALE,
    FrameView,
    SlowMeasure,
    choose_due,
    stands_for,
)
from kiosk.twin import find_subject
from kiosk.twin.light_stage import RenderedPerson

NO_FRAME = cast(FrameView, None)


def named(name: str) -> SlowMeasure[str]:
    return SlowMeasure(lambda _: name)


def test_a_measure_that_is_stale_goes_first_and_then_all_in_turn() -> None:
    one, two, three = named("one"), named("two"), named("three")
    turns = (one, two, one, three)
    looked = []
    for frame in range(8):
        at = frame / 30
        due = choose_due(turns, frame, at)
        due.look(NO_FRAME, at)
        looked.append(due.last)
    assert looked == ["one", "two", "three", "three", "one", "two", "one", "three"]


@pytest.mark.parametrize("rate", [30.0, 5.0, 2.0, 1.2])
def test_however_seldom_frames_come_all_findings_stand_together_after_a_round(rate: float) -> None:
    one, two, three = named("one"), named("two"), named("three")
    turns = (one, two, one, three)
    stands = stands_for(turns, 1 / rate)
    for frame in range(12):
        at = frame / rate
        choose_due(turns, frame, at, stands).look(NO_FRAME, at)
        if frame >= len(turns):
            assert not any(each.is_stale(at, stands) for each in turns)


def test_a_finding_stands_until_it_is_stale() -> None:
    measure = named("found")
    assert measure.finding(0.0) is None
    measure.look(NO_FRAME, 10.0)
    assert measure.finding(10.0 + STALE) == "found"
    assert measure.finding(math.nextafter(10.0 + STALE, math.inf)) is None
    assert measure.last == "found"


@pytest.fixture
def picture() -> Picture:
    return picture_of(RenderedPerson(find_subject("lin")), "neutral")


def test_a_stream_has_seen_everything_after_four_frames(looker: Looker, picture: Picture) -> None:
    looker.forget()
    seen, looked = [], []
    for number in range(4):
        seen.append(looker.follow(picture, number / 30))
        looked.append(looker.has_looked(number / 30))
    looker.forget()
    assert looked == [False, False, False, True]
    assert not looker.has_looked(4 / 30)
    assert [found.faces for found in seen] == [1, 1, 1, 1]
    assert [found.glasses is not None for found in seen] == [False, True, True, True]
    assert [found.scene is not None for found in seen] == [False, False, True, True]
    assert [found.coverage is not None for found in seen] == [False, False, False, True]


def test_forgetting_leaves_nothing_of_the_person_for_the_next_frame(
    looker: Looker, picture: Picture
) -> None:
    looker.forget()
    first = looker.follow(picture, 0.0)
    for number in range(1, 8):
        looker.follow(picture, number / 30)
    looker.forget()
    again = looker.follow(picture, 8 / 30)
    looker.forget()
    assert again == first
    kept = {f.name for f in fields(again) if getattr(again, f.name) is not None}
    assert kept == {"width", "height", "faces", "face", "skin"}

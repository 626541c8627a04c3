"""Taking turns: which slow measure looks at a frame, and how long what it found stands."""

import math
from collections.abc import Sequence
from dataclasses import fields
from typing import cast

import pytest

from kiosk.camera.frame import Picture
from kiosk.evaluation.twin_pictures import picture_of
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.look.slow_measures import (
    REST,
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


def follow(measures: Sequence[SlowMeasure[str]], frames: int, rate: float) -> list[str | None]:
    """Who looks at each frame; None where nobody does."""
    looked = []
    for frame in range(frames):
        due = choose_due(measures, frame / rate)
        if due is not None:
            due.look(NO_FRAME, frame / rate)
        looked.append(None if due is None else due.last)
    return looked


def test_measures_look_one_a_frame_and_then_rest_while_frames_go_on() -> None:
    looked = follow([named("one"), named("two"), named("three")], 33, 32.0)
    turn = ["one", "two", "three"] + [None] * (round(32 * REST) - 3)
    assert looked == [*turn, *turn, "one"]


def test_where_frames_come_seldom_each_is_looked_at_in_turn() -> None:
    looked = follow([named("one"), named("two"), named("three")], 7, 4.0)
    assert looked == ["one", "two", "three", "one", "two", "three", "one"]


@pytest.mark.parametrize("rate", [30.0, 5.0, 2.0, 1.2])
def test_however_seldom_frames_come_all_findings_stand_together_after_a_round(rate: float) -> None:
    measures = [named("one"), named("two"), named("three"), named("four")]
    stands = stands_for(measures, 1 / rate)
    for frame in range(12):
        at = frame / rate
        due = choose_due(measures, at)
        if due is not None:
            due.look(NO_FRAME, at)
        if frame >= len(measures):
            assert not any(each.is_stale(at, stands) for each in measures)


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


def test_a_stream_has_seen_everything_after_three_frames(looker: Looker, picture: Picture) -> None:
    looker.forget()
    seen, looked = [], []
    for number in range(3):
        seen.append(looker.follow(picture, number / 30))
        looked.append(looker.has_looked(number / 30))
    looker.forget()
    assert looked == [False, False, True]
    assert not looker.has_looked(3 / 30)
    assert [found.faces for found in seen] == [1, 1, 1]
    assert [found.coverage is not None for found in seen] == [True, True, True]
    assert [found.glasses is not None for found in seen] == [False, True, True]
    assert [found.scene is not None for found in seen] == [False, False, True]


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
    assert kept == {"width", "height", "faces", "face", "skin", "coverage"}

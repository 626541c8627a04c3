"""Presence: who goes is asked back and then forgotten; who comes then is asked who they are."""

from dataclasses import replace

import pytest

from kiosk import visit as v
from kiosk.visit.presence import AWAY_END, AWAY_WARNING, GONE, SIT_DOWN
from tests.visit.playing import GOOD, NOBODY, TILTED, at, do, guided, play

LOOK = 0.25
"""Seconds from one look to the next."""


def watched(visit: v.Visit, *spells: tuple[int, float], start: float = 0.0) -> v.Visit:
    """The visit after spells of so many faces, each with its seconds."""
    when = start
    for faces, seconds in spells:
        for _ in range(round(seconds / LOOK)):
            visit = do(visit, v.Seen(faces, when))
            when += LOOK
    return visit


ATTENDED = sorted(v.ATTENDED, key=lambda stage: stage.value)


@pytest.mark.parametrize("stage", ATTENDED)
def test_who_walks_away_is_asked_back_and_then_wiped(stage: v.Stage) -> None:
    visit = replace(at(stage), photos=2)
    there = watched(visit, (1, 1.0))
    gone = watched(there, (0, 2.0), start=1.0)
    assert not gone.away(3.0)
    warned = watched(there, (0, AWAY_WARNING + LOOK), start=1.0)
    assert (warned.stage, warned.student) == (stage, visit.student)
    assert warned.away(1.0 + AWAY_WARNING)
    left = warned.wiped_in(1.0 + AWAY_WARNING)
    assert left == pytest.approx(AWAY_END - AWAY_WARNING)
    assert watched(there, (0, AWAY_END + LOOK), start=1.0) == v.Visit()


def test_whose_face_was_never_seen_is_not_away() -> None:
    visit = watched(at(v.Stage.CONFIRM), (0, 29.0))
    assert (visit.stage, visit.away(29.0)) == (v.Stage.CONFIRM, False)


@pytest.mark.parametrize("stage", [v.Stage.CHECKLIST, v.Stage.REVIEW])
def test_who_comes_after_somebody_has_gone_is_asked_who_they_are(stage: v.Stage) -> None:
    visit = watched(replace(at(stage), photos=1), (1, 1.0), (0, GONE + 0.5), (1, 0.5))
    assert (visit.stage, visit.back_to) == (v.Stage.CONFIRM, stage)
    back = do(visit, v.Tapped("yes"))
    assert (back.stage, back.back_to, back.photos) == (stage, None, 1)
    other, done = v.step(visit, v.Tapped("no"))
    assert (other.stage, other.student) == (v.Stage.TURNED_AWAY, None)
    assert v.Forget() in done


def test_who_looks_down_for_a_moment_is_not_asked() -> None:
    visit = watched(at(v.Stage.CHECKLIST), (1, 1.0), (0, GONE - LOOK), (1, 1.0))
    assert visit.stage is v.Stage.CHECKLIST


def test_whoever_touches_the_screen_of_who_has_gone_is_asked_who_they_are() -> None:
    gone = watched(at(v.Stage.CHECKLIST), (1, 1.0), (0, AWAY_WARNING + 1.0))
    for event in (v.Touched(), v.Tapped("ready"), v.Tapped("language")):
        visit = do(gone, event)
        assert (visit.stage, visit.back_to) == (v.Stage.CONFIRM, v.Stage.CHECKLIST)
    assert do(gone, v.Tapped("cancel")).asking_leave


def test_who_sits_beside_the_camera_is_asked_once_and_then_let_go_on() -> None:
    gone = watched(at(v.Stage.CHECKLIST), (1, 1.0), (0, AWAY_WARNING + 1.0))
    sure = do(gone, v.Touched(), v.Tapped("yes"))
    beside = watched(sure, (0, 30.0), start=10.0)
    assert beside.stage is v.Stage.CHECKLIST
    assert do(beside, v.Tapped("ready")).stage is v.Stage.GUIDE


def test_a_touch_keeps_the_students_visit_for_as_long_again() -> None:
    gone = watched(at(v.Stage.CONFIRM), (1, 1.0), (0, AWAY_END - 1.0))
    touched = watched(do(gone, v.Touched()), (0, AWAY_END - 1.0), start=AWAY_END)
    assert touched.stage is v.Stage.CONFIRM
    assert watched(touched, (0, 2.0), start=2 * AWAY_END - 1.0) == v.Visit()


def test_who_said_ready_has_time_to_sit_down() -> None:
    stood = watched(at(v.Stage.CHECKLIST), (1, 1.0), (0, 1.0))
    ready = do(stood, v.Tapped("ready"))
    seated = play((NOBODY, SIT_DOWN - 2.0), (GOOD, 1.0), visit=ready, start=2.0)[-1][1]
    assert (seated.stage, seated.guidance.began) != (v.Stage.CONFIRM, None)
    assert seated.stage is v.Stage.GUIDE
    assert play((NOBODY, SIT_DOWN + 1.0), visit=ready, start=2.0)[-1][1] == v.Visit()


def test_who_leaves_the_guide_is_called_back_warned_and_wiped() -> None:
    course = play((TILTED, 2.0), (NOBODY, AWAY_END + 1.0))
    assert course[-1][1] == v.Visit()
    called = [when for when, visit in course if visit.saying.name == "come_back"]
    warned = [when for when, visit in course if visit.away(when)]
    assert called[0] < 3.0
    assert warned[0] == pytest.approx(2.0 + AWAY_WARNING, abs=0.1)
    assert course[-1][0] == pytest.approx(2.0 + AWAY_END, abs=0.1)


def test_whoever_steps_into_the_guide_is_asked_who_they_are_before_anything_else() -> None:
    visit = guided((TILTED, 2.0), (NOBODY, GONE + 0.2), (GOOD, 0.2))
    assert (visit.stage, visit.back_to) == (v.Stage.CONFIRM, v.Stage.GUIDE)
    back, done = v.step(visit, v.Tapped("yes"))
    assert back.stage is v.Stage.GUIDE
    assert v.Watch() in done
    assert guided((GOOD, 0.4), visit=back).stage is v.Stage.GUIDE


def test_whoever_comes_after_a_shot_that_failed_is_asked_as_well() -> None:
    there = replace(guided((TILTED, 2.0)), stage=v.Stage.SHUTTER)
    again = do(there, v.BurstSpoiled())
    course = play((NOBODY, GONE + 0.2), (GOOD, 0.5), visit=again, start=4.0)
    assert (course[-1][1].stage, course[-1][1].back_to) == (v.Stage.CONFIRM, v.Stage.GUIDE)
    assert play((NOBODY, AWAY_END + 1.0), visit=again, start=4.0)[-1][1] == v.Visit()

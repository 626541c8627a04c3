"""What the lamps do is said while they do it; what they leave is the student's, in fit words."""

from dataclasses import replace

import pytest

from kiosk import visit as v
from kiosk.pipeline.judge.rules import Way
from kiosk.visit import tempo
from tests.visit.playing import GOOD, at, found, play, rule, sayings

GLARE = found(rule("glare", ok=False, good=False, who="lamps"))
CLEAR = found(rule("glare", who="lamps"))
SHINY = found(rule("highlight", ok=False, good=False, who="lamps"))
TILTED_AND_GLARING = found(
    rule("roll", good=False), rule("glare", ok=False, good=False, who="lamps")
)
ASKING = v.LampWork("glasses", sees_to=frozenset({"glare"}))
DONE = v.LampWork()


def left(way: Way | None = None) -> v.LampWork:
    return v.LampWork(leaves=frozenset({"glare"}), ways={} if way is None else {"glare": way})


def in_turn(*spells: tuple[object, float, v.LampWork]) -> list[tuple[float, v.Visit]]:
    course: list[tuple[float, v.Visit]] = []
    visit, start = at(v.Stage.GUIDE), 0.0
    for assessment, seconds, lamps in spells:
        course += play((assessment, seconds), visit=visit, start=start, lamps=lamps)  # type: ignore[arg-type]
        visit, start = course[-1][1], start + seconds
    return course


def test_while_the_lamps_see_to_a_reflection_that_is_said_and_no_chin_is_lowered() -> None:
    course = in_turn((GLARE, 20.0, ASKING), (CLEAR, 5.0, DONE))
    assert sayings(course) == ["lamps_glasses", "checking", "hold", "count"]
    shine = v.LampWork("skin", sees_to=frozenset({"highlight"}))
    assert sayings(in_turn((SHINY, 20.0, shine))) == ["lamps_skin"]


def test_what_the_lamps_do_stays_long_enough_to_be_read() -> None:
    course = in_turn((GLARE, 0.4, ASKING), (CLEAR, 5.0, DONE))
    shown = [when for when, visit in course if visit.saying.name == "lamps_glasses"]
    assert shown[-1] - shown[0] >= tempo.LAMPS_SHOWN - 0.1


def test_nothing_is_said_of_lamps_that_do_nothing() -> None:
    assert sayings(in_turn((GLARE, tempo.LAMPS_TRY - 1.0, DONE))) == ["checking"]


@pytest.mark.parametrize(
    ("way", "phrase"),
    [
        ("turn_left", "rule.glare_turn_left"),
        ("turn_right", "rule.glare_turn_right"),
        ("chin_up", "rule.glare_chin_up"),
        ("chin_down", "rule.glare"),
        (None, "rule.glare"),
    ],
)
def test_what_they_cannot_mend_is_told_at_once_with_the_way_out_of_that_light(
    way: Way | None, phrase: str
) -> None:
    course = in_turn((GLARE, 3.0, ASKING), (GLARE, 3.0, left(way)))
    assert sayings(course) == ["lamps_glasses", "mend glare"]
    first = next(when for when, visit in course if visit.instruction is not None)
    assert first - 3.0 < 0.2
    told = course[-1][1].instruction
    assert told is not None
    assert v.told(told).phrase == phrase


def test_an_instruction_about_the_students_bearing_goes_before_what_the_lamps_do() -> None:
    course = in_turn((TILTED_AND_GLARING, 3.0, ASKING), (GLARE, 3.0, ASKING))
    assert sayings(course) == ["lamps_glasses", "mend roll", "mended roll", "lamps_glasses"]


def test_what_the_lamps_take_up_anew_is_no_longer_asked_of_the_student() -> None:
    course = in_turn((GLARE, 4.0, left("turn_left")), (GLARE, 4.0, ASKING))
    assert sayings(course) == ["checking", "mend glare", "lamps_glasses"]


def test_what_they_have_given_up_is_praised_once_the_student_has_turned() -> None:
    course = in_turn((GLARE, 3.0, left("turn_right")), (CLEAR, 5.0, DONE))
    assert sayings(course) == ["checking", "mend glare", "mended glare", "hold", "count"]


def test_lamps_that_even_the_light_of_who_is_lit_well_are_not_spoken_of() -> None:
    assert sayings(in_turn((GOOD, 5.0, v.LampWork("light")))) == ["checking", "hold", "count"]


def test_without_lamps_the_student_is_asked_at_once() -> None:
    lost = replace(at(v.Stage.GUIDE), faults=frozenset({"lamps"}))
    assert sayings(play((GLARE, 3.0), visit=lost)) == ["checking", "mend glare"]

"""The schedule asked: whose turn it is, and what becomes of who comes at another time or place."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from protocol.configuration import ToldSettings
from protocol.schedule import SHANGHAI, Slot
from protocol.timetable import MOST_SHOWN, Timetable
from protocol.turn import NO_AGENDA, Ruling, Standing

LIBRARY, GYM = "图书馆一层", "体育馆"
LAW, ARTS, MEDICINE, PHYSICS = "法学院", "文学院", "医学院", "物理学院"


def at(clock: str, day: int = 1) -> datetime:
    """A time in June 2026, in China."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 6, day, hour, minute, tzinfo=SHANGHAI)


def slot(begins: str, ends: str, *colleges: str, place: str = LIBRARY, day: int = 1) -> Slot:
    return Slot(
        place=place, starts_at=at(begins, day), ends_at=at(ends, day), colleges=tuple(colleges)
    )


SLOTS = (
    slot("8:30", "9:30", LAW),
    slot("9:30", "10:30", ARTS, "历史学院"),
    slot("9:30", "10:30", MEDICINE, place=GYM),
    slot("14:00", "15:00", LAW),
    slot("9:00", "11:00", ARTS, day=2),
    slot("9:00", "11:00", MEDICINE, day=3),
)


def table(place: str = LIBRARY, **rules: Ruling) -> Timetable:
    return Timetable(SLOTS, place, ToldSettings.model_validate(rules))


@pytest.mark.parametrize(
    ("college", "when", "standing", "theirs"),
    [
        (LAW, at("8:29"), "early", at("8:30")),
        (LAW, at("8:30"), "now", at("8:30")),
        (LAW, at("9:29"), "now", at("8:30")),
        (LAW, at("9:30"), "early", at("14:00")),  # their second time today
        (LAW, at("15:00"), "late", at("14:00")),
        (LAW, at("8:30", day=4), "late", at("14:00")),
        (ARTS, at("10:30"), "late", at("9:00", day=2)),  # and told of the next one
        (MEDICINE, at("9:45"), "elsewhere", at("9:30")),
        (MEDICINE, at("8:45"), "early", at("9:00", day=3)),
        (MEDICINE, at("9:30", day=3), "now", at("9:00", day=3)),
    ],
)
def test_a_student_is_early_late_elsewhere_or_right(
    college: str, when: datetime, standing: Standing, theirs: datetime
) -> None:
    turn = table().find_turn(college, when)
    assert turn is not None
    assert (turn.standing, turn.slot.starts_at, turn.ruling) == (standing, theirs, "admit")
    assert turn.to_come is (theirs > when)


def test_at_the_other_place_it_is_their_turn() -> None:
    turn = table(GYM).find_turn(MEDICINE, at("9:45"))
    assert turn is not None
    assert turn.standing == "now"


def test_of_a_college_that_the_schedule_does_not_name_nothing_is_said() -> None:
    assert table(early="turn_away", late="turn_away").find_turn(PHYSICS, at("9:00")) is None
    assert Timetable().find_turn(LAW, at("9:00")) is None


def test_a_time_without_colleges_is_everybodys() -> None:
    open_day = Timetable((slot("9:00", "12:00"),), LIBRARY)
    turn = open_day.find_turn(PHYSICS, at("9:00"))
    assert turn is not None
    assert turn.standing == "now"


def test_a_place_that_no_slot_names_tells_no_places_apart() -> None:
    turn = table("1", wrong_place="turn_away").find_turn(MEDICINE, at("9:45"))
    assert turn is not None
    assert (turn.standing, turn.ruling) == ("now", "admit")


@pytest.mark.parametrize("place", ["图书馆 一层", "图书馆一层\u3000", " 图书馆一层"])
def test_a_place_written_by_another_hand_is_the_same_place(place: str) -> None:
    assert table(place).knows_place
    assert table(place).agenda(at("9:00")) == table().agenda(at("9:00"))


@pytest.mark.parametrize("ruling", ["admit", "wait", "turn_away"])
@pytest.mark.parametrize(
    ("rule", "college", "when"),
    [
        ("early", LAW, at("8:20")),
        ("late", LAW, at("15:10", day=1)),
        ("wrong_place", MEDICINE, at("9:45")),
    ],
)
def test_the_institution_decides_what_becomes_of_them(
    rule: str, college: str, when: datetime, ruling: Ruling
) -> None:
    turn = table(**{rule: ruling}).find_turn(college, when)
    assert turn is not None
    free_already = (rule, ruling) == ("late", "wait")  # nobody's turn: there is nothing to wait for
    assert turn.ruling == ("admit" if free_already else ruling)


def test_who_is_early_waits_for_their_time() -> None:
    turn = table(early="wait").find_turn(LAW, at("8:20"))
    assert turn is not None
    assert (turn.begins_at, turn.seconds_left) == (at("8:30"), 600.0)


def test_who_is_late_or_elsewhere_waits_until_it_is_nobodys_turn() -> None:
    all_day = (*SLOTS, slot("10:30", "11:00", PHYSICS))
    waiting = Timetable(all_day, LIBRARY, ToldSettings(late="wait", wrong_place="wait"))
    for college, when in ((MEDICINE, at("9:45")), (ARTS, at("10:45"))):
        turn = waiting.find_turn(college, when)
        assert turn is not None
        assert (turn.ruling, turn.begins_at) == ("wait", at("11:00"))


def test_an_agenda_says_whose_turn_it_is_and_who_comes_next() -> None:
    agenda = table().agenda(at("9:00"))
    assert [one.colleges for one in agenda.now] == [(LAW,)]
    assert [one.starts_at for one in agenda.coming] == [
        at("9:30"),
        at("14:00"),
        at("9:00", day=2),
    ][:MOST_SHOWN]
    assert table().agenda(at("12:00", day=5)).now == ()
    assert Timetable().agenda(at("9:00")) == NO_AGENDA


def test_a_moment_is_the_same_in_every_zone() -> None:
    for zone in (UTC, timezone(timedelta(hours=-5)), timezone(timedelta(hours=14))):
        moment = at("8:45").astimezone(zone)
        assert table().agenda(moment) == table().agenda(at("8:45"))
        turn = table().find_turn(LAW, moment)
        assert turn is not None
        assert turn.standing == "now"


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's zone is another one."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_new_york")
def test_a_day_is_chinas_whatever_the_machines_zone() -> None:
    moment = datetime.fromtimestamp(at("9:40").timestamp()).astimezone()
    assert moment.day == 31  # it is the evening before there
    turn = table().find_turn(LAW, moment)
    assert turn is not None
    assert (turn.standing, turn.slot.starts_at) == ("early", at("14:00"))  # today's second time

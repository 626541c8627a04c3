"""Several booths: no path leads to a fourth standardisation, a second photo, or a lost one."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from protocol.roster import Wait
from tests.sync.several_booths import Hall, code_of

UNHURRIED = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def hall() -> Iterator[Hall]:
    """Four booths that have synced; it is nine in the morning."""
    hall = Hall()
    hall.booths_have_been_set_up(4)
    yield hall
    hall.teardown()


def visits(hall: Hall, booth: int, count: int = 1, minutes: int = 5) -> list[object]:
    """What a student who likes no photo is told at a booth, time after time."""
    one, told = hall.booths[booth], list[object]()
    for _ in range(count):
        with one.clocks():
            found = one.link.resolve(code_of(0)) if one.link.has_right_clock() else "clock"
        told.append("admitted" if not isinstance(found, str | Wait) else found)
        if told[-1] == "admitted":
            one.link.make(one.link.begun)
        hall.leave(one)
        hall.time_passes(minutes)
    return told


def cut(hall: Hall, *booths: int) -> None:
    for booth in booths:
        hall.booths[booth].line.is_up = False


def test_with_a_network_a_student_is_photographed_three_times_and_waits_from_the_last(
    hall: Hall,
) -> None:
    assert visits(hall, 0, 2) == ["admitted"] * 2
    assert visits(hall, 1) == ["admitted"]
    last = hall.now - timedelta(minutes=5)
    assert visits(hall, 2, 2) == [Wait(last + timedelta(days=1))] * 2
    hall.time_passes(1440)
    assert visits(hall, 3) == ["admitted"]


def test_who_comes_again_at_once_waits_until_the_other_booths_have_heard(hall: Hall) -> None:
    one = hall.booths[0]
    first, second = visits(hall, 0, 2, minutes=0)[:2]
    assert first == "admitted"
    if second != "admitted":  # where the first has not used the booth's own share
        assert isinstance(second, Wait)
        assert second.until <= hall.now + timedelta(minutes=3)
    hall.time_passes(5)
    assert one.line.is_up
    assert visits(hall, 0) == ["admitted"]


def test_without_a_network_all_booths_together_make_no_fourth_one(hall: Hall) -> None:
    cut(hall, 0, 1, 2, 3)
    told = [each for booth in range(4) for each in visits(hall, booth, 4)]
    assert told.count("admitted") == 2  # the third can be asked for alone
    assert set(told) == {"admitted", "network_needed"}
    hall.booths[0].line.is_up = True
    hall.time_passes(5)  # what it made itself it tells; the others are silent still
    told += visits(hall, 0, 3)
    assert told.count("admitted") <= 3


def test_a_booth_that_has_heard_of_a_visit_elsewhere_makes_none_unasked(hall: Hall) -> None:
    assert visits(hall, 0) == ["admitted"]
    cut(hall, 1, 2, 3)
    assert [visits(hall, booth)[0] for booth in (1, 2, 3)] == ["network_needed"] * 3
    hall.time_passes(1440)  # the next day is another, of which they have their shares
    told = [visits(hall, booth)[0] for booth in (1, 2, 3)]
    assert "admitted" in told


def test_after_a_start_without_network_a_clock_that_is_ahead_opens_no_other_day(
    hall: Hall,
) -> None:
    cut(hall, 0, 1, 2, 3)
    assert [visits(hall, booth)[0] for booth in range(4)].count("admitted") == 2
    for booth in range(4):
        hall.a_machine_starts_anew_and_its_clock_shows_what_it_likes(booth, 1)
        assert visits(hall, booth) == ["network_needed"]


def test_a_visit_that_comes_to_no_photo_counts_nowhere(hall: Hall) -> None:
    for booth in (0, 1, 2, 3) * 2:
        hall.a_student_scans(booth)
        assert hall.booths[booth].admitted is not None
        hall.a_student_goes(booth)
        hall.time_passes(5)
    hall.a_student_scans(0)
    hall.the_power_fails(0)
    hall.a_student_scans(0)  # the booth that starts again says so before all
    hall.a_student_goes(0)
    hall.time_passes(5)
    assert visits(hall, 1, 3) == ["admitted"] * 3


def test_a_booth_that_is_new_has_a_share_once_the_others_know_of_it() -> None:
    hall = Hall()
    hall.booths_have_been_set_up(2)
    cut(hall, 0)
    hall.booths[2].sync()
    hall.time_passes(60)
    cut(hall, 1, 2)
    told = [each for booth in (0, 1, 2) for each in visits(hall, booth, 4)]
    assert told.count("admitted") == 3
    hall.teardown()


def test_no_path_leads_to_a_fourth_photo_on_a_day_nor_to_a_second_or_a_lost_one() -> None:
    some = settings(UNHURRIED, max_examples=4, stateful_step_count=20, derandomize=True)
    run_state_machine_as_test(Hall, settings=some)


@pytest.mark.soak
def test_nor_does_any_of_many_long_paths() -> None:
    many = settings(UNHURRIED, max_examples=200, stateful_step_count=50)
    run_state_machine_as_test(Hall, settings=many)

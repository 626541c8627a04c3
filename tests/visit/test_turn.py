"""The schedule in a visit: greeted, told to wait, or told when and where to come."""

from dataclasses import replace

import pytest

from kiosk import visit as v
from protocol.turn import Standing
from tests.visit.playing import EARLY, LIN, at, do

TOLD: dict[Standing, v.Reason] = {
    "early": "too_early",
    "late": "too_late",
    "elsewhere": "wrong_place",
}


@pytest.mark.parametrize("standing", ["now", *TOLD])
def test_whom_the_institution_admits_is_asked_whether_it_is_them(standing: Standing) -> None:
    turn = replace(EARLY, standing=standing, ruling="admit", seconds_left=0.0)
    visit = do(at(v.Stage.RESOLVING), v.Admitted(LIN, turn))
    assert (visit.stage, visit.student, visit.turn) == (v.Stage.CONFIRM, LIN, turn)


@pytest.mark.parametrize(("standing", "reason"), TOLD.items())
def test_who_is_turned_away_is_told_when_and_where(standing: Standing, reason: v.Reason) -> None:
    turn = replace(EARLY, standing=standing, ruling="turn_away")
    visit, effects = v.step(at(v.Stage.RESOLVING), v.Admitted(LIN, turn))
    assert (visit.stage, visit.reason, visit.turn) == (v.Stage.TURNED_AWAY, reason, turn)
    assert visit.student is None
    assert v.Forget() in effects


def test_who_missed_one_time_and_has_another_is_told_of_that() -> None:
    turn = replace(EARLY, standing="late", ruling="turn_away", to_come=True)
    assert do(at(v.Stage.RESOLVING), v.Admitted(LIN, turn)).reason == "too_early"


def test_who_waits_goes_on_by_themselves_when_it_is_time() -> None:
    visit, effects = v.step(at(v.Stage.RESOLVING), v.Admitted(LIN, EARLY))
    assert visit.stage is v.Stage.WAITING
    assert v.Wait(EARLY.seconds_left) in effects
    assert do(visit, v.TimedOut()).stage is v.Stage.CONFIRM


def test_larger_letters_make_nobody_wait_longer() -> None:
    slow = replace(at(v.Stage.RESOLVING), view=v.View(larger=True))
    _, effects = v.step(slow, v.Admitted(LIN, EARLY))
    assert v.Wait(EARLY.seconds_left) in effects


def test_who_waits_may_leave() -> None:
    visit, effects = v.step(do(at(v.Stage.RESOLVING), v.Admitted(LIN, EARLY)), v.Tapped("cancel"))
    assert (visit, effects) == (v.Visit(), (v.Forget(),))


def test_who_waits_makes_room_for_who_scans_meanwhile() -> None:
    waiting = do(at(v.Stage.RESOLVING), v.Admitted(LIN, EARLY))
    visit, effects = v.step(waiting, v.CodeRead("another"))
    assert (visit.stage, visit.code) == (v.Stage.CONSENT, "another")
    assert (visit.student, visit.turn) == (None, None)
    assert effects[0] == v.Forget()


def test_nobody_waits_at_the_booth_for_longer_than_it_bears() -> None:
    long = replace(EARLY, seconds_left=v.PATIENCE[v.Stage.WAITING] + 1)
    visit = do(at(v.Stage.RESOLVING), v.Admitted(LIN, long))
    assert (visit.stage, visit.reason, visit.turn) == (v.Stage.TURNED_AWAY, "too_early", long)


def test_of_whom_the_schedule_says_nothing_goes_on_as_ever() -> None:
    visit = do(at(v.Stage.RESOLVING), v.Admitted(LIN))
    assert (visit.stage, visit.turn) == (v.Stage.CONFIRM, None)
